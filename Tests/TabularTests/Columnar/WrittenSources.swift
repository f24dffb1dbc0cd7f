import Basics
import Diagnostics
import Testing

@testable import Tabular

/// Files of other writers, and what is in them, as `Fixtures/peers/tables.py` notes it in `manifest.json`.
struct WrittenSources {
  private let folder: String
  private let tables: [String: JSON]
  private let files: [JSON]

  init(_ folder: String) throws {
    self.folder = folder
    let manifest = try JSON(parsing: String(decoding: try Files.read(folder + "/manifest.json"), as: UTF8.self))
    tables = try #require(manifest["tables"]?.objectValue)
    files = try #require(manifest["files"]?.arrayValue)
  }

  /// Records an issue for each column that is not what was written.
  func check() throws {
    for entry in files {
      let file = try #require(entry["file"]?.stringValue)
      let expected = try #require(entry["table"]?.stringValue.flatMap { tables[$0]?.objectValue })
      let types = try #require(entry["types"]?.objectValue)
      let path = "\(folder)/\(file)"
      switch entry["format"]?.stringValue {
      case "parquet": try check(ParquetSource(path), file, expected, types, entry)
      case "arrow": try check(ArrowSource(path), file, expected, types, entry)
      case let format: try checkText(path, format.flatMap(SourceFormat.init), file, expected, types)
      }
    }
  }

  /// CSV and TSV, as `ingest` reads them.
  private func checkText(
    _ path: String, _ format: SourceFormat?, _ file: String, _ expected: [String: JSON], _ types: [String: JSON]
  ) throws {
    var csv = CSVFormat()
    if format == .tsv { csv.delimiter = UInt8(ascii: "\t") }
    let output = path + ".arrow"
    _ = try ingestFile(
      path, named: file, format: try #require(format), csv: csv, into: output, threads: 2,
      cancellation: Cancellation(), progress: { _ in })
    let table = try Table.open(output)
    for (field, found) in zip(table.schema.fields, cells(table)) {
      #expect(field.type.rawValue == types[field.name]?.stringValue, "\(file), \(field.name)")
      let wanted = try #require(expected[field.name]?.arrayValue).map(\.stringValue)
      compare(found, wanted, field, file)
    }
  }

  private func compare(_ found: [String?], _ wanted: [String?], _ field: Field, _ file: String) {
    guard let row = firstDifference(found, wanted, field.type) else { return }
    func cell(_ cells: [String?]) -> String { row < cells.count ? cells[row] ?? "nothing" : "no row" }
    Issue.record("\(file), \(field.name), row \(row + 1): \(cell(found)), expected \(cell(wanted))")
  }

  private func check(
    _ source: some TypedSource, _ file: String, _ expected: [String: JSON], _ types: [String: JSON], _ entry: JSON
  ) throws {
    #expect(
      Dictionary(uniqueKeysWithValues: source.fields.map { ($0.name, $0.type.rawValue) })
        == types.compactMapValues(\.stringValue), "\(file)")
    let nanoseconds = entry["nanoseconds"]?.arrayValue?.compactMap(\.stringValue) ?? []
    for threads in entry["table"] == "long" ? [2] : [1, 2] {
      for (field, found) in zip(source.fields, try cells(of: source, threads: threads)) {
        var wanted = try #require(expected[field.name]?.arrayValue).map(\.stringValue)
        if nanoseconds.contains(field.name) { wanted = wanted.map { $0.map { $0 == "0" ? $0 : $0 + "000" } } }
        compare(found, wanted, field, file)
      }
    }
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
