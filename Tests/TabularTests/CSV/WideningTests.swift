import Diagnostics
import Testing

@testable import Tabular

/// Files in which what decides a type comes behind all that a first look sees.
@Suite struct WideningTests {
  private static let rows = 40_000

  /// `usual` cells in each row, and `last` ones in the last.
  private func text(_ names: [String], usual: (Int) -> [String], last: [String]) -> [UInt8] {
    var out = Array((names.joined(separator: ",") + "\n").utf8)
    for row in 0..<Self.rows - 1 {
      out += Array(usual(row).joined(separator: ",").utf8)
      out.append(lineFeed)
    }
    return out + Array((last.joined(separator: ",") + "\n").utf8)
  }

  @Test func lastRowDecidesLikeAnyOther() throws {
    let bytes = text(
      ["fraction", "word", "instant", "number", "maybe", "late", "level", "exact", "inexact", "zeros", "empty"],
      usual: { ["\($0)", "\($0)", "2024-01-31", "2024-01-31", "true", "", "r", "7", "7", "7", "\($0)"] },
      last: [
        "0.5", "x", "2024-02-01T12:00", "5", "perhaps", "2.5", "s", "9223372036854775808", "9223372036854775809", "007",
        "",
      ])
    // Larger than eight times the first look, so that samples are taken further behind as well.
    #expect(bytes.count > 8 << 18)
    let (table, report, _) = try ingest(bytes, threads: 2)
    #expect(
      table.schema.fields.map(\.type) == [
        .number, .text, .timestamp, .category, .category, .number, .category, .category, .category, .category, .integer,
      ])
    #expect(table.rowCount == Self.rows)
    let first = table.schema.fields.indices.map { table.column($0).text(0) }
    #expect(first == ["0", "0", "2024-01-31T00:00:00Z", "2024-01-31", "true", nil, "r", "7", "7", "7", "0"])
    let last = table.schema.fields.indices.map { table.column($0).text(Self.rows - 1) }
    #expect(
      last == [
        "0.5", "x", "2024-02-01T12:00:00Z", "5", "perhaps", "2.5", "s", "9223372036854775808", "9223372036854775809",
        "007", nil,
      ])
    #expect(
      report.notes.map { "\($0.place?.line ?? 0):\($0.place?.column ?? 0) \($0.message)" } == [
        "40001:5 column 'word' holds text in 1 of 40000 rows, otherwise numbers, and is kept as text",
        "40001:24 column 'number' holds numbers in 1 of 40000 rows, otherwise dates, and is kept as category",
        "40001:26 column 'maybe' holds text in 1 of 40000 rows, otherwise true or false, and is kept as category",
        "40001:40 column 'exact' holds integers beyond 64 bits and is kept as category",
        "40001:60 column 'inexact' holds integers beyond 64 bits and is kept as category",
        "0:0 column 'zeros' holds digits with leading zeros and is kept as category",
      ])
  }

  /// Samples may begin within quoted cells.
  @Test func linesWithinQuotesSayNothingAboutColumns() throws {
    let note = "\"see:\n1.5,yes\nx,no\n\n2024-01-31,\"\"maybe\"\"\nand so on\""
    let bytes = text(["id", "note"], usual: { ["\($0)", note] }, last: ["5", "none"])
    #expect(bytes.count > 8 << 18)
    let table = try ingest(bytes, threads: 2).table
    #expect(table.schema.fields.map(\.type) == [.integer, .category])
    #expect(table.column(0).text(Self.rows - 2) == "\(Self.rows - 2)")
    #expect(table.column(1).dictionary.count == 2)
  }

  /// Columns that are read again keep to the rows that were kept.
  @Test func rowsStayTogetherWhereOthersAreLeftOut() throws {
    var bytes = Array("i,w,s\n".utf8)
    for row in 0..<3000 {
      let cells = row % 7 == 3 ? "x,\(row),s\(row)" : row % 11 == 5 ? "\(row),\(row)" : "\(row),\(row),s\(row)"
      bytes += Array((cells + "\n").utf8)
    }
    bytes += Array("3000,2.5,s3000\n".utf8)
    for pieceSize in [100, 1 << 20] {
      var format = CSVFormat(declared: ["i": .integer], badRows: .quarantine)
      format.missing = ["none"]
      let (table, report, _) = try ingest(bytes, format, threads: 2, pieceSize: pieceSize)
      let kept = (0..<3000).filter { $0 % 7 != 3 && $0 % 11 != 5 }.map(String.init)
      #expect(cells(table) == [kept + ["3000"], kept + ["2.5"], (kept + ["3000"]).map { "s" + $0 }])
      #expect(table.schema.fields.map(\.type) == [.integer, .number, .text])
      #expect(report.badRowCount == 3000 - kept.count)
    }
  }

  /// Quotes in a record that is left out open nothing, and the records behind it are all rows.
  @Test func flawedRecordHidesNoOthers() throws {
    var bytes = Array("a,b\n\"x\"y\"z,1\n\"p\" \"q,2\n".utf8)
    for row in 0..<100_000 { bytes += Array("\(row),3\n".utf8) }
    let (table, report, _) = try ingest(bytes, CSVFormat(badRows: .quarantine), threads: 2)
    #expect(table.rowCount == 100_000)
    #expect(table.column(0).text(99_999) == "99999")
    #expect(report.badRows == ["text behind a quoted cell": 2])
  }
}
