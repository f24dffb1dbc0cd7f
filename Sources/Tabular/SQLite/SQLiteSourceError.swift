package import Diagnostics

/// Why rows cannot be taken out of an SQLite database.
package struct SQLiteSourceError: Error, Sendable, Hashable {
  /// The file as the user named it.
  package var file: String
  package var problem: Problem

  /// What is wrong. Rows count from 1.
  package enum Problem: Sendable, Hashable {
    /// What SQLite says, word by word.
    case unreadable(String)
    case locked
    case noTables
    case severalTables([String])
    case missingTable(String, nearest: String?)
    case badQuery(String)
    case writes
    case severalStatements
    /// Something that gives no rows at all.
    case noResult
    case binary(column: String, count: Int, firstRow: Int)
    case notUTF8(column: String, row: Int)
  }

  init(_ file: String, _ problem: Problem) {
    self.file = file
    self.problem = problem
  }
}

extension SQLiteSourceError: Diagnosable {
  package var failure: Failure { problem == .locked ? .busy : .badInput }

  package var diagnostics: [Diagnostic] {
    let (code, message, help) = problem.words
    return [.error(code, message, at: Place(file: file), help: help)]
  }
}

extension SQLiteSourceError.Problem {
  fileprivate var words: (code: String, message: String, help: [String]) {
    switch self {
    case .unreadable(let reason):
      (
        "unreadable-database", "SQLite cannot read the database: \(reason)",
        ["'sqlite3 FILE .recover' may save what is left"]
      )
    case .locked: ("locked-database", "another program holds the database locked", ["try again when it is done"])
    case .noTables: ("no-tables", "the database has no tables", [])
    case .severalTables(let names):
      (
        "several-tables", "the database has \(names.count) tables: \(names.shortList)",
        ["name one under 'table', or write a 'query'; on the command line, --table or --query"]
      )
    case .missingTable(let name, let nearest):
      ("missing-table", "the database has no table '\(name)'", nearest.map { ["did you mean '\($0)'?"] } ?? [])
    case .badQuery(let reason): ("bad-query", "SQLite does not take the query: \(reason)", [])
    case .writes: ("query-writes", "the query writes, but a source is only read", ["write a SELECT"])
    case .severalStatements:
      ("several-statements", "there is more than one statement in the query", ["write one SELECT"])
    case .noResult: ("no-result", "the query gives no columns", ["write a SELECT"])
    case .binary(let column, let count, let firstRow):
      (
        "binary-cells",
        "column '\(column)' holds binary data (\(counted(count, "row")) affected, the first is row \(firstRow))",
        ["leave the column out, or turn it into text in the 'query': hex(\(column))"]
      )
    case .notUTF8(let column, let row):
      ("not-utf8", "column '\(column)' holds text that is not UTF-8 in row \(row)", [])
    }
  }
}

extension [String] {
  fileprivate var shortList: String {
    prefix(8).map { "'\($0)'" }.joined(separator: ", ") + (count > 8 ? ", …" : "")
  }
}
