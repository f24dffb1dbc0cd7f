import Basics
import CSQLite
import Glibc
import Synchronization
import Testing

@testable import Tabular

/// Reading that is cancelled in the middle ends within a second, with `Cancelled`, and leaves no file.
@Suite struct CancellationTests {
  private static let rows = 300_000

  /// Reads a file of any format until the first progress is told, which cancels it.
  private func check(_ path: String, _ format: SourceFormat, threads: Int, in scratch: Scratch) throws {
    try Files.makeFolder(scratch.path + "/out-\(threads)")
    try check(in: scratch.path + "/out-\(threads)") { output, cancellation, cancel in
      _ = try ingestFile(
        path, named: path, format: format, csv: CSVFormat(badRows: .quarantine), into: output, badRows: output + ".bad",
        threads: threads, cancellation: cancellation, progress: { _ in cancel() })
    }
  }

  private func check(
    in folder: String, _ read: (_ output: String, Cancellation, _ cancel: @escaping @Sendable () -> Void) throws -> Void
  ) throws {
    let cancellation = Cancellation()
    let watch = Watch()
    #expect(throws: Cancelled.asked) {
      try read(folder + "/table.arrow", cancellation) {
        cancellation.cancel()
        watch.start()
      }
    }
    #expect(watch.seconds < 1)
    #expect(try Files.list(folder).isEmpty)
  }

  @Test(arguments: [1, 2])
  func compressedCSVStops(threads: Int) throws {
    let scratch = try Scratch()
    let lines = String(repeating: "12,0.5,abc\n34,1.25,d\n", count: Self.rows / 2)
    let path = try scratch.file("rows.csv", "n,x,t\n" + lines)
    #expect(system("gzip '\(path)'") == 0)
    try check(path + ".gz", .csv, threads: threads, in: scratch)
  }

  @Test(arguments: [1, 2])
  func jsonLinesStop(threads: Int) throws {
    let scratch = try Scratch()
    let line = "{\"n\": 12, \"x\": 0.5, \"t\": \"abc\"}\n"
    let path = try scratch.file("rows.jsonl", String(repeating: line, count: Self.rows))
    try check(path, .jsonl, threads: threads, in: scratch)
    // The other way to read them, which declared types can ask for.
    try Files.makeFolder(scratch.path + "/pieces-\(threads)")
    try check(in: scratch.path + "/pieces-\(threads)") { output, cancellation, cancel in
      _ = try ingestJSONPieces(
        path, named: path, declared: [:], missing: [], into: output, threads: threads, pieceSize: 1 << 16,
        cancellation: cancellation, progress: { _ in cancel() })
    }
  }

  @Test(arguments: [1, 2])
  func arrowStops(threads: Int) throws {
    let scratch = try Scratch()
    let path = scratch.path + "/rows.arrow"
    try Table(columns: [
      ColumnData("n", .integers((0..<Self.rows).map { Int64($0) })),
      ColumnData("t", .texts((0..<Self.rows).map { "text \($0)" })),
    ]).write(to: path)
    try check(path, .arrow, threads: threads, in: scratch)
  }

  @Test(arguments: [1, 2])
  func parquetStops(threads: Int) throws {
    let scratch = try Scratch()
    try check(fixture("corpus/plain.parquet"), .parquet, threads: threads, in: scratch)
  }

  /// Compressed as a whole, it is unpacked first.
  @Test func compressedParquetStops() throws {
    let scratch = try Scratch()
    let path = try scratch.file("table.parquet", try Files.read(fixture("corpus/plain.parquet")))
    #expect(system("gzip '\(path)'") == 0)
    try check(path + ".gz", .parquet, threads: 2, in: scratch)
  }

  @Test func sqliteStops() throws {
    let scratch = try Scratch()
    let path = scratch.path + "/rows.sqlite"
    var database: OpaquePointer?
    #expect(sqlite3_open(path, &database) == SQLITE_OK)
    #expect(sqlite3_exec(database, "CREATE TABLE t(a); INSERT INTO t VALUES(1)", nil, nil, nil) == SQLITE_OK)
    sqlite3_close(database)
    try Files.makeFolder(scratch.path + "/out")
    // A query without an end.
    let query = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x, 'text ' || x FROM c"
    try check(in: scratch.path + "/out") { output, cancellation, cancel in
      let later = OwnThread {
        usleep(300_000)
        cancel()
      }
      defer { later.join() }
      _ = try readSQLite(
        path, named: path, .query(query), folder: scratch.path + "/out", cancellation: cancellation)
    }
  }
}

/// Counts from its first start.
private final class Watch: Sendable {
  private let watch = Mutex<Stopwatch?>(nil)

  func start() { watch.withLock { $0 = $0 ?? Stopwatch() } }

  /// A minute where it was not started.
  var seconds: Double { watch.withLock { $0?.seconds ?? 60 } }
}
