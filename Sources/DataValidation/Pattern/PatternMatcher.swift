import Basics

/// Runs texts through the automaton of a `Pattern`, remembering which sets of nodes come after which (a DFA made on
/// demand). O(length) a text with what is remembered, O(length × parts) at worst. One thread at a time.
package final class PatternMatcher {
  /// Nodes that may come next, and what is behind them.
  private struct State: Hashable {
    var nodes: [Int32]
    var isAtStart: Bool
    var followsWord: Bool
  }

  private let program: PatternProgram
  private let cancellation: Cancellation
  private var states: [State] = []
  private var numbers: [State: Int32] = [:]
  /// By state and ASCII character: the state behind it, −1 where not known yet.
  private var table: [Int32] = []
  private var others: [UInt64: Int32] = [:]
  /// By state: whether a text may end there, −1 where not known yet.
  private var ends: [Int8] = []
  private var start: Int32 = 0
  private var marks: [Int]
  private var round = 0
  private static let stateLimit = 2000
  /// A state without nodes: nothing that follows can match.
  private static let dead: Int32 = 0

  init(_ program: PatternProgram, _ cancellation: Cancellation) {
    self.program = program
    self.cancellation = cancellation
    marks = [Int](repeating: 0, count: program.nodes.count)
    forget()
  }

  /// Whether a text matches as a whole. Throws `Cancelled`.
  package func matches(_ text: String) throws -> Bool {
    var text = text
    return try text.withUTF8 { try matches($0) }
  }

  /// The same for the UTF-8 of a text.
  func matches(_ bytes: UnsafeBufferPointer<UInt8>) throws -> Bool {
    var state = start
    var iterator = bytes.makeIterator()
    var decoder = Unicode.UTF8()
    var count = 0
    while true {
      count += 1
      if count & 0xFFFF == 0 { try cancellation.check() }
      switch decoder.decode(&iterator) {
      case .scalarValue(let scalar): state = step(state, scalar)
      case .error: state = step(state, "\u{FFFD}")
      case .emptyInput: return mayEnd(state)
      }
      if state == Self.dead { return false }
    }
  }

  private func forget() {
    states = []
    numbers = [:]
    table = []
    others = [:]
    ends = []
    _ = number(State(nodes: [], isAtStart: false, followsWord: false))
    start = number(State(nodes: closure([program.start]), isAtStart: true, followsWord: false))
  }

  private func number(_ state: State) -> Int32 {
    if let known = numbers[state] { return known }
    let number = Int32(states.count)
    states.append(state)
    numbers[state] = number
    table += repeatElement(-1, count: 128)
    ends.append(-1)
    return number
  }

  private func step(_ state: Int32, _ scalar: Unicode.Scalar) -> Int32 {
    if scalar.isASCII {
      let place = Int(state) * 128 + Int(scalar.value)
      if table[place] >= 0 { return table[place] }
      let (next, isKept) = successor(state, scalar)
      if isKept { table[place] = next }
      return next
    }
    let key = UInt64(UInt32(bitPattern: state)) << 32 | UInt64(scalar.value)
    if let known = others[key] { return known }
    let (next, isKept) = successor(state, scalar)
    if isKept, others.count < 16 * Self.stateLimit { others[key] = next }
    return next
  }

  /// The state behind a character, and whether `state` is still what it was.
  private func successor(_ number: Int32, _ scalar: Unicode.Scalar) -> (Int32, Bool) {
    let state = states[Int(number)]
    let isWord = program.knowsWords && scalar.isPartOfWord
    let ready = resolved(state, nextIsWord: isWord, isAtEnd: false)
    var targets: [Int] = []
    for node in ready {
      if case .scalar(let set, let next) = program.nodes[Int(node)], program.sets[set].contains(scalar) {
        targets.append(next)
      }
    }
    let nodes = closure(targets)
    let next =
      nodes.isEmpty
      ? State(nodes: [], isAtStart: false, followsWord: false)
      : State(nodes: nodes, isAtStart: false, followsWord: isWord)
    guard states.count >= Self.stateLimit, numbers[next] == nil else { return (self.number(next), true) }
    forget()
    return (self.number(next), false)
  }

  private func mayEnd(_ number: Int32) -> Bool {
    if ends[Int(number)] >= 0 { return ends[Int(number)] == 1 }
    let accepts = resolved(states[Int(number)], nextIsWord: false, isAtEnd: true).contains(0)
    ends[Int(number)] = accepts ? 1 : 0
    return accepts
  }

  /// The nodes that are reached without a character, sorted; assertions wait for what comes next.
  private func closure(_ nodes: [Int]) -> [Int32] {
    collect(nodes) { _ in false }
  }

  /// The nodes behind the assertions that hold where a state is.
  private func resolved(_ state: State, nextIsWord: Bool, isAtEnd: Bool) -> [Int32] {
    let hasAssertions = state.nodes.contains { node in
      if case .assertion = program.nodes[Int(node)] { true } else { false }
    }
    if !hasAssertions { return state.nodes }
    return collect(state.nodes.map(Int.init)) { assertion in
      switch assertion {
      case .start: state.isAtStart
      case .end: isAtEnd
      case .wordBoundary: state.followsWord != nextIsWord
      case .noWordBoundary: state.followsWord == nextIsWord
      }
    }
  }

  private func collect(_ nodes: [Int], holds: (PatternNode.Assertion) -> Bool) -> [Int32] {
    round += 1
    var open = nodes
    var found: [Int32] = []
    while let node = open.popLast() {
      if marks[node] == round { continue }
      marks[node] = round
      switch program.nodes[node] {
      case .split(let first, let second): open += [first, second]
      case .assertion(let assertion, let next):
        found.append(Int32(node))
        if holds(assertion) { open.append(next) }
      case .scalar, .accept: found.append(Int32(node))
      }
    }
    return found.sorted()
  }
}
