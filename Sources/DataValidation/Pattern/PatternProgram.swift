/// A regular expression as an automaton: nodes that lead to others.
struct PatternProgram: Sendable {
  enum Node: Sendable {
    /// Takes a character of set number `set`.
    case scalar(set: Int, next: Int)
    case assertion(PatternNode.Assertion, next: Int)
    case split(Int, Int)
    case accept
  }

  private(set) var nodes: [Node] = [.accept]
  private(set) var sets: [ScalarSet] = []
  private(set) var start = 0
  /// Whether words matter, so that it has to be known what character came before.
  private(set) var knowsWords = false
  private var steps = 0
  /// How much an expression may be when every `{n}` is written out.
  private static let nodeLimit = 10_000

  /// Lays an expression out. Throws where it is too large.
  init(_ node: PatternNode) throws(PatternProblem) { start = try add(node, before: 0) }

  /// Adds nodes for an expression that go on to `next`, and returns the first of them.
  private mutating func add(_ node: PatternNode, before next: Int) throws(PatternProblem) -> Int {
    steps += 1
    // Repetitions of nothing add no nodes, but take time.
    if nodes.count > Self.nodeLimit || steps > 10 * Self.nodeLimit {
      throw PatternProblem(
        offset: 0, length: 1,
        message: "written out, it has more than \(Self.nodeLimit) parts; use smaller numbers in {…}")
    }
    switch node {
    case .empty: return next
    case .scalar(let set):
      sets.append(set)
      return append(.scalar(set: sets.count - 1, next: next))
    case .assertion(let assertion):
      if assertion == .wordBoundary || assertion == .noWordBoundary { knowsWords = true }
      return append(.assertion(assertion, next: next))
    case .sequence(let parts):
      var first = next
      for part in parts.reversed() { first = try add(part, before: first) }
      return first
    case .choice(let branches):
      var first = try add(branches[branches.count - 1], before: next)
      for branch in branches.dropLast().reversed() { first = append(.split(try add(branch, before: next), first)) }
      return first
    case .repeated(let part, let least, let most):
      var first = next
      if let most {
        for _ in least..<max(least, most) { first = append(.split(try add(part, before: first), next)) }
      } else {
        // The loop goes back to a split that is known before what it leads to.
        let loop = append(.split(next, next))
        nodes[loop] = .split(try add(part, before: loop), next)
        first = loop
      }
      for _ in 0..<least { first = try add(part, before: first) }
      return first
    }
  }

  private mutating func append(_ node: Node) -> Int {
    nodes.append(node)
    return nodes.count - 1
  }
}
