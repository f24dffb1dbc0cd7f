package import Basics
package import Diagnostics

/// A breach of an expectation.
package struct Finding: Sendable, Hashable {
  /// Which kind of expectation is broken.
  package enum Rule: String, Sendable, Hashable, CaseIterable {
    case rows, change, required, type, min, max, values, unique, missing, pattern, length, order, quantiles, mean
    case deviation, compare, when, keys, duplicates, references, leakage, drift
    case uniqueShare = "unique_share"
    case maxAge = "max_age"
    case sharedRows = "shared_rows"
  }

  /// Nil for the table as a whole.
  package var column: String?
  package var rule: Rule
  /// What was expected, such as a limit.
  package var expected: JSON
  /// A summary of what is there instead, such as the smallest value; never a text from a row.
  package var observed: JSON
  /// Rows that break the rule, and their share of all rows; 0 where the breach is not one of rows.
  package var count: Int
  package var share: Double
  /// Up to five of these rows, counted from 1 below the header.
  package var exampleRows: [Int]
  /// The breach in words.
  package var message: String
  package var severity = Expectations.Severity.error
  /// See `Observation.details`.
  package var details: JSON = [:]

  /// The most rows that `exampleRows` names.
  package static let exampleLimit = 5

  /// `{"column", "rule", "expected", "observed", "count", "share", "rows", "message", "severity"}`, and what is in
  /// `details`.
  package var json: JSON {
    let json: JSON = [
      "column": column.map(JSON.string) ?? .null, "rule": JSON(rule.rawValue), "expected": expected,
      "observed": observed,
      "count": JSON(count), "share": JSON(share), "rows": JSON(exampleRows), "message": JSON(message),
      "severity": JSON(severity.rawValue),
    ]
    return json.merging(details)
  }

  /// The finding as it is told to the user.
  package var diagnostic: Diagnostic {
    let rows = exampleRows.map(String.init).joined(separator: ", ")
    let told: Diagnostic.Severity =
      switch severity {
      case .error: .error
      case .warn: .warning
      case .info: .note
      }
    return Diagnostic(
      severity: told, "finding-\(rule.rawValue)", message,
      notes: exampleRows.isEmpty ? [] : [Diagnostic.Note(count == 1 ? "in row \(rows)" : "for example in rows \(rows)")]
    )
  }
}
