package import Diagnostics

/// Why expectations cannot be used.
package enum ExpectationError: Error, Sendable, Hashable {
  /// A rule whose value is not of the shape it must have.
  case malformed(rule: String, column: String?)
  case badPattern(String, column: String, problem: String)
  /// A column to be profiled that the table does not have.
  case unknownColumn(String)
  /// A name under `tables` that a rule uses and that is not there.
  case unknownTable(String)
  /// A rule about the target where none is known.
  case noTarget
}

extension ExpectationError: Diagnosable {
  package var failure: Failure { .badInput }

  package var diagnostics: [Diagnostic] {
    switch self {
    case .malformed(let rule, let column):
      let owner = column.map { " of column '\($0)'" } ?? ""
      return [.error("malformed-expectation", "the expectation '\(rule)'\(owner) has a value it cannot have")]
    case .badPattern(let pattern, let column, let problem):
      return [
        .error(
          "bad-pattern", "the pattern '\(pattern)' of column '\(column)' is no regular expression: \(problem)")
      ]
    case .unknownColumn(let name):
      return [.error("unknown-column", "the table has no column '\(name)'")]
    case .unknownTable(let name):
      return [
        .error(
          "unknown-table", "a rule names the table '\(name)', which is not among 'tables'",
          help: ["write 'tables: { \(name): STEP }'"])
      ]
    case .noTarget:
      return [
        .error(
          "no-target", "'leakage' needs to know which column is to be told",
          help: ["write 'target: COLUMN' under the ingest step"])
      ]
    }
  }
}
