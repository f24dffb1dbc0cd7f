import Basics
import CSQLite
import Diagnostics
import Testing

@testable import Tabular

/// A database that a script makes; kept open for as long as this lives.
private final class ScriptedDatabase {
  private var database: OpaquePointer?

  init(_ path: String, _ script: String) {
    sqlite3_open(path, &database)
    var message: UnsafeMutablePointer<CChar>?
    let status = sqlite3_exec(database, script, nil, nil, &message)
    #expect(status == SQLITE_OK, "\(message.map { String(cString: $0) } ?? "")")
  }

  deinit { close() }

  func close() {
    sqlite3_close(database)
    database = nil
  }
}

private func ingest(
  _ path: String, _ selection: SQLiteSelection, declared: [String: ColumnType] = [:], missing: [String] = [],
  in scratch: Scratch, cancellation: Cancellation = Cancellation()
) throws -> String {
  let source = try readSQLite(path, named: "rows.db", selection, folder: scratch.path, cancellation: cancellation)
  // As `ingest` does: the rows are kept first.
  let (kept, output) = (scratch.path + "/rows.arrow", scratch.path + "/out.arrow")
  _ = try keepRows(of: source, missing: missing, into: kept, threads: 2, cancellation: cancellation)
  let rows = TableSource(
    try Table.open(kept), named: "rows.db", digest: Digest(of: ""), hasUntypedStrings: source.hasUntypedStrings)
  let report = try ingestTyped(
    rows, declared: declared, missing: missing, into: output, threads: 2, cancellation: cancellation,
    progress: { _ in })
  return fixtureText(try Table.open(output)) + report.notes.map(fixtureText).joined()
}

/// Every database that `Fixtures/sqlite/NAME.sql` makes gives what `NAME.txt` says; see the README beside them.
@Suite struct SQLiteFixtureTests {
  static let folder =
    "/" + #filePath.split(separator: "/").dropLast(2).joined(separator: "/") + "/Fixtures/sqlite"

  static let names = ((try? Files.list(folder)) ?? []).filter { $0.hasSuffix(".sql") }.map { String($0.dropLast(4)) }

  @Test func thereAreCases() { #expect(Self.names.count >= 30) }

  @Test(arguments: names)
  func fixtureGivesWhatItsTextSays(name: String) throws {
    let expected = String(decoding: try Files.read("\(Self.folder)/\(name).txt"), as: UTF8.self)
    let script = String(decoding: try Files.read("\(Self.folder)/\(name).sql"), as: UTF8.self)
    func setting(_ word: String) -> String? {
      let head = "-- \(word): "
      return script.split(separator: "\n").first.flatMap { $0.hasPrefix(head) ? String($0.dropFirst(head.count)) : nil }
    }
    let scratch = try Scratch()
    let path = scratch.path + "/rows.db"
    let database = ScriptedDatabase(path, script)
    if name != "wal" { database.close() }
    let settings = fixtureSettings(setting("format") ?? "")
    let selection = setting("query").map(SQLiteSelection.query) ?? setting("table").map(SQLiteSelection.table)
    var found: String
    do {
      found = try ingest(
        path, selection ?? .onlyTable, declared: settings.declared, missing: settings.missing, in: scratch)
    } catch let error as any Diagnosable {
      found = error.diagnostics.map(fixtureText).joined()
    }
    #expect(found == expected)
    withExtendedLifetime(database) {}
  }

  @Test func aDatabaseWithoutALogIsLeftAsItIs() throws {
    let scratch = try Scratch()
    let path = scratch.path + "/rows.db"
    ScriptedDatabase(path, "PRAGMA journal_mode=WAL; CREATE TABLE t(a); INSERT INTO t VALUES(1);").close()
    let before = try Files.read(path)
    #expect(try ingest(path, .onlyTable, in: scratch) == "a integer: 1\n")
    #expect(try Files.read(path) == before)
    #expect(try Files.list(scratch.path).filter { $0.hasPrefix("rows.db") } == ["rows.db"])
  }

  @Test func oddPathsAreOpened() throws {
    let scratch = try Scratch()
    let path = scratch.path + "/a?b#c%20 é.db"
    ScriptedDatabase(path, "CREATE TABLE t(a); INSERT INTO t VALUES(1);").close()
    #expect(try ingest(path, .onlyTable, in: scratch) == "a integer: 1\n")
  }

  @Test(arguments: [0, 10, 100, 1000, 4000])
  func damagedDatabasesAreTold(offset: Int) throws {
    let scratch = try Scratch()
    let path = scratch.path + "/rows.db"
    ScriptedDatabase(path, "CREATE TABLE t(a, b); INSERT INTO t VALUES(1, zeroblob(9000));").close()
    var bytes = try Files.read(path)
    for at in offset..<min(bytes.count, offset + 40) { bytes[at] = 0xA5 }
    let damaged = try scratch.file("damaged.db", bytes)
    // A message, never a crash; what is damaged may lie where nobody looks.
    _ = try? ingest(damaged, .onlyTable, in: scratch)
    let cut = try scratch.file("cut.db", bytes.prefix(3000))
    #expect(throws: SQLiteSourceError.self) { try ingest(cut, .onlyTable, in: scratch) }
  }

  @Test func aLongQueryStopsWhenItIsToldTo() throws {
    let scratch = try Scratch()
    let path = scratch.path + "/rows.db"
    ScriptedDatabase(path, "CREATE TABLE t(a);").close()
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) AS c FROM n"
    let watch = Stopwatch()
    #expect(throws: Cancelled.timedOut) {
      try ingest(path, .query(endless), in: scratch, cancellation: Cancellation(timeout: .milliseconds(200)))
    }
    #expect(watch.seconds < 5)
  }
}
