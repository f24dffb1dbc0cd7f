package import Diagnostics

/// Why expectations cannot be used.
package enum ExpectationError: Error, Sendable, Hashable {
  /// A rule whose value is not of the shape it must have.
  case malformed(rule: String, column: String?)
  case badPattern(String, column: String)
  /// A column to be profiled that the table does not have.
  case unknownColumn(String)
}

extension ExpectationError: Diagnosable {
  package var failure: Failure { .badInput }

  package var diagnostics: [Diagnostic] {
    switch self {
    case .malformed(let rule, let column):
      let owner = column.map { " of column '\($0)'" } ?? ""
      return [.error("malformed-expectation", "the expectation '\(rule)'\(owner) has a value it cannot have")]
    case .badPattern(let pattern, let column):
      return [.error("bad-pattern", "the pattern '\(pattern)' of column '\(column)' is not a regular expression")]
    case .unknownColumn(let name):
      return [.error("unknown-column", "the table has no column '\(name)'")]
    }
  }
}
