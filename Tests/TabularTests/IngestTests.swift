import Basics
import Diagnostics
import Testing

@testable import Tabular

/// Ingests a text and opens the table.
func ingest(
  _ bytes: [UInt8], _ format: CSVFormat = CSVFormat(), threads: Int = 1, pieceSize: Int = 1 << 20
) throws -> (table: Table, report: IngestReport, bytes: [UInt8]) {
  let scratch = try Scratch()
  let path = try scratch.file("data.csv", bytes)
  let output = scratch.path + "/out.arrow"
  let source = try CSVSource(
    path, named: "data.csv", format, threads: threads, pieceSize: pieceSize, Cancellation())
  let report = try ingestCSV(source, into: output, badRows: scratch.path + "/bad.csv", progress: { _ in })
  return (try Table.open(output), report, try Files.read(output))
}

func ingest(_ text: String, _ format: CSVFormat = CSVFormat()) throws -> Table {
  try ingest(Array(text.utf8), format).table
}

/// The types of the columns as one text.
func types(_ text: String, _ format: CSVFormat = CSVFormat()) throws -> String {
  try ingest(text, format).schema.fields.map(\.type.rawValue).joined(separator: " ")
}

/// A column of one name with so many other rows before.
func column(_ values: [String]) -> String { "x,y\n" + values.map { "\($0),1\n" }.joined() }

@Suite struct IngestTests {
  @Test func readsEveryType() throws {
    let table = try ingest(
      """
      i,n,b,d,c
      1,0.5,true,2024-02-29,red
      -7,1e3,FALSE,1969-12-31,blue
      ,,,,
      """)
    #expect(
      table.schema.fields == [
        Field(name: "i", type: .integer), Field(name: "n", type: .number), Field(name: "b", type: .boolean),
        Field(name: "d", type: .date), Field(name: "c", type: .category),
      ])
    #expect(
      cells(table) == [
        ["1", "-7", nil], ["0.5", "1000", nil], ["true", "false", nil], ["2024-02-29", "1969-12-31", nil],
        ["red", "blue", nil],
      ])
  }

  @Test(arguments: ["\n", "\r\n", "\r"])
  func everyLineBreakEndsARecord(lineBreak: String) throws {
    let text = ["\u{FEFF}a,b", "1,x", "", "2,\"p\(lineBreak)q\"", "  ", "3,z", ""].joined(separator: lineBreak)
    let table = try ingest(text)
    #expect(table.schema.names == ["a", "b"])
    #expect(cells(table) == [["1", "2", "3"], ["x", "p\(lineBreak)q", "z"]])
  }

  @Test func quotesHoldDelimitersQuotesAndSpace() throws {
    let table = try ingest("\"a \"\"1\"\"\", b \n\"x,\"\"y\"\"\", plain \n \" kept \" ,5\" pipe\n\"\",z\n")
    #expect(table.schema.names == ["a \"1\"", "b"])
    #expect(cells(table) == [["x,\"y\"", " kept ", nil], [" plain ", "5\" pipe", "z"]])
  }

  @Test func lastLineNeedsNoLineBreak() throws {
    #expect(cells(try ingest("a\n1\n2")) == [["1", "2"]])
    #expect(cells(try ingest("a,b\n1,")) == [["1"], [nil]])
  }

  @Test func anyDelimiterWorks() throws {
    let table = try ingest("a;b\n1,5;\" x;\"\n", CSVFormat(delimiter: UInt8(ascii: ";")))
    #expect(cells(table) == [["1,5"], [" x;"]])
    #expect(cells(try ingest("a\tb\n1\t\n\t2\n", CSVFormat(delimiter: 9))) == [["1", nil], [nil, "2"]])
  }

  @Test func missingMarkersCountQuotedOrNot() throws {
    let table = try ingest("a,b\nNA,x\n\"NA\",y\n3,-\n", CSVFormat(missing: ["NA", "-"]))
    #expect(cells(table) == [[nil, nil, "3"], ["x", "y", nil]])
    #expect(table.schema.fields[0].type == .integer)
  }

  @Test(
    arguments: [
      (["1", "-5", "9223372036854775807", "-9223372036854775808"], "integer"),
      (["1", "2.5"], "number"), (["1.", ".5", "-1E-3", "+1.5", "2e+05"], "number"),
      (["9223372036854775808", "1"], "category"), (["9223372036854775809", "1"], "category"),
      (["340282366920938463463374607431768211455", "1"], "category"),
      (["007", "12"], "category"), (["00.5", "12"], "category"), (["0", "0.5"], "number"),
      (["+4915112345", "1"], "category"),
      (["0", "1"], "integer"), (["true", "False", "TRUE"], "boolean"), (["yes", "no"], "category"),
      (["true", "1"], "category"),
      (["2024-01-31", "1900-02-28"], "date"), (["2024-02-30", "2024-01-01"], "category"), (["2024-1-1"], "category"),
      (["NaN", "1"], "category"), (["inf", "1.5"], "category"), (["1e400", "1"], "category"),
      (["1e-400", "1"], "number"),
      (["0x10", "1"], "category"), (["1_000", "1"], "category"), (["--1"], "category"), (["1e"], "category"),
      ([".", "1"], "category"),
      (["", ""], "text"),
    ] as [([String], String)])
  func infersTypesFromEveryCell(values: [String], expected: String) throws {
    #expect(try types(column(values)) == expected + " integer", "\(values)")
  }

  @Test func stringsAreCategoriesWhenTheyRepeat() throws {
    #expect(try types(column((0..<20).map { "v\($0)" })).hasPrefix("category"))
    #expect(try types(column((0..<21).map { "v\($0)" })).hasPrefix("text"))
    #expect(try types(column((0..<42).map { "v\($0 / 2)" })).hasPrefix("category"))
    #expect(try types(column((0..<2002).map { "v\($0 / 2)" })).hasPrefix("text"))
    #expect(try types(column((0..<2000).map { "v\($0 / 2)" })).hasPrefix("category"))
  }

  @Test func levelsAreSortedByBytes() throws {
    let table = try ingest("c\nb\né\na\nB\n\"\"\na\n")
    #expect(table.column(0).dictionary == ["B", "a", "b", "é"])
    #expect(table.column(0).codes() == [2, 3, 1, 0, -1, 1])
  }

  @Test func declaredTypesTakeWhatInferenceWouldNot() throws {
    let format = CSVFormat(declared: [
      "zip": .text, "n": .integer, "flag": .boolean, "big": .number, "code": .category, "sevens": .integer,
    ])
    let table = try ingest(
      "zip,n,flag,big,code,sevens\n12345,5.0,1,9223372036854775809,17,007\n1,+4,0,2,18,1\n", format)
    #expect(
      cells(table) == [
        ["12345", "1"], ["5", "4"], ["true", "false"], ["9223372036854776000", "2"], ["17", "18"], ["7", "1"],
      ])
  }

  @Test func wideTablesAndLongCellsAreRead() throws {
    let names = (0..<5000).map { "c\($0)" }.joined(separator: ",")
    let row = (0..<5000).map { "\($0)" }.joined(separator: ",")
    let wide = try ingest(names + "\n" + row + "\n" + row + "\n")
    #expect(wide.schema.fields.count == 5000)
    #expect(wide.column(4999).text(1) == "4999")
    let long = String(repeating: "x", count: 1 << 20)
    #expect(try ingest("a\n\"\(long)\"\nb\n").column(0).text(0) == long)
  }

  @Test func digestIsThatOfTheSource() throws {
    let bytes = Array("\u{FEFF}a,b\r\n1,2\r\n".utf8)
    #expect(try ingest(bytes).report.sourceDigest == Digest(of: bytes))
  }

  @Test(arguments: [UInt64(1), 2, 3, 4])
  func outputDoesNotDependOnPiecesAndThreads(seed: UInt64) throws {
    let table = randomTable(rows: 200, seed: seed)
    let lineBreak = ["\n", "\r\n", "\r", "\n"][Int(seed) - 1]
    let text = csv(table).flatMap { $0 == 10 ? Array(lineBreak.utf8) : [$0] }
    let reference = try ingest(text)
    for size in [1, 7, 64, 1000] {
      for threads in [1, 3] {
        let other = try ingest(text, threads: threads, pieceSize: size)
        #expect(other.bytes == reference.bytes, "seed \(seed), pieces of \(size), \(threads) threads")
        #expect(other.report.sourceDigest == Digest(of: text))
      }
    }
  }

  @Test func rowGroupsDoNotDependOnPieces() throws {
    let text = Array(("x\n" + (0..<140_000).map { "\($0)\n" }.joined()).utf8)
    let table = try ingest(text, threads: 2, pieceSize: 10_000)
    #expect(table.report.rowCount == 140_000)
    #expect(table.table.column(0).numbers() == (0..<140_000).map(Double.init))
    #expect(table.bytes == (try ingest(text).bytes))
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func randomTablesSurviveCSV(seed: UInt64) throws {
    let table = randomTable(rows: 150, seed: seed)
    let types = table.schema.fields.map { ($0.name, $0.type) }
    let format = CSVFormat(declared: Dictionary(uniqueKeysWithValues: types))
    let read = try ingest(csv(table), format).table
    #expect(cells(read) == cells(table), "seed \(seed)")
    #expect(read.schema == table.schema, "seed \(seed)")
  }

  @Test func stopsWhenCancelled() throws {
    let scratch = try Scratch()
    let path = try scratch.file("data.csv", "a\n1\n")
    let cancellation = Cancellation()
    cancellation.cancel()
    #expect(throws: Cancelled.asked) {
      try ingestCSV(
        path, format: CSVFormat(), into: scratch.path + "/out", threads: 1, cancellation: cancellation,
        progress: { _ in })
    }
  }
}

/// A table as CSV.
func csv(_ table: Table) -> [UInt8] {
  var out: [UInt8] = []
  CSVText.appendRecord(table.schema.names, to: &out)
  let columns = cells(table)
  for row in 0..<table.rowCount { CSVText.appendRecord(columns.map { $0[row] }, to: &out) }
  return out
}
