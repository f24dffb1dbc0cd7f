import Basics
import Tabular
import Testing

extension Column {
  func numbers(_ rows: Range<Int>? = nil) -> [Double] {
    let rows = rows ?? 0..<rowCount
    return [Double](unsafeUninitializedCapacity: rows.count) { buffer, count in
      let out = UnsafeMutableBufferPointer(rebasing: buffer[..<rows.count])
      out.initialize(repeating: 0)
      readNumbers(rows, into: out)
      count = rows.count
    }
  }

  func codes() -> [Int32] {
    [Int32](unsafeUninitializedCapacity: rowCount) { buffer, count in
      let out = UnsafeMutableBufferPointer(rebasing: buffer[..<rowCount])
      out.initialize(repeating: 0)
      readCodes(0..<rowCount, into: out)
      count = rowCount
    }
  }

  func texts() -> [String?] { (0..<rowCount).map(text) }
}

@Suite struct MemoryTableTests {
  let table = Table(columns: [
    ColumnData("id", .integers([1, nil, -3])),
    ColumnData("x", .numbers([0.1, .nan, 1e300])),
    ColumnData("ok", .booleans([true, false, nil])),
    ColumnData("day", .dates([0, nil, -1])),
    ColumnData("sort", .categories(["b", nil, "a"])),
    ColumnData("note", .texts([nil, "é\n", ""])),
    ColumnData("at", .timestamps([1_706_702_400_250_000, nil, -1_000_000])),
  ])

  @Test func readsNumbersWithNaNWhereMissing() {
    #expect(table.rowCount == 3)
    #expect(table.column(0).numbers().map(\.description) == ["1.0", "nan", "-3.0"])
    #expect(table.column(1).numbers().map(\.description) == ["0.1", "nan", "1e+300"])
    #expect(table.column(2).numbers().map(\.description) == ["1.0", "0.0", "nan"])
    #expect(table.column(3).numbers(1..<3).map(\.description) == ["nan", "-1.0"])
    #expect(table.column(6).numbers().map(\.description) == ["1706702400.25", "nan", "-1.0"])
    #expect(table.column(1).missingCount == 1)
  }

  @Test func sortsLevelsByBytesAndReadsCodes() {
    let column = table.column(named: "sort")
    #expect(column?.dictionary == ["a", "b"])
    #expect(column?.codes() == [1, -1, 0])
  }

  @Test func writesEveryTypeAsCanonicalText() {
    #expect(table.column(0).texts() == ["1", nil, "-3"])
    #expect(table.column(1).texts() == ["0.1", nil, "1e+300"])
    #expect(table.column(2).texts() == ["true", "false", nil])
    #expect(table.column(3).texts() == ["1970-01-01", nil, "1969-12-31"])
    #expect(table.column(4).texts() == ["b", nil, "a"])
    #expect(table.column(5).texts() == [nil, "é\n", ""])
    #expect(table.column(6).texts() == ["2024-01-31T12:00:00.25Z", nil, "1969-12-31T23:59:59Z"])
  }

  @Test func selectsColumnsByName() {
    #expect(table.selecting(["x", "id"])?.schema.names == ["x", "id"])
    #expect(table.selecting(["x", "nothing"])?.rowCount == nil)
  }

  @Test func schemaSurvivesJSON() throws {
    #expect(try Schema(json: table.schema.json) == table.schema)
    #expect(throws: TableError.malformedSchema) { try Schema(json: [["name": "a", "type": "decimal"]]) }
  }
}
