import Basics
import Diagnostics
import Glibc
import Testing

@testable import Tabular

private let wanted = [
  Field(name: "age", type: .integer), Field(name: "sex", type: .category), Field(name: "day", type: .date),
]

/// All batches of a text that comes through a pipe.
private func batches(
  _ text: String, wanted: [Field] = wanted, keep: [String] = [], format: CSVFormat = CSVFormat(),
  batchRows: Int = 8192, pieceSize: Int = 1 << 20
) throws -> [CSVBatch] {
  let scratch = try Scratch()
  let file = try FileHandle(reading: try scratch.file("in.csv", text))
  let reader = CSVBatches(
    descriptor: file.descriptor, named: "standard input", wanted: wanted, keep: keep, format: format,
    batchRows: batchRows, pieceSize: pieceSize, cancellation: Cancellation())
  var batches: [CSVBatch] = []
  while let batch = try reader.next() { batches.append(batch) }
  return batches
}

private func messages(_ body: () throws -> Void) -> [String] {
  do {
    try body()
    return []
  } catch let error as CSVError {
    return error.diagnostics.map { diagnostic in
      let place = diagnostic.place.map { "\($0.line ?? 0):\($0.column ?? 0) " } ?? ""
      return place + diagnostic.message + diagnostic.help.map { " | \($0)" }.joined()
    }
  } catch {
    return ["\(error)"]
  }
}

@Suite struct CSVBatchesTests {
  @Test func findsWantedColumnsByNameAndKeepsOthersAsText() throws {
    let text = "day,other,sex,id,age\n2024-01-31,zzz,f,007,5.0\n,yyy,m,NA,NA\n"
    let all = try batches(text, keep: ["id", "age", "id"], format: CSVFormat(missing: ["NA"]))
    let batch = try #require(all.first)
    #expect(all.count == 1)
    #expect(batch.table.schema.fields == wanted)
    #expect(cells(batch.table) == [["5", nil], ["f", "m"], ["2024-01-31", nil]])
    #expect(batch.kept.schema.names == ["id", "age"])
    #expect(cells(batch.kept) == [["007", "NA"], ["5.0", "NA"]])
  }

  @Test func rowsDoNotDependOnHowTheyAreCut() throws {
    let rows = (0..<100).map { "2024-01-01,\"x\n\($0 % 7)\",\($0)" }.joined(separator: "\r\n")
    let reference = try batches("day,sex,age\r\n" + rows)
    for (batchRows, pieceSize) in [(1, 10), (7, 64), (1000, 100), (3, 1 << 20)] {
      let all = try batches("day,sex,age\r\n" + rows, batchRows: batchRows, pieceSize: pieceSize)
      #expect(all.map(\.table.rowCount).reduce(0, +) == 100)
      #expect(all.allSatisfy { $0.table.rowCount <= batchRows })
      for index in wanted.indices {
        let texts = reference.flatMap { $0.table.column(index).texts() }
        #expect(texts.count == 100)
        #expect(all.flatMap { $0.table.column(index).texts() } == texts)
      }
      var next = 0
      for batch in all {
        #expect(batch.firstRow == next)
        next += batch.table.rowCount
      }
    }
  }

  @Test func dictionariesOfBatchesAreSorted() throws {
    let batch = try #require(try batches("age,day,sex\n1,,m\n2,,f\n3,,m\n").first)
    #expect(batch.table.column(1).dictionary == ["f", "m"])
    #expect(batch.table.column(1).codes() == [1, 0, 1])
  }

  @Test func missingColumnsAreNamedWithTheNearest() {
    let found = messages { _ = try batches("Age,gender,day\n1,f,2024-01-01\n", keep: ["gendre"]) }
    #expect(
      found == [
        "1:0 there is no column 'age', which is an input of the model | did you mean 'Age'?",
        "1:0 there is no column 'sex', which is an input of the model",
        "1:0 there is no column 'gendre', which is to be kept | did you mean 'gender'?",
      ])
  }

  @Test func mistypedCellsAreNamedWithTheirPlace() {
    let text = "age,sex,day\n1,\"f\ng\",2024-01-01\n2,m,2024-01-01\nold,f,yesterday\n3.5,f,\n"
    for pieceSize in [16, 1 << 20] {
      let found = messages { _ = try batches(text, pieceSize: pieceSize) }
      #expect(found.count > 0)
      #expect(found[0].hasPrefix("5:1 column 'age' holds text, expected an integer | "))
      #expect(found[1].hasPrefix("5:7 column 'day' holds text, expected a date (YYYY-MM-DD)"))
    }
  }

  @Test func flawsAreToldWithTheirPlace() {
    #expect(messages { _ = try batches("") } == ["0:0 the file is empty | it must begin with a line of column names"])
    let ragged = messages { _ = try batches("age,sex,day\n1,f,\n1,f\n") }
    let remedy = "quote cells that contain the delimiter, or set 'delimiter' if it is another one"
    #expect(ragged == ["3:1 row has 2 cells, expected 3 | \(remedy)"])
    let unclosed = messages { _ = try batches("age,sex,day\n1,f,\n1,\"f,\n2,m,") }
    #expect(unclosed.first?.hasPrefix("3:3 the quoted cell that begins here is not closed") == true)
  }

  @Test func headerWithoutRowsGivesNoBatch() throws {
    #expect(try batches("age,sex,day\n").isEmpty)
  }

  @Test func aPipeIsReadAsItComes() throws {
    var ends: [Int32] = [0, 0]
    #expect(pipe(&ends) == 0)
    defer { for end in ends { close(end) } }
    let reader = CSVBatches(
      descriptor: ends[0], named: "standard input", wanted: [Field(name: "x", type: .integer)],
      cancellation: Cancellation())
    for value in ["x\n1\n", "2\n3", "0\n"] {
      let bytes = Array(value.utf8)
      #expect(write(ends[1], bytes, bytes.count) == bytes.count)
      let batch = value == "x\n1\n" ? try firstBatch(reader) : try #require(try reader.next())
      #expect(batch.table.column(0).texts().last == (value == "x\n1\n" ? "1" : value == "0\n" ? "30" : "2"))
    }
  }

  private func firstBatch(_ reader: CSVBatches) throws -> CSVBatch {
    #expect(try reader.columnNames() == ["x"])
    return try #require(try reader.next())
  }
}

/// Text of any dialect, as `ingest` reads it.
@Suite struct CSVBatchesDialectTests {
  private let fields = [Field(name: "x", type: .number), Field(name: "t", type: .category)]

  private func format(_ change: (inout CSVDialect) -> Void) -> CSVFormat {
    var format = CSVFormat(missing: ["1.000"])
    change(&format.dialect)
    return format
  }

  /// However few bytes come at a time.
  @Test(arguments: [1, 7, 1 << 20]) func quotesCommentsAndNumbersOfADialect(_ pieceSize: Int) throws {
    let format = format {
      ($0.delimiter, $0.decimal, $0.thousands) = (UInt8(ascii: ";"), UInt8(ascii: ","), UInt8(ascii: "."))
      ($0.quote, $0.escape, $0.comment) = (UInt8(ascii: "'"), UInt8(ascii: "\\"), UInt8(ascii: "#"))
    }
    let text = "\n# a;comment\n\nx;t\n1.234,5;'a;\\'\nb'\n# more\n8.654;c\n1.000;1.5\n-2;'#'\n"
    let all = try batches(text, wanted: fields, keep: ["x"], format: format, pieceSize: pieceSize)
    #expect(all.flatMap { cells($0.table)[0] } == ["1234.5", "8654", nil, "-2"])
    #expect(all.flatMap { cells($0.table)[1] } == ["a;'\nb", "c", "1.5", "#"])
    #expect(all.flatMap { cells($0.kept)[0] } == ["1.234,5", "8.654", "1.000", "-2"])
    // What is no number of the dialect is none.
    let wrong = messages { _ = try batches("x;t\n1.5;a\n", wanted: fields, format: format) }
    #expect(wrong.first?.hasPrefix("2:1 column 'x' holds text, expected a number") == true, "\(wrong)")
  }

  @Test func encodings() throws {
    var latin = CSVFormat()
    latin.encoding = .latin1
    func read(_ bytes: [UInt8], _ format: CSVFormat) throws -> [String?] {
      let scratch = try Scratch()
      let path = try scratch.file("empty.csv", "") + ".bytes"
      try FileHandle(creating: path).write(bytes)
      let file = try FileHandle(reading: path)
      let reader = CSVBatches(
        descriptor: file.descriptor, named: "in", wanted: [], keep: ["t"],
        format: format, cancellation: Cancellation())
      return try reader.next().map { cells($0.kept)[0] } ?? []
    }
    #expect(try read(Array("t\ngr".utf8) + [0xFC, 0x6E, 0x0A], latin) == ["grün"])
    let wide = [0xFE, 0xFF] + "t\ngrün\n".utf16.map { [UInt8($0 >> 8), UInt8(truncatingIfNeeded: $0)] }.joined()
    #expect(try read(wide, CSVFormat()) == ["grün"])
    #expect(try read(wide, latin) == ["grün"])
    #expect(try read([0xEF, 0xBB, 0xBF] + Array("t\ngrün\n".utf8), latin) == ["grün"])
  }

  /// A category keeps its letters, whatever they look like.
  @Test func filesAreReadByTheirPath() throws {
    let scratch = try Scratch()
    let path = try scratch.file("in.csv", "x,t\n1,01\n2,1.50\n")
    let plain = try CSVBatches(path: path, wanted: fields, cancellation: Cancellation())
    #expect(try plain.next().map { cells($0.table) } == [["1", "2"], ["01", "1.50"]])
  }
}
