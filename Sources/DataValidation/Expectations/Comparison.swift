import Statistics
import Tabular

/// A rule across columns, such as `start <= end` or `net + tax == gross within 0.01`.
///
/// Either side is a sum of columns, numbers and times, each column of which may be multiplied by a number. Names that hold other characters
/// than letters, digits and `_`, or begin with a digit, stand in double quotes. Rows in which one of the columns is missing are passed over.
package struct Comparison: Sendable, Hashable {
  enum Relation: String, Sendable, Hashable, CaseIterable {
    case atMost = "<=", atLeast = ">=", equal = "==", unequal = "!=", below = "<", above = ">"
  }

  /// A number as it is written.
  struct Constant: Sendable, Hashable {
    var value: Double
    /// The same exactly, where it is a whole number of 64 bits.
    var whole: Int64?
  }

  /// A column times a factor.
  struct Term: Sendable, Hashable {
    var column: Int
    var factor: Constant
    /// 1 on the left side, −1 on the right one or behind a minus.
    var sign: Int

    var signedFactor: Double { Double(sign) * factor.value }
  }

  /// As it is written.
  package let text: String
  /// The columns that it names, each once.
  package private(set) var columns: [String] = []
  /// Left side less right side: terms and numbers.
  private(set) var terms: [Term] = []
  private(set) var constants: [(sign: Int, number: Constant)] = []
  /// Dates, which stand for their first moment, and timestamps.
  private(set) var instants: [(sign: Int, microseconds: Int64)] = []
  private(set) var relation = Relation.equal
  /// By how much two sides may differ and still be equal.
  private(set) var tolerance = 0.0

  package static func == (left: Comparison, right: Comparison) -> Bool { left.text == right.text }

  package func hash(into hasher: inout Hasher) { hasher.combine(text) }

  /// How often a time is left when what is on one side is taken from what is on the other: 0 where times are held against
  /// times. `isTime` says which columns have times.
  func surplusOfTimes(_ isTime: (Int) -> Bool) -> Double {
    terms.reduce(0) { $0 + (isTime($1.column) ? $1.signedFactor : 0) } + instants.reduce(0) { $0 + Double($1.sign) }
  }

  /// Whether it only asks if one column is the same as another one, or is not.
  var isOfTwoAsTheyAre: Bool {
    (relation == .equal || relation == .unequal) && tolerance == 0 && constants.isEmpty && instants.isEmpty
      && columns.count == 2 && terms.count == 2 && terms.allSatisfy { $0.factor.whole == 1 }
      && terms[0].sign != terms[1].sign
  }

  /// Whether it holds for a row whose numbers `value` gives; nil where one is missing. With the rounding of doubles.
  func holds(_ value: (Int) -> Double) -> Bool? {
    var gap = constants.reduce(0) { $0 + Double($1.sign) * $1.number.value }
    for instant in instants { gap += Double(instant.sign) * Double(instant.microseconds) / 1_000_000 }
    for term in terms { gap += term.signedFactor * value(term.column) }
    if gap.isNaN { return nil }
    return holds(gap: gap, tolerance: tolerance)
  }

  /// The same for sums that keep some 106 bits, for whole numbers that are no doubles. None may be missing.
  func holds(precisely value: (Int) -> DoubleDouble) -> Bool {
    var gap = DoubleDouble(0)
    for constant in constants { gap += DoubleDouble(Double(constant.sign)) * constant.number.precise }
    for instant in instants {
      gap += DoubleDouble(Double(instant.sign)) * DoubleDouble(whole: instant.microseconds) / DoubleDouble(1_000_000)
    }
    for term in terms { gap += DoubleDouble(Double(term.sign)) * term.factor.precise * value(term.column) }
    // What is compared is the sign of the difference, which a double has.
    func difference(_ bound: Double) -> Double {
      let rest = gap - DoubleDouble(bound)
      return rest.high == 0 ? rest.low : rest.high
    }
    let (low, high) = (difference(-tolerance), difference(tolerance))
    switch relation {
    case .atMost: return high <= 0
    case .atLeast: return low >= 0
    case .equal: return low >= 0 && high <= 0
    case .unequal: return low < 0 || high > 0
    case .below: return high < 0
    case .above: return low > 0
    }
  }

  private func holds(gap: Double, tolerance: Double) -> Bool {
    switch relation {
    case .atMost: gap <= tolerance
    case .atLeast: gap >= -tolerance
    case .equal: abs(gap) <= tolerance
    case .unequal: abs(gap) > tolerance
    case .below: gap < tolerance || gap == 0 && tolerance > 0
    case .above: gap > -tolerance || gap == 0 && tolerance > 0
    }
  }
}

extension Comparison.Constant {
  var precise: DoubleDouble { whole.map(DoubleDouble.init(whole:)) ?? DoubleDouble(value) }
}

extension DoubleDouble {
  /// A whole number of 64 bits, exactly.
  init(whole: Int64) {
    let high = Double(whole)
    self = DoubleDouble.sum(high, Double(Int128(whole) - Int128(high)))
  }
}

/// A comparison as one of whole numbers alone: exact, whatever their size.
struct WholeComparison {
  private let relation: Comparison.Relation
  private let terms: [(column: Int, factor: Int128)]
  private let constant: Int128
  /// The tolerance rounded down, and rounded up.
  private let floor: Int128
  private let ceiling: Int128

  /// Of columns that are whole; `units` says how much 1 of each is: dates, timestamps and numbers of seconds are
  /// microseconds. Nil where factors or constants are no whole numbers.
  init?(_ comparison: Comparison, unit: Int128, units: [Int128]) {
    relation = comparison.relation
    var terms: [(column: Int, factor: Int128)] = []
    for term in comparison.terms {
      guard let whole = term.factor.whole else { return nil }
      terms.append((term.column, Int128(term.sign) * Int128(whole) * units[term.column]))
    }
    var constant: Int128 = 0
    for (sign, number) in comparison.constants {
      guard let scaled = number.scaled(by: unit) else { return nil }
      constant += Int128(sign) * scaled
    }
    // Where there are instants, the unit of times is the microsecond.
    for instant in comparison.instants { constant += Int128(instant.sign) * Int128(instant.microseconds) }
    self.terms = terms
    self.constant = constant
    let tolerance = min(1e30, comparison.tolerance * Double(unit))
    floor = Int128(tolerance.rounded(.down))
    ceiling = Int128(tolerance.rounded(.up))
  }

  /// Whether it holds for a row; nil where the sums are beyond 128 bits.
  func holds(_ value: (Int) -> Int64) -> Bool? {
    var gap = constant
    for (column, factor) in terms {
      let (product, isTooLarge) = factor.multipliedReportingOverflow(by: Int128(value(column)))
      let (sum, overflows) = gap.addingReportingOverflow(product)
      if isTooLarge || overflows { return nil }
      gap = sum
    }
    switch relation {
    case .atMost: return gap <= floor
    case .atLeast: return gap >= -floor
    case .equal: return gap <= floor && gap >= -floor
    case .unequal: return gap > floor || gap < -floor
    case .below: return gap < ceiling
    case .above: return gap > -ceiling
    }
  }
}

extension Comparison.Constant {
  /// In units of which there are so many in 1; nil where it is no whole number of them.
  fileprivate func scaled(by unit: Int128) -> Int128? {
    if let whole { return Int128(whole) * unit }
    let scaled = value * Double(unit)
    return scaled.rounded() == scaled && abs(scaled) < 0x1p53 ? Int128(scaled) : nil
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
      guard let number = scanner.number()?.value, number >= 0 else {
        throw scanner.problem("a number that is not negative")
      }
      tolerance = number
    }
    if !scanner.isAtEnd { throw scanner.problem("the end") }
    if columns.isEmpty { throw ComparisonProblem(offset: 0, expected: "a column") }
  }

  private mutating func side(_ scanner: inout ComparisonScanner, sign: Int) throws(ComparisonProblem) {
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

  private mutating func term(_ scanner: inout ComparisonScanner, sign: Int) throws(ComparisonProblem) {
    if let microseconds = scanner.instant() {
      instants.append((sign, microseconds))
      return
    }
    guard let number = scanner.number() else {
      guard let name = scanner.name() else { throw scanner.problem("a column or a number") }
      return add(name, sign, Constant(value: 1, whole: 1))
    }
    guard scanner.take("*") else {
      constants.append((sign, number))
      return
    }
    guard let name = scanner.name() else { throw scanner.problem("a column") }
    add(name, sign, number)
  }

  private mutating func add(_ name: String, _ sign: Int, _ factor: Constant) {
    if !columns.contains(name) { columns.append(name) }
    terms.append(Term(column: columns.firstIndex(of: name) ?? 0, factor: factor, sign: sign))
  }
}
