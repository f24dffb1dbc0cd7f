import Basics
import Tabular

/// One column held against its expectations.
struct ColumnValidation {
  private let column: Column
  private let expected: ColumnExpectations
  /// Rows read at a time.
  private static let blockRows = 8192

  init(_ column: Column, _ expected: ColumnExpectations) {
    self.column = column
    self.expected = expected
  }

  func findings(_ cancellation: Cancellation) throws -> [Finding] {
    var findings: [Finding] = []
    if let finding = typeFinding() { findings.append(finding) }
    findings += try rangeFindings(cancellation)
    if let values = expected.values {
      let allowed = Set(values.map { Array($0.utf8) })
      let message = "holds values that are not among the \(values.count) allowed"
      findings += try textFinding(.values, JSON(values), message, cancellation) { allowed.contains(Array($0.utf8)) }
    }
    if expected.unique { findings += try uniqueFinding(cancellation) }
    if let finding = missingFinding() { findings.append(finding) }
    if let pattern = expected.pattern {
      guard let regex = try? Regex(pattern) else { throw ExpectationError.badPattern(pattern, column: column.name) }
      findings += try textFinding(.pattern, JSON(pattern), "holds values that do not match '\(pattern)'", cancellation)
      {
        (try? regex.wholeMatch(in: $0)) != nil
      }
    }
    return findings
  }

  private func finding(
    _ rule: Finding.Rule, expected: JSON, observed: JSON, _ tally: RowTally = RowTally(),
    words: String
  ) -> Finding {
    let share = column.rowCount == 0 ? 0 : Double(tally.count) / Double(column.rowCount)
    let rows = tally.count == 0 ? "" : " in \(counted(tally.count, "row")) (\(percentage(share)))"
    return Finding(
      column: column.name, rule: rule, expected: expected, observed: observed, count: tally.count, share: share,
      exampleRows: tally.examples, message: "column '\(column.name)' \(words)\(rows)")
  }

  /// A column without any value fits every type.
  private func typeFinding() -> Finding? {
    guard let type = expected.type, column.missingCount < column.rowCount else { return nil }
    let fits =
      switch type {
      case .number: column.type == .number || column.type == .integer
      case .text: column.type == .text || column.type == .category
      default: column.type == type
      }
    if fits { return nil }
    return finding(
      .type, expected: JSON(type.rawValue), observed: JSON(column.type.rawValue),
      words: "is of type \(column.type), expected \(type)")
  }

  private func missingFinding() -> Finding? {
    guard let limit = expected.missing, column.rowCount > 0 else { return nil }
    let share = Double(column.missingCount) / Double(column.rowCount)
    if share <= limit { return nil }
    var tally = RowTally()
    for row in 0..<column.rowCount where column.isMissing(row) { tally.add(row: row) }
    return finding(
      .missing, expected: JSON(limit), observed: JSON(share), tally,
      words: "is missing more often than \(percentage(limit)),")
  }

  private func rangeFindings(_ cancellation: Cancellation) throws -> [Finding] {
    guard expected.range != ColumnRange() else { return [] }
    guard column.type.isNumeric else {
      if column.missingCount == column.rowCount { return [] }
      let rule = expected.range.min == nil ? Finding.Rule.max : .min
      return [
        finding(
          rule, expected: JSON("a number"), observed: JSON(column.type.rawValue),
          words: "is of type \(column.type) and has no order, but limits are set")
      ]
    }
    let min = expected.range.min?.value(in: column.type) ?? -.infinity
    let max = expected.range.max?.value(in: column.type) ?? .infinity
    var below = RowTally()
    var above = RowTally()
    var least = Double.infinity
    var greatest = -Double.infinity
    try column.eachNumber(block: Self.blockRows, cancellation) { row, value in
      least = Swift.min(least, value)
      greatest = Swift.max(greatest, value)
      if value < min { below.add(row: row) }
      if value > max { above.add(row: row) }
    }
    var findings: [Finding] = []
    if below.count > 0 {
      findings.append(
        finding(.min, expected: limit(min), observed: limit(least), below, words: "is below \(text(min))"))
    }
    if above.count > 0 {
      findings.append(
        finding(.max, expected: limit(max), observed: limit(greatest), above, words: "is above \(text(max))"))
    }
    return findings
  }

  /// A limit as the user writes it.
  private func text(_ limit: Double) -> String { ColumnLimit.text(limit, in: column.type) }

  private func limit(_ value: Double) -> JSON { column.type.isTime ? JSON(text(value)) : JSON(value) }

  private func uniqueFinding(_ cancellation: Cancellation) throws -> [Finding] {
    var tally = RowTally()
    var seen: Set<[UInt8]> = []
    try eachText(cancellation) { row, text in
      if !seen.insert(Array(text.utf8)).inserted { tally.add(row: row) }
    }
    if tally.count == 0 { return [] }
    return [
      finding(.unique, expected: true, observed: JSON(seen.count), tally, words: "repeats earlier values")
    ]
  }

  /// A finding when some texts do not hold. `observed` is the number of distinct ones.
  private func textFinding(
    _ rule: Finding.Rule, _ expected: JSON, _ words: String, _ cancellation: Cancellation, holds: (String) -> Bool
  ) throws -> [Finding] {
    var tally = RowTally()
    var bad: Set<[UInt8]> = []
    if column.type == .category {
      let verdicts = column.dictionary.map(holds)
      try column.eachCode(block: Self.blockRows, cancellation) { row, code in
        if verdicts[code] { return }
        tally.add(row: row)
        bad.insert(Array(column.dictionary[code].utf8))
      }
    } else {
      try eachText(cancellation) { row, text in
        if holds(text) { return }
        tally.add(row: row)
        bad.insert(Array(text.utf8))
      }
    }
    return tally.count == 0 ? [] : [finding(rule, expected: expected, observed: JSON(bad.count), tally, words: words)]
  }

  private func eachText(_ cancellation: Cancellation, _ body: (Int, String) -> Void) throws {
    for row in 0..<column.rowCount {
      if row % Self.blockRows == 0 { try cancellation.check() }
      if let text = column.text(row) { body(row, text) }
    }
  }
}
