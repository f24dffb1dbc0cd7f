package import Diagnostics

/// Why rows cannot be taken out of a PostgreSQL database. No text in it holds a secret.
package struct PostgreSQLError: Error, Sendable, Hashable {
  /// The address without password.
  package var source: String
  package var problem: Problem

  /// What is wrong. Rows count from 1.
  package enum Problem: Sendable, Hashable {
    /// `libpq` is not installed.
    case noLibrary
    /// What the library says.
    case noConnection(String)
    case lost(String)
    case badQuery(String, hint: String?)
    case missingTable(String, nearest: String?)
    case writes
    case noResult
    case list(column: String, type: String)
    case binary(column: String)
    case infiniteTime(column: String, count: Int, firstRow: Int)
  }

  init(_ source: String, _ problem: Problem) {
    self.source = source
    self.problem = problem
  }
}

extension PostgreSQLError: Diagnosable {
  package var failure: Failure {
    switch problem {
    case .noLibrary, .noConnection, .lost: .unavailable
    default: .badInput
    }
  }

  package var diagnostics: [Diagnostic] {
    let (code, message, help) = problem.words
    return [.error(code, message, at: Place(file: source), help: help)]
  }
}

extension PostgreSQLError.Problem {
  fileprivate var words: (code: String, message: String, help: [String]) {
    switch self {
    case .noLibrary:
      ("no-libpq", "the client library of PostgreSQL is not installed", ["install it: apt-get install libpq5"])
    case .noConnection(let reason): ("no-connection", "cannot connect to the database: \(reason)", hints(reason))
    case .lost(let reason):
      ("lost-connection", "the connection to the database broke: \(reason)", ["run the same command again"])
    case .badQuery(let reason, let hint):
      ("bad-query", "PostgreSQL does not take the query: \(reason)", hint.map { [$0] } ?? [])
    case .missingTable(let name, let nearest):
      ("missing-table", "the database has no table '\(name)'", nearest.map { ["did you mean '\($0)'?"] } ?? [])
    case .writes: ("query-writes", "the query writes, but a source is only read", ["write a SELECT"])
    case .noResult: ("no-result", "the query gives no columns", ["write a SELECT"])
    case .list(let column, let type):
      (
        "list-in-column", "column '\(column)' holds lists (\(type)), expected one value",
        ["turn it into text in the 'query': array_to_string(\(column), ',')"]
      )
    case .binary(let column):
      (
        "binary-cells", "column '\(column)' holds binary data",
        ["leave the column out, or turn it into text in the 'query': encode(\(column), 'hex')"]
      )
    case .infiniteTime(let column, let count, let firstRow):
      (
        "infinite-times",
        "column '\(column)' holds infinite times (\(counted(count, "row")) affected, the first is row \(firstRow))",
        ["turn them into NULL in the 'query': NULLIF(\(column), 'infinity')"]
      )
    }
  }
}

/// What to do about a connection that was not made.
private func hints(_ reason: String) -> [String] {
  for (part, hint) in [
    ("password", "check the user and the secret that holds the password"),
    ("refused", "check host and port, and that the server runs and listens there"),
    ("No such file", "check the folder of the socket, and that the server runs"),
    ("translate host name", "check the name of the host"), ("does not exist", "check the name in the address"),
    ("SSL", "check 'sslmode' in the address"), ("timeout", "check host, port and firewall"),
    ("pg_hba", "let the server accept this user and host (pg_hba.conf)"),
  ] where reason.contains(part) {
    return [hint]
  }
  return []
}

extension String {
  fileprivate func contains(_ part: String) -> Bool {
    let (all, wanted) = (Array(utf8), Array(part.utf8))
    return all.count >= wanted.count
      && (0...(all.count - wanted.count)).contains { all[$0..<$0 + wanted.count].elementsEqual(wanted) }
  }
}
