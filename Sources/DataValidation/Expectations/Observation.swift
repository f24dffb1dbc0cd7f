package import Basics

/// One expectation with what was found, whether it holds or not.
package struct Observation: Sendable, Hashable {
  /// Nil for the table as a whole.
  package var column: String?
  package var rule: Finding.Rule
  package var expected: JSON
  /// What is there: a count, a share, a smallest value; never a text from a row.
  package var observed: JSON
  package var severity: Expectations.Severity
  /// What tells the expectation from others of its column and rule, as settings say it: `share` of a quantile, `where` of
  /// `when`, `of` where it is not the values of a column that are looked at.
  package var details: JSON = [:] {
    didSet { finding?.details = details }
  }
  /// The breach; nil where the expectation holds.
  package var finding: Finding?

  package var holds: Bool { finding == nil }

  /// `{"column", "rule", "expected", "observed", "severity", "holds"}`, and what is in `details`.
  package var json: JSON {
    let json: JSON = [
      "column": column.map(JSON.string) ?? .null, "rule": JSON(rule.rawValue), "expected": expected,
      "observed": observed, "severity": JSON(severity.rawValue), "holds": JSON(holds),
    ]
    return json.merging(details)
  }

  /// One that holds, or with `breach` does not. The words of the breach end in the rows of `tally`, where it has any.
  init(
    column: String? = nil, _ rule: Finding.Rule, expected: JSON, observed: JSON, _ severity: Expectations.Severity,
    breach words: String? = nil, _ tally: RowTally = RowTally(), of rowCount: Int = 0
  ) {
    self.column = column
    self.rule = rule
    self.expected = expected
    self.observed = observed
    self.severity = severity
    guard let words else { return }
    let share = rowCount == 0 ? 0 : Double(tally.count) / Double(rowCount)
    let rows = tally.count == 0 ? "" : " in \(counted(tally.count, "row")) (\(percentage(share)))"
    let owner = column.map { "column '\($0)' " } ?? ""
    finding = Finding(
      column: column, rule: rule, expected: expected, observed: observed, count: tally.count, share: share,
      exampleRows: tally.examples, message: owner + words + rows, severity: severity)
  }
}

extension JSON {
  /// An object with the members of another one too.
  func merging(_ other: JSON) -> JSON {
    guard let mine = objectValue, let theirs = other.objectValue else { return self }
    return .object(mine.merging(theirs) { $1 })
  }
}

/// `1 row`, `2 rows`.
func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

/// A share as a percentage with up to two digits behind the point.
func percentage(_ share: Double) -> String { ecmaScriptText((share * 10_000).rounded() / 100) + "%" }

extension Expectations.Bounds {
  var json: JSON {
    var json: JSON = [:]
    if let min { json["min"] = JSON(min) }
    if let max { json["max"] = JSON(max) }
    return json
  }

  /// `at least 3`, `at most 7`, `from 3 to 7`.
  var words: String {
    switch (min, max) {
    case (let min?, let max?): "from \(ecmaScriptText(min)) to \(ecmaScriptText(max))"
    case (let min?, nil): "at least \(ecmaScriptText(min))"
    case (nil, let max?): "at most \(ecmaScriptText(max))"
    case (nil, nil): "anything"
    }
  }
}
