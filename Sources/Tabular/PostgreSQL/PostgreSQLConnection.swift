import Basics
import Glibc

/// A connection to a database, in one transaction that only reads. Every wait asks the cancellation; one that stops it stops
/// the work of the server too.
final class PostgreSQLConnection {
  let library: LibPQ
  let name: String
  private let connection: LibPQ.Pointer?
  private let secrets: [String]
  private let cancellation: Cancellation

  /// `address` may hold secrets, which are listed in `secrets`; `name` holds none. Throws `PostgreSQLError`, `Cancelled`.
  init(_ address: String, named name: String, secrets: [String], _ cancellation: Cancellation) throws {
    guard let library = LibPQ.shared else { throw PostgreSQLError(name, .noLibrary) }
    self.library = library
    self.name = name
    self.secrets = secrets
    self.cancellation = cancellation
    connection = PostgreSQLConnection.start(
      library,
      [
        ("dbname", address), ("client_encoding", "UTF8"), ("fallback_application_name", "mlflowctl"),
      ])
    try finishConnecting()
    // Texts of the server as they are everywhere; rows in the order of the table, all of one moment.
    for command in [
      "SET datestyle TO ISO", "SET intervalstyle TO iso_8601", "SET timezone TO 'UTC'",
      "SET synchronize_seqscans TO off", "SET max_parallel_workers_per_gather TO 0",
      "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    ] {
      try perform(command) { _ in }
    }
  }

  deinit { library.finish(connection) }

  private static func start(_ library: LibPQ, _ settings: [(String, String)]) -> LibPQ.Pointer? {
    let keywords = settings.map { strdup($0.0) }
    let values = settings.map { strdup($0.1) }
    defer { for text in keywords + values { free(text) } }
    let (keys, texts) = (keywords.map { UnsafePointer($0) } + [nil], values.map { UnsafePointer($0) } + [nil])
    return library.connectStart(keys, texts, 1)
  }

  /// At most 30 seconds.
  private func finishConnecting() throws {
    let watch = Stopwatch()
    var wanted = Int16(POLLOUT)
    guard library.status(connection) != 1 else { throw PostgreSQLError(name, .noConnection(message)) }
    while true {
      try wait(for: wanted)
      switch library.connectPoll(connection) {
      case LibPQ.Number.pollingOK: return
      case LibPQ.Number.pollingFailed: throw PostgreSQLError(name, .noConnection(message))
      case LibPQ.Number.pollingReading: wanted = Int16(POLLIN)
      default: wanted = Int16(POLLOUT)
      }
      if watch.seconds > 30 { throw PostgreSQLError(name, .noConnection("timeout after 30 seconds")) }
    }
  }

  /// Waits until the socket is ready, at most a tenth of a second.
  private func wait(for events: Int16) throws {
    if let reason = cancellation.reason {
      stopServer()
      throw reason
    }
    var waiting = pollfd(fd: library.socket(connection), events: events, revents: 0)
    _ = poll(&waiting, 1, 100)
  }

  private func stopServer() {
    guard let handle = library.getCancel(connection) else { return }
    var text = [CChar](repeating: 0, count: 256)
    _ = library.cancel(handle, &text, 256)
    library.freeCancel(handle)
  }

  /// Sends a command and gives its result to `body`.
  func perform<Outcome>(_ command: String, _ body: (LibPQ.Pointer?) throws -> Outcome) throws -> Outcome {
    if library.sendQuery(connection, command) == 0 { throw PostgreSQLError(name, .lost(message)) }
    return try result(body)
  }

  /// The result columns of a query: their names, and the numbers of their types.
  func describe(_ query: String) throws -> [(name: String, type: UInt32)] {
    if library.sendPrepare(connection, "", query, 0, nil) == 0 { throw PostgreSQLError(name, .lost(message)) }
    try result { _ in }
    if library.sendDescribePrepared(connection, "") == 0 { throw PostgreSQLError(name, .lost(message)) }
    return try result { result in
      (0..<library.fieldCount(result)).map { index in
        (library.fieldName(result, index).map { String(cString: $0) } ?? "", library.fieldType(result, index))
      }
    }
  }

  /// The cells of a small result, as text.
  func texts(_ query: String) throws -> [[String]] {
    try perform(query) { result in
      (0..<library.tupleCount(result)).map { row in
        (0..<library.fieldCount(result)).map { library.value(result, row, $0).map { String(cString: $0) } ?? "" }
      }
    }
  }

  /// Sends a `COPY … TO STDOUT` and gives each message of data to `body`.
  func copy(_ command: String, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    if library.sendQuery(connection, command) == 0 { throw PostgreSQLError(name, .lost(message)) }
    let begun = try nextResult()
    defer { library.clear(begun) }
    guard library.resultStatus(begun) == LibPQ.Number.copyOut else { throw failure(begun) }
    while true {
      var bytes: UnsafeMutablePointer<UInt8>?
      let count = library.getCopyData(connection, &bytes, 1)
      if count > 0 {
        defer { library.freeMemory(bytes) }
        try body(UnsafeRawBufferPointer(start: bytes, count: Int(count)))
      } else if count == 0 {
        try wait(for: Int16(POLLIN))
        if library.consumeInput(connection) == 0 { throw PostgreSQLError(name, .lost(message)) }
      } else {
        return try result { _ in }
      }
    }
  }

  /// The one result of what was sent.
  private func result<Outcome>(_ body: (LibPQ.Pointer?) throws -> Outcome) throws -> Outcome {
    let result = try nextResult()
    defer { library.clear(result) }
    let status = library.resultStatus(result)
    guard status == LibPQ.Number.commandOK || status == LibPQ.Number.tuplesOK else { throw failure(result) }
    let outcome = try body(result)
    while let other = try nextResult() { library.clear(other) }
    return outcome
  }

  private func nextResult() throws -> LibPQ.Pointer? {
    while library.isBusy(connection) == 1 {
      try wait(for: Int16(POLLIN))
      if library.consumeInput(connection) == 0 { throw PostgreSQLError(name, .lost(message)) }
    }
    return library.getResult(connection)
  }

  /// What a failed result means.
  private func failure(_ result: LibPQ.Pointer?) -> any Error {
    if let reason = cancellation.reason { return reason }
    func field(_ code: Int32) -> String? { library.resultErrorField(result, code).map { clean(String(cString: $0)) } }
    guard let state = field(LibPQ.Number.sqlState) else { return PostgreSQLError(name, .lost(message)) }
    // Class 25: invalid transaction state, "cannot execute … in a read-only transaction".
    if state == "25006" { return PostgreSQLError(name, .writes) }
    if state.hasPrefix("08") || state.hasPrefix("57P") { return PostgreSQLError(name, .lost(message)) }
    return PostgreSQLQueryFailure(
      state: state, message: field(LibPQ.Number.primaryMessage) ?? message, hint: field(LibPQ.Number.hint))
  }

  private var message: String { library.errorMessage(connection).map { clean(String(cString: $0)) } ?? "out of memory" }

  /// A message on one line, without the secrets.
  private func clean(_ text: String) -> String {
    var text = text.split(whereSeparator: \.isNewline).joined(separator: "; ")
    for secret in secrets where !secret.isEmpty {
      text = text.split(separator: secret, omittingEmptySubsequences: false).joined(separator: "***")
    }
    return text
  }
}

/// What the server says of a query.
struct PostgreSQLQueryFailure: Error {
  /// The five letters of SQLSTATE.
  var state: String
  var message: String
  var hint: String?
}
