/// A rule across columns, such as `start <= end` or `net + tax == gross within 0.01`.
///
/// Either side is a sum of columns and numbers, each of which may be multiplied by a number. Names that hold other characters
/// than letters, digits and `_`, or begin with a digit, stand in double quotes. Rows in which one of the columns is missing are passed over.
package struct Comparison: Sendable, Hashable {
  enum Relation: String, Sendable, Hashable, CaseIterable {
    case atMost = "<=", atLeast = ">=", equal = "==", unequal = "!=", below = "<", above = ">"
  }

  /// A column times a factor.
  struct Term: Sendable, Hashable {
    var column: Int
    var factor: Double
  }

  /// As it is written.
  package let text: String
  /// The columns that it names, each once.
  package private(set) var columns: [String] = []
  /// Left side less right side: terms and a number.
  private(set) var terms: [Term] = []
  private(set) var constant = 0.0
  private(set) var relation = Relation.equal
  /// By how much two sides may differ and still be equal.
  private(set) var tolerance = 0.0

  /// Whether it holds for a row whose numbers `value` gives; nil where one is missing.
  func holds(_ value: (Int) -> Double) -> Bool? {
    var gap = constant
    for term in terms { gap += term.factor * value(term.column) }
    if gap.isNaN { return nil }
    switch relation {
    case .atMost: return gap <= tolerance
    case .atLeast: return gap >= -tolerance
    case .equal: return abs(gap) <= tolerance
    case .unequal: return abs(gap) > tolerance
    case .below: return gap < tolerance || gap == 0 && tolerance > 0
    case .above: return gap > -tolerance || gap == 0 && tolerance > 0
    }
  }
}

/// Where the text of a comparison cannot be read: bytes from the start, and what was expected there.
package struct ComparisonProblem: Error, Sendable, Hashable {
  package var offset: Int
  package var expected: String
}

extension Comparison {
  /// Reads a comparison. Throws the first problem.
  package init(parsing text: String) throws(ComparisonProblem) {
    self.text = text
    var scanner = ComparisonScanner(text)
    try side(&scanner, sign: 1)
    guard let relation = Relation.allCases.first(where: { scanner.take($0.rawValue) }) else {
      throw scanner.problem("one of <=, <, ==, !=, >=, >")
    }
    self.relation = relation
    try side(&scanner, sign: -1)
    if scanner.take("within") {
      guard let number = scanner.number(), number >= 0 else { throw scanner.problem("a number that is not negative") }
      tolerance = number
    }
    if !scanner.isAtEnd { throw scanner.problem("the end") }
    if columns.isEmpty { throw ComparisonProblem(offset: 0, expected: "a column") }
  }

  private mutating func side(_ scanner: inout ComparisonScanner, sign: Double) throws(ComparisonProblem) {
    try term(&scanner, sign: scanner.take("-") ? -sign : sign)
    while true {
      if scanner.take("+") {
        try term(&scanner, sign: sign)
      } else if scanner.take("-") {
        try term(&scanner, sign: -sign)
      } else {
        return
      }
    }
  }

  private mutating func term(_ scanner: inout ComparisonScanner, sign: Double) throws(ComparisonProblem) {
    guard let number = scanner.number() else {
      guard let name = scanner.name() else { throw scanner.problem("a column or a number") }
      return add(name, sign)
    }
    guard scanner.take("*") else {
      constant += sign * number
      return
    }
    guard let name = scanner.name() else { throw scanner.problem("a column") }
    add(name, sign * number)
  }

  private mutating func add(_ name: String, _ factor: Double) {
    if !columns.contains(name) { columns.append(name) }
    terms.append(Term(column: columns.firstIndex(of: name) ?? 0, factor: factor))
  }
}
