import Basics
import CSQLite
import Glibc

/// A connection that only reads, and writes nothing beside the database either.
final class SQLiteConnection {
  private var database: OpaquePointer?
  private let name: String
  private let cancellation: Cancellation

  /// Throws `FileError`, `SQLiteSourceError`.
  init(_ path: String, named name: String, _ cancellation: Cancellation) throws {
    self.name = name
    self.cancellation = cancellation
    // A database in WAL mode would have its log and its index made beside it, even by who only reads. Where there is no
    // log, the file alone is all there is.
    let isQuiet = try SQLiteConnection.usesLog(path) && (Files.status(path + "-wal")?.size ?? 0) == 0
    let uri = "file:" + percentEncoded(path) + (isQuiet ? "?immutable=1" : "?mode=ro")
    let flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX
    let status = sqlite3_open_v2(uri, &database, flags, nil)
    if status != SQLITE_OK { throw failure(status) }
    sqlite3_busy_timeout(database, 5000)
    sqlite3_progress_handler(
      database, 20_000,
      { context in
        guard let context else { return 0 }
        return Unmanaged<Cancellation>.fromOpaque(context).takeUnretainedValue().reason == nil ? 0 : 1
      }, Unmanaged.passUnretained(cancellation).toOpaque())
    // Nothing in a file of somebody else's may call functions of ours; all that is read is of one moment.
    for command in ["PRAGMA trusted_schema=OFF", "PRAGMA cell_size_check=ON", "BEGIN"] {
      let status = sqlite3_exec(database, command, nil, nil, nil)
      if status != SQLITE_OK { throw failure(status) }
    }
  }

  deinit { sqlite3_close_v2(database) }

  /// The statement of a query that reads.
  func prepare(_ query: String) throws -> SQLiteRows {
    var statement: OpaquePointer?
    var isLast = true
    let status = query.withCString { text -> Int32 in
      var tail: UnsafePointer<CChar>?
      let status = sqlite3_prepare_v2(database, text, -1, &statement, &tail)
      if let tail { isLast = SQLiteConnection.isBlank(tail) }
      return status
    }
    let rows = SQLiteRows(statement, of: self)
    if status == SQLITE_ERROR { throw SQLiteSourceError(name, .badQuery(message)) }
    if status != SQLITE_OK { throw failure(status) }
    if statement == nil { throw SQLiteSourceError(name, .noResult) }
    if !isLast { throw SQLiteSourceError(name, .severalStatements) }
    if sqlite3_stmt_readonly(statement) == 0 { throw SQLiteSourceError(name, .writes) }
    if sqlite3_column_count(statement) == 0 { throw SQLiteSourceError(name, .noResult) }
    return rows
  }

  /// Nothing but space, semicolons and comments.
  private static func isBlank(_ text: UnsafePointer<CChar>) -> Bool {
    var rest = String(cString: text)[...]
    while true {
      rest = rest.drop { $0.isWhitespace || $0 == ";" }
      if rest.hasPrefix("--") {
        rest = rest.drop { !$0.isNewline }
      } else if rest.hasPrefix("/*") {
        guard let close = rest.utf8.indices.first(where: { rest[$0...].hasPrefix("*/") }) else { return true }
        rest = rest[close...].dropFirst(2)
      } else {
        return rest.isEmpty
      }
    }
  }

  /// What the database says of its last failure.
  private var message: String { database.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory" }

  /// What a status of SQLite means to the user.
  func failure(_ status: Int32) -> any Error {
    switch status & 0xFF {
    case SQLITE_INTERRUPT: cancellation.reason ?? Cancelled.asked
    case SQLITE_BUSY, SQLITE_LOCKED: SQLiteSourceError(name, .locked)
    default: SQLiteSourceError(name, .unreadable(message))
    }
  }

  /// Whether the file's header says that changes are kept in a log beside it. Source: sqlite.org, "Database File Format",
  /// section 1.3.3.
  private static func usesLog(_ path: String) throws -> Bool {
    let file = try FileHandle(reading: path)
    var header = [UInt8](repeating: 0, count: 20)
    let count = try header.withUnsafeMutableBytes { try file.read(into: $0) }
    return count == 20 && header[18] == 2
  }
}

/// A path as it stands in a URI of SQLite.
private func percentEncoded(_ path: String) -> String {
  path.utf8.map { byte in
    let isPlain =
      byte < 0x80 && byte > 0x20 && byte != UInt8(ascii: "?") && byte != UInt8(ascii: "#") && byte != UInt8(ascii: "%")
    return isPlain ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }.joined()
}

/// The rows of a statement, one after the other.
final class SQLiteRows {
  let statement: OpaquePointer?
  private let connection: SQLiteConnection
  /// SQLite would begin anew.
  private var isAtEnd = false

  init(_ statement: OpaquePointer?, of connection: SQLiteConnection) {
    self.statement = statement
    self.connection = connection
  }

  deinit { sqlite3_finalize(statement) }

  var columnNames: [String] {
    (0..<sqlite3_column_count(statement)).map { sqlite3_column_name(statement, $0).map { String(cString: $0) } ?? "" }
  }

  /// Moves to the next row; false at the end.
  func next() throws -> Bool {
    if isAtEnd { return false }
    let status = sqlite3_step(statement)
    if status == SQLITE_ROW { return true }
    isAtEnd = true
    if status == SQLITE_DONE { return false }
    throw connection.failure(status)
  }

  /// The texts of the first column of all rows.
  func allTexts() throws -> [String] {
    var texts: [String] = []
    while try next() { texts.append(sqlite3_column_text(statement, 0).map { String(cString: $0) } ?? "") }
    return texts
  }
}
