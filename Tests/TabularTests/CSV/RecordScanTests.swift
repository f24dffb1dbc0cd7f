import Testing

@testable import Tabular

@Suite struct RecordScanTests {
  private static let limit = 1 << 20

  /// The vector kernel finds the records that following the text byte by byte finds.
  @Test(arguments: testDialects.filter(\.isPlain)) func quickScanAgreesWithSlowScan(dialect: CSVDialect) {
    for seed in UInt64(0)..<60 {
      var random = RandomCSV(seed: seed)
      let lineBreak = ["\n", "\r\n"][random.number(0...1)]
      let isOrderly = dialect.quote == 0 || seed % 4 > 0
      let bytes =
        isOrderly && dialect.quote != 0
        ? random.records(dialect, rows: random.number(1...300), columns: random.number(1...4), lineBreak: lineBreak)
          .text
        : random.disorder(dialect, count: random.number(1...3000))
      let text = TextBuffer()
      bytes.withUnsafeBufferPointer { text.append($0) }
      var quick = RecordScan(dialect, limit: Self.limit)
      quick.advance(text, isAtEnd: true)
      let slow = SlowRecordScan(text.bytes, dialect, limit: Self.limit, isAtEnd: true)
      #expect(quick.cut == slow.cut && quick.cutRecords == slow.cutRecords, "seed \(seed)")
      #expect(quick.records == slow.records, "seed \(seed)")
      #expect(quick.lines(text) == text.bytes.lineBreaks(in: 0..<text.count), "seed \(seed)")
      if isOrderly, dialect.quote != 0 { #expect(!quick.isIrregular, "seed \(seed)") }
    }
  }

  /// Text that comes in pieces, wherever it is cut, is scanned as the whole of it.
  @Test func scanGoesOnWhereItStopped() {
    for seed in UInt64(0)..<40 {
      var random = RandomCSV(seed: seed)
      let bytes = random.records(CSVDialect(), rows: 200, columns: 2, lineBreak: ["\n", "\r\n"][Int(seed % 2)]).text
      let whole = TextBuffer()
      bytes.withUnsafeBufferPointer { whole.append($0) }
      var expected = RecordScan(CSVDialect(), limit: Self.limit)
      expected.advance(whole, isAtEnd: true)
      let text = TextBuffer()
      var scan = RecordScan(CSVDialect(), limit: Self.limit)
      var at = 0
      while at < bytes.count {
        let next = min(bytes.count, at + random.number(1...200))
        bytes[at..<next].withUnsafeBufferPointer { text.append($0) }
        at = next
        scan.advance(text, isAtEnd: at == bytes.count)
      }
      #expect(scan.cut == expected.cut && scan.records == expected.records, "seed \(seed)")
      #expect(scan.isIrregular == expected.isIrregular, "seed \(seed)")
    }
  }

  /// Wherever `CSVTokenizer` ends a record, whole or flawed, `RecordMachine` does too: pieces are cut between records.
  @Test(arguments: testDialects) func machineEndsRecordsWhereTheTokenizerDoes(dialect: CSVDialect) {
    for seed in UInt64(0)..<400 {
      var random = RandomCSV(seed: seed)
      let bytes = random.disorder(dialect, count: random.number(1...120))
      var machine = RecordMachine(dialect)
      var ends: Set<Int> = [bytes.count]
      for at in bytes.indices where machine.ends(bytes[at], before: at + 1 < bytes.count ? bytes[at + 1] : 0) {
        ends.insert(at + 1)
      }
      bytes.withUnsafeBufferPointer { text in
        var tokenizer = CSVTokenizer(text, dialect)
        var cells: [CellSpan] = []
        while tokenizer.offset < text.count {
          do throws(CSVFlaw) {
            if try tokenizer.nextRecord(into: &cells) == nil { break }
          } catch {
            if error.kind == .unclosedQuote { break }
            tokenizer.skipRecord(from: error.offset)
          }
          #expect(ends.contains(tokenizer.offset), "seed \(seed): \(String(decoding: bytes, as: UTF8.self))")
        }
      }
    }
  }
}
