import Basics
import Diagnostics
import Testing

@testable import Tabular

@Suite struct LibSVMTests {
  private func table(_ text: String, threads: Int = 1, pieceSize: Int = 1 << 20) throws -> (Table, [UInt8]) {
    let scratch = try Scratch()
    let source = try scratch.file("rows.svm", text)
    let output = scratch.path + "/rows.arrow"
    _ = try ingestLibSVM(
      source, named: "rows.svm", into: output, threads: threads, pieceSize: pieceSize, cancellation: Cancellation(),
      progress: { _ in })
    return (try Table.open(output), try Files.read(output))
  }

  private func problems(_ text: String) -> [String] {
    do {
      _ = try table(text)
      return []
    } catch let error as LibSVMError {
      return error.diagnostics.map { "\($0.place?.line ?? 0):\($0.place?.column ?? 0) \($0.message)" }
    } catch { return ["\(error)"] }
  }

  @Test func rowsLabelsAndCommentsAreRead() throws {
    let text = """
      # made by hand
      +1 1:0.5 3:-2e-3 # the first row
      -1\t7:1.25\t 2147483646:3

      0.5
      4:1 5:0
      2 0:.5 1:5.\r
      """
    let (table, _) = try table(text)
    #expect(table.schema.fields == [LibSVMColumn.label, LibSVMColumn.features])
    #expect((0..<5).map(table.column(0).text) == ["1", "-1", "0.5", nil, "2"])
    #expect(
      (0..<5).map(table.column(1).text) == ["1:0.5 3:-0.002", "7:1.25 2147483646:3", "", "4:1 5:0", "0:0.5 1:5"])
    #expect(table.column(1).missingCount == 0 && table.column(1).entryCount == 8)
  }

  @Test func everyKindOfFlawIsToldWithItsPlace() {
    #expect(
      problems("1 1:1\nyes 1:1\n1,2 3:1\n1 qid:4 3:1\nqid:1 2:2\n") == [
        "2:1 the label is not a number (1 row affected)",
        "3:1 the row has several labels, expected one (1 row affected)",
        "4:3 the row has a 'qid:', which belongs to ranking problems that are not fitted here (2 rows affected)",
      ])
    #expect(
      problems("1 2:1 1:1\n1 3:1 3:2\n1 5:1 4:2\n") == [
        "1:7 the index is smaller than the one before it (2 rows affected)",
        "2:7 the index appears twice in its row (1 row affected)",
      ])
    #expect(
      problems("1 1:x\n1 2:1e999\n1 2147483647:1\n1 99999999999999999999:1\n1 -3:1\n1 3\n1 3: 4\n1 a:1\n1 2:nan\n") == [
        "1:5 what follows the index is not a number (3 rows affected)",
        "2:5 the number is beyond the range of doubles (1 row affected)",
        "3:3 the index is too large, expected at most 2147483646 (2 rows affected)",
        "5:3 this is no 'index:number' (3 rows affected)",
      ])
    #expect(problems("é 1:1\n") == ["1:1 the label is not a number (1 row affected)"])
    #expect(problems("1 é:1\n1 1:1 é\n") == ["1:3 this is no 'index:number' (2 rows affected)"])
    #expect(problems("nan 1:1\ninf\n") == ["1:1 the label is not a number (2 rows affected)"])
    #expect(problems("# nothing\n\n") == ["0:0 the file has no rows"])
    #expect(problems("") == ["0:0 the file has no rows"])
  }

  @Test func numbersAreTheNearestDoubles() throws {
    var generator = TestGenerator(seed: 71)
    var texts = [
      "0.1", "123456789012345678901234567890", "1e-320", "9007199254740993", "0.30000000000000004", "5e-324",
    ]
    for _ in 0..<2000 {
      let value = Double(bitPattern: generator.next())
      if value.isFinite { texts.append("\(value)") }
      texts.append("\(Int64(bitPattern: generator.next()) >> Int64.random(in: 0...60, using: &generator))")
      let digits = (0..<Int.random(in: 1...25, using: &generator)).map { _ in
        "\(Int.random(in: 0...9, using: &generator))"
      }
      texts.append(digits.joined() + "." + digits.reversed().joined())
    }
    let (table, _) = try table(texts.map { "1 1:\($0)" }.joined(separator: "\n"))
    var read: [Double] = []
    table.column(1).eachSparseRow(0..<table.rowCount) { _, _, numbers in read += numbers }
    for (text, value) in zip(texts, read) {
      #expect(Double(text)?.bitPattern == value.bitPattern || value == 0 && Double(text) == 0, "\(text)")
    }
  }

  @Test func bytesDoNotDependOnThreadsOrPieces() throws {
    var generator = TestGenerator(seed: 5)
    var lines: [String] = []
    for row in 0..<3000 {
      var line = row % 7 == 0 ? "" : "\(row % 3)"
      var index = 0
      for _ in 0..<Int.random(in: 0...12, using: &generator) {
        index += Int.random(in: 1...50, using: &generator)
        line += " \(index):\(Double(Int.random(in: -999...999, using: &generator)) / 64)"
      }
      if row % 97 == 0 { line += " # note" }
      lines.append(line)
    }
    let text = lines.joined(separator: "\n")
    let whole = try table(text).1
    for (threads, pieceSize) in [(1, 40), (2, 1000), (3, 4096), (3, 1)] {
      #expect(try table(text, threads: threads, pieceSize: pieceSize).1 == whole, "\(threads), \(pieceSize)")
    }
  }

  /// Whatever the bytes, reading ends with a table or a `LibSVMError`, the same for any pieces.
  @Test func anyBytesGiveATableOrAMessage() throws {
    var generator = TestGenerator(seed: 29)
    let seed = Array("+1 1:0.5 3:-2e-3 # c\n-1\t7:1.25 8:3\n\n4:1 5:0\n2 0:.5 1:5.\r\n".utf8)
    let spice: [UInt8] = Array(": \n\r#+-.e019,qid\t".utf8) + [0, 0xFF, 0xC3, 0xEF]
    for round in 0..<600 {
      var bytes = seed
      for _ in 0..<Int.random(in: 1...6, using: &generator) {
        let at = Int.random(in: 0..<bytes.count, using: &generator)
        let byte = spice.randomElement(using: &generator) ?? 0
        switch Int.random(in: 0..<3, using: &generator) {
        case 0: bytes[at] = byte
        case 1: bytes.insert(byte, at: at)
        default: if bytes.count > 1 { bytes.remove(at: at) }
        }
      }
      #expect(try outcome(bytes, pieceSize: 1 << 20) == outcome(bytes, pieceSize: 3), "round \(round)")
    }
  }

  private func outcome(_ bytes: [UInt8], pieceSize: Int) throws -> [UInt8]? {
    let scratch = try Scratch()
    let source = try scratch.file("rows.svm", bytes)
    let output = scratch.path + "/rows.arrow"
    do {
      _ = try ingestLibSVM(
        source, into: output, threads: 2, pieceSize: pieceSize, cancellation: Cancellation(), progress: { _ in })
      return try Files.read(output)
    } catch {
      #expect(error is LibSVMError)
      #expect(try Files.status(output) == nil)
      return nil
    }
  }

  @Test func sparseColumnsSurviveTheFile() throws {
    let scratch = try Scratch()
    var generator = TestGenerator(seed: 2)
    let rows = (0..<70_000).map { row in
      (0..<row % 4).map { ColumnData.SparseEntry(Int32($0 * 3 + row % 5), Double(generator.next() >> 40)) }
    }
    let table = Table(columns: [
      ColumnData("x", .numbers(rows.indices.map(Double.init))), ColumnData("s", .sparse(rows)),
      ColumnData("t", .texts(rows.indices.map { "t\($0)" })),
    ])
    let path = scratch.path + "/table.arrow"
    try table.write(to: path)
    let opened = try Table.open(path)
    #expect(opened.schema == table.schema)
    #expect(cells(opened) == cells(table))
    #expect(opened.column(1).entryCount == rows.reduce(0) { $0 + $1.count })
  }

  @Test func damageIsAnErrorNeverACrash() throws {
    let scratch = try Scratch()
    let good = scratch.path + "/good.arrow"
    try Table(columns: [
      ColumnData("s", .sparse((0..<20).map { row in (0..<row).map { ColumnData.SparseEntry(Int32($0), 1) } }))
    ]).write(to: good)
    let bytes = try Files.read(good)
    var generator = TestGenerator(seed: 19)
    for round in 0..<800 {
      var damaged = bytes
      for _ in 0...round % 4 {
        damaged[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
      }
      let path = try scratch.file("\(round).arrow", damaged)
      do { _ = cells(try Table.open(path)) } catch { #expect(error is TableError) }
    }
  }

  @Test func batchesAreTheRowsOfTheFile() throws {
    let scratch = try Scratch()
    let path = try scratch.file("rows.svm", "1 1:2\n\n# c\n2:3 4:5\n-1\n")
    let batches = try LibSVMBatches(path: path, keep: ["label"])
    let batch = try #require(try batches.next())
    #expect(cells(batch.table) == [["1:2", "2:3 4:5", ""]])
    #expect(cells(batch.kept) == [["1", nil, "-1"]])
    #expect(try batches.next() == nil)
    #expect(throws: LibSVMError.self) { try LibSVMBatches(path: path, keep: ["id"]).next() }
  }

  /// The table that is made of a libsvm file is a source itself.
  @Test func sparseTablesAreRead() throws {
    let scratch = try Scratch()
    let source = try scratch.file("rows.svm", "1 1:0.5 7:2\n0 # nothing\n1 3:-4\n")
    _ = try ingestLibSVM(
      source, into: scratch.path + "/first.arrow", threads: 1, cancellation: Cancellation(), progress: { _ in })
    let report = try ingestFile(
      scratch.path + "/first.arrow", named: "first.arrow", format: .arrow, csv: CSVFormat(),
      into: scratch.path + "/second.arrow", threads: 2, cancellation: Cancellation(), progress: { _ in })
    #expect(report.rowCount == 3)
    #expect(try Files.read(scratch.path + "/first.arrow") == Files.read(scratch.path + "/second.arrow"))
    #expect(try report.sourceDigest == Digest(of: Files.read(scratch.path + "/first.arrow")))
  }
}
