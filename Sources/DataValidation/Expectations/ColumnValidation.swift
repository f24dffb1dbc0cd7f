import Basics
import Tabular

/// One column held against its expectations; each family of rules has a file of its own.
struct ColumnValidation {
  let column: Column
  let expected: ColumnExpectations
  let severity: Expectations.Severity
  /// Microseconds since 1970-01-01T00:00:00Z.
  let now: Int64?
  /// What is known of the column already.
  let profile: ColumnProfile?
  let detail: ProfileDetail
  /// Rows read at a time.
  static let blockRows = 8192

  init(
    _ column: Column, _ expected: ColumnExpectations, _ severity: Expectations.Severity, now: Int64?,
    profile: ColumnProfile?, detail: ProfileDetail
  ) {
    self.profile = profile
    self.detail = detail
    self.column = column
    self.expected = expected
    self.severity = severity
    self.now = now
  }

  func observations(_ cancellation: Cancellation) throws -> [Observation] {
    try typeRules() + rangeRules(cancellation) + valueRules(cancellation) + uniqueRules(cancellation) + missingRules()
      + patternRules(cancellation) + lengthRules(cancellation) + orderRules(cancellation)
      + distributionRules(cancellation) + freshnessRules(cancellation)
  }

  /// An expectation of this column with what was found: a breach where `words` says so.
  func observation(
    _ rule: Finding.Rule, expected: JSON, observed: JSON, breach words: String? = nil, _ tally: RowTally = RowTally()
  ) -> Observation {
    Observation(
      column: column.name, rule, expected: expected, observed: observed, severity, breach: words, tally,
      of: column.rowCount)
  }

  /// A column without any value fits every type.
  private func typeRules() -> [Observation] {
    guard let type = expected.type else { return [] }
    let fits =
      switch type {
      case _ where column.missingCount == column.rowCount: true
      case .number: column.type == .number || column.type == .integer
      case .text: column.type == .text || column.type == .category
      default: column.type == type
      }
    return [
      observation(
        .type, expected: JSON(type.rawValue), observed: JSON(column.type.rawValue),
        breach: fits ? nil : "is of type \(column.type), expected \(type)")
    ]
  }

  private func missingRules() -> [Observation] {
    guard let limit = expected.missing else { return [] }
    let share = column.rowCount == 0 ? 0 : Double(column.missingCount) / Double(column.rowCount)
    if share <= limit { return [observation(.missing, expected: JSON(limit), observed: JSON(share))] }
    var tally = RowTally()
    for row in 0..<column.rowCount where column.isMissing(row) { tally.add(row: row) }
    return [
      observation(
        .missing, expected: JSON(limit), observed: JSON(share),
        breach: "is missing more often than \(percentage(limit)),", tally)
    ]
  }
}
