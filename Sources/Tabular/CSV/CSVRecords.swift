/// One cell within a run of bytes: its content without quotes and without the space around it.
struct CellSpan: Sendable {
  var start: UInt32
  private var lengthAndEscape: UInt32

  /// `hasEscapes` says that the content holds doubled quotes.
  init(_ range: Range<Int>, hasEscapes: Bool = false) {
    start = UInt32(range.lowerBound)
    lengthAndEscape = UInt32(range.count) << 1 | (hasEscapes ? 1 : 0)
  }

  var hasEscapes: Bool { lengthAndEscape & 1 == 1 }
  var range: Range<Int> { Int(start)..<Int(start) + Int(lengthAndEscape >> 1) }
}

/// Whole records cut into cells.
struct CSVRecords: Sendable {
  /// A record whose number of cells differs from the header's.
  struct Ragged: Sendable {
    var count = 0
    var firstLine = 0
    var firstFound = 0
  }

  let columnCount: Int
  /// Row by row.
  var cells: [CellSpan] = []
  /// Where each row starts, in bytes from the start of the run.
  var rowStarts: [UInt32] = []
  /// Lines before each row, from the start of the run.
  var rowLines: [UInt32] = []
  var lineCount = 0
  var ragged = Ragged()
  /// What ended the cutting early.
  var flaw: CSVFlaw?

  var rowCount: Int { rowStarts.count }

  /// Cuts `bytes`, which hold whole records (the last may lack its line break). Records with a wrong number of cells are
  /// counted in `ragged` and left out.
  init(_ bytes: UnsafeBufferPointer<UInt8>, _ dialect: CSVDialect, columnCount: Int) {
    self.columnCount = columnCount
    var tokenizer = CSVTokenizer(bytes, dialect, skipsBlankLines: columnCount != 1)
    do {
      while true {
        let before = cells.count
        guard let start = try tokenizer.nextRecord(into: &cells, limit: columnCount) else { break }
        let found = tokenizer.cellCount
        if found == columnCount {
          rowStarts.append(UInt32(start.offset))
          rowLines.append(UInt32(start.line))
        } else {
          cells.removeLast(cells.count - before)
          if ragged.count == 0 { ragged = Ragged(count: 0, firstLine: start.line, firstFound: found) }
          ragged.count += 1
        }
      }
    } catch {
      flaw = error
    }
    lineCount = tokenizer.line
  }
}

/// Why bytes cannot be cut into cells.
struct CSVFlaw: Error, Sendable, Hashable {
  enum Kind: Sendable, Hashable {
    case unclosedQuote, textAfterQuote, nulByte, notUTF8
  }

  var kind: Kind
  /// Bytes from the start of the run.
  var offset: Int
}
