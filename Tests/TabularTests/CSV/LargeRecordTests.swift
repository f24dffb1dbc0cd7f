import Basics
import Diagnostics
import Testing

@testable import Tabular

/// Records of which few fill the memory that a piece may have.
@Suite struct LargeRecordTests {
  private static let size = 1 << 20

  /// A letter often enough that 20 of the cells are more than a piece takes before 64 records ended.
  private func cell(_ row: Int) -> String {
    row % 3 == 0 ? "\(row)" : String(repeating: Character(Unicode.Scalar(UInt8(97 + row % 26))), count: Self.size)
  }

  /// Rows before and behind the large ones go the usual way, and all stand where they should.
  @Test(arguments: [1, 2])
  func largeRecordsAreReadWithoutAFalseLimit(threads: Int) throws {
    let rows = 200
    let large = 70..<130
    var text = "n,t\n"
    for row in 0..<rows { text += large.contains(row) ? "\(row),\(cell(row))\n" : "\(row),x\(row)\n" }
    let table = try ingest(Array(text.utf8), threads: threads).table
    #expect(table.rowCount == rows)
    #expect(table.schema.fields.map(\.type) == [.integer, .text])
    let texts = table.column(1).texts()
    for row in 0..<rows {
      #expect(table.column(0).text(row) == "\(row)")
      #expect(texts[row] == (large.contains(row) ? cell(row) : "x\(row)"), "row \(row)")
    }
  }

  @Test func largeLinesAreReadToo() throws {
    let rows = 100
    var text = ""
    for row in 0..<rows { text += "{\"n\": \(row), \"t\": \"\((20..<50).contains(row) ? cell(row) : "x\(row)")\"}\n" }
    let scratch = try Scratch()
    let path = try scratch.file("data.jsonl", text)
    let table = try Table.readJSONLines(path, threads: 2)
    #expect(table.column(0).texts() == (0..<rows).map { "\($0)" })
    let texts = table.column(1).texts()
    for row in 0..<rows { #expect(texts[row] == ((20..<50).contains(row) ? cell(row) : "x\(row)"), "row \(row)") }
  }

  /// A record whose cells are more than columns is not kept cell by cell.
  @Test func cellsBeyondTheColumnsAreOnlyCounted() throws {
    let text = "a,b\n1,2\n" + String(repeating: ",", count: 1 << 20) + "\n"
    do {
      _ = try ingest(text)
      Issue.record("it was read")
    } catch let error as CSVError {
      #expect(
        error.problems == [
          .ragged(count: 1, found: (1 << 20) + 1, expected: 2, first: Place(file: "data.csv", line: 3, column: 1))
        ])
    }
  }
}
