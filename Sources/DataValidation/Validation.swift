package import Basics
import Diagnostics
import Synchronization
package import Tabular

/// Holds a table against expectations and tells every breach: those of the table first, then column by column in the order
/// of `expectations.columns`, each rule at most once.
///
/// Columns are looked at side by side on `threads` threads; the findings do not depend on that. O(rows) a column; `unique`
/// keeps the distinct values in memory. Throws `ExpectationError` for a pattern that is no regular expression, and
/// `Cancelled`.
package func validate(
  _ table: Table, _ expectations: Expectations, threads: Int = 1, cancellation: Cancellation = .process
) throws -> [Finding] {
  let found = Mutex([[Finding]](repeating: [], count: expectations.columns.count))
  try parallelFor(count: expectations.columns.count, threads: threads) { index in
    try cancellation.check()
    let expected = expectations.columns[index]
    let findings: [Finding]
    if let column = table.column(named: expected.name) {
      findings = try ColumnValidation(column, expected).findings(cancellation)
    } else {
      findings = missingColumn(expected, table)
    }
    found.withLock { $0[index] = findings }
  }
  return rowCountFindings(table, expectations.rows) + found.withLock { $0 }.flatMap { $0 }
}

private func rowCountFindings(_ table: Table, _ bounds: Expectations.Bounds) -> [Finding] {
  func finding(_ limit: Double, _ word: String) -> Finding {
    let text = ecmaScriptText(limit)
    return Finding(
      column: nil, rule: .rows, expected: JSON(limit), observed: JSON(table.rowCount), count: 0, share: 0,
      exampleRows: [], message: "the table has \(counted(table.rowCount, "row")), expected at \(word) \(text)")
  }
  var findings: [Finding] = []
  if let min = bounds.min, Double(table.rowCount) < min { findings.append(finding(min, "least")) }
  if let max = bounds.max, Double(table.rowCount) > max { findings.append(finding(max, "most")) }
  return findings
}

private func missingColumn(_ expected: ColumnExpectations, _ table: Table) -> [Finding] {
  guard expected.required else { return [] }
  let nearest = nearestName(to: expected.name, among: table.schema.names)
  let hint = nearest.map { "; the nearest is '\($0)'" } ?? ""
  return [
    Finding(
      column: expected.name, rule: .required, expected: true, observed: false, count: 0, share: 0, exampleRows: [],
      message: "there is no column '\(expected.name)'\(hint)")
  ]
}

/// `1 row`, `2 rows`.
func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

/// A share as a percentage with up to two digits behind the point.
func percentage(_ share: Double) -> String { ecmaScriptText((share * 10_000).rounded() / 100) + "%" }
