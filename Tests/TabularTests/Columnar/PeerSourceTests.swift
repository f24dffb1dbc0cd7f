import Basics
import Diagnostics
import Glibc
import Testing

@testable import Tabular

/// Files that pyarrow, polars and DuckDB write in all their ways (`Fixtures/peers/make_sources.py`) give the cells that went
/// into them.
@Suite struct PeerSourceTests {
  static let python = getenv("MLFLOWCTL_PYTHON").map { String(cString: $0) }

  @Test(.enabled(if: python != nil, "set MLFLOWCTL_PYTHON to a python that has pyarrow, polars and duckdb"))
  func everyFileGivesTheCellsThatWereWritten() throws {
    let python = try #require(Self.python)
    let scratch = try Scratch()
    let made = try runProgram(
      [python, fixture("peers/make_sources.py"), scratch.path], output: scratch.path + "/made.txt")
    try #require(made.code == 0, "\(made.text)")
    let manifest = try JSON(parsing: String(decoding: try Files.read(scratch.path + "/manifest.json"), as: UTF8.self))
    let tables = try #require(manifest["tables"]?.objectValue)
    for entry in try #require(manifest["files"]?.arrayValue) {
      let file = try #require(entry["file"]?.stringValue)
      let expected = try #require(entry["table"]?.stringValue.flatMap { tables[$0]?.objectValue })
      let types = try #require(entry["types"]?.objectValue)
      let source = try source(entry["format"]?.stringValue, "\(scratch.path)/\(file)")
      #expect(
        Dictionary(uniqueKeysWithValues: source.fields.map { ($0.name, $0.type.rawValue) })
          == types.compactMapValues(\.stringValue), "\(file)")
      let nanoseconds = entry["nanoseconds"]?.arrayValue?.compactMap(\.stringValue) ?? []
      for threads in entry["table"] == "some" ? [1, 2] : [2] {
        let found = try cells(of: source, threads: threads)
        for (field, found) in zip(source.fields, found) {
          var wanted = try #require(expected[field.name]?.arrayValue).map(\.stringValue)
          if nanoseconds.contains(field.name) { wanted = wanted.map { $0.map { $0 == "0" ? $0 : $0 + "000" } } }
          if let row = firstDifference(found, wanted, field.type) {
            Issue.record(
              "\(file), \(field.name), row \(row + 1): \(found.count > row ? found[row] ?? "nil" : "none"), expected \(wanted.count > row ? wanted[row] ?? "nil" : "none")"
            )
          }
        }
      }
    }
  }

  private func source(_ format: String?, _ path: String) throws -> any TypedSource {
    try ParquetSource(path)
  }

  /// Numbers are compared as such: others write them with other digits.
  private func firstDifference(_ found: [String?], _ wanted: [String?], _ type: ColumnType) -> Int? {
    for row in 0..<max(found.count, wanted.count) {
      guard row < found.count, row < wanted.count else { return row }
      if found[row] == wanted[row] { continue }
      if type == .number, let left = found[row].flatMap(Double.init), left == wanted[row].flatMap(Double.init) {
        continue
      }
      return row
    }
    return nil
  }
}
