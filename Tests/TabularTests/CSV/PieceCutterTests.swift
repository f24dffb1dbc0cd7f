import Testing

@testable import Tabular

@Suite struct PieceCutterTests {
  /// Rows and rejected records of a piece; `isIrregular` has it cut byte by byte.
  private func cut(
    _ bytes: [UInt8], _ dialect: CSVDialect, columns: Int, records: Int, isIrregular: Bool
  ) -> (cells: [[UInt8]], starts: [Int], rejected: [RejectedRecord.Reason]) {
    let text = TextBuffer()
    bytes.withUnsafeBufferPointer { text.append($0) }
    let cutter = PieceCutter(dialect, columnCount: columns)
    let piece = Piece(firstRow: 0, recordCount: records, offset: 0, line: 0, isIrregular: isIrregular)
    let (cells, rejected) = cutter.cut(text, piece)
    var found: [[UInt8]] = []
    for row in 0..<cells.rowCount {
      for column in 0..<columns { found.append(cells.withContent(row, column) { Array($0) }) }
    }
    return (found, (0..<cells.rowCount).map(cells.recordStart), rejected.map(\.reason))
  }

  @Test(arguments: testDialects.filter { $0.isPlain && $0.quote != 0 })
  func quickAndSlowCutsHoldWhatWasWritten(dialect: CSVDialect) {
    for seed in UInt64(0)..<60 {
      var random = RandomCSV(seed: seed)
      let (rows, columns) = (random.number(1...130), random.number(1...5))
      let lineBreak = ["\n", "\r\n"][random.number(0...1)]
      let (text, cells) = random.records(dialect, rows: rows, columns: columns, lineBreak: lineBreak)
      let quick = cut(text, dialect, columns: columns, records: rows, isIrregular: false)
      let slow = cut(text, dialect, columns: columns, records: rows, isIrregular: true)
      #expect(quick.cells == cells, "seed \(seed)")
      #expect(slow.cells == cells, "seed \(seed)")
      #expect(quick.starts == slow.starts, "seed \(seed)")
      #expect(quick.rejected.isEmpty && slow.rejected.isEmpty, "seed \(seed)")
    }
  }

  /// What is not as it should be is cut slowly, whoever began.
  @Test func flawsAreFoundEitherWay() {
    let text = Array("1,2\n\n3\n4,5,6\n7,\"x\ny\"\n8,\0\n9,\u{7F}\n".utf8)
    for isIrregular in [false, true] {
      let found = cut(text, CSVDialect(), columns: 2, records: 7, isIrregular: isIrregular)
      #expect(found.cells == ["1", "2", "7", "x\ny", "9", "\u{7F}"].map { Array($0.utf8) })
      #expect(found.rejected == [.ragged(found: 1), .ragged(found: 3), .flaw(.nulByte)])
      #expect(found.starts == [0, 13, 25])
    }
  }
}
