import CParsing

/// A record that cannot be a row.
struct RejectedRecord: Sendable {
  enum Reason: Sendable, Hashable {
    case ragged(found: Int)
    case flaw(CSVFlaw.Kind)
    /// A line of JSON Lines that is none, and the character where it shows.
    case json(JSONLinesProblem.Kind, column: Int)
    /// A cell that its column's declared type cannot hold.
    case mistyped(column: Int, CellClass)
  }

  var reason: Reason
  /// Where it begins in the piece.
  var start: Int
  /// Where in the piece it shows.
  var offset: Int
}

/// Cuts the records of pieces into cells. Used by one thread.
final class PieceCutter {
  private let dialect: CSVDialect
  private let columnCount: Int
  private var memory = UnsafeMutablePointer<UInt32>.allocate(capacity: 1)
  private var capacity = 0
  /// The contents of cells one behind the other, where they cannot be taken from the text as it stands.
  private let clean = TextBuffer()

  init(_ dialect: CSVDialect, columnCount: Int) {
    self.dialect = dialect
    self.columnCount = columnCount
  }

  deinit { memory.deallocate() }

  /// Room for the ends of so many cells, and one before them.
  private func reserve(_ count: Int) {
    if count + 65 <= capacity { return }
    memory.deallocate()
    capacity = max(count + 65, capacity * 2)
    memory = .allocate(capacity: capacity)
    memory[0] = .max
  }

  /// The cells of a piece, and the records that cannot be rows, in order. Blank lines are passed over, unless there is one
  /// column.
  func cut(_ text: TextBuffer, _ piece: Piece) -> (cells: PieceCells, rejected: [RejectedRecord]) {
    if !piece.isIrregular, let cells = cutQuickly(text, piece) { return (cells, []) }
    return cutSlowly(text)
  }

  /// Nil where the records have not all as many cells as there are columns, or may be blank or not be text.
  private func cutQuickly(_ text: TextBuffer, _ piece: Piece) -> PieceCells? {
    reserve(text.count)
    var flags: UInt32 = 0
    let ends = memory + 1
    let count = Int(parsing_cell_ends(text.start, Int64(text.count), dialect.kernels, ends, &flags))
    if count != piece.recordCount * columnCount || flags & hasNul != 0 { return nil }
    for row in 0..<piece.recordCount where text.start[Int(ends[(row + 1) * columnCount - 1])] != lineFeed { return nil }
    if flags & hasHigh != 0, text.bytes.firstUnreadable() != nil { return nil }
    return PieceCells(
      text: text.start, ends: ends, columnCount: columnCount, rowCount: piece.recordCount,
      trims: flags & (hasQuote | hasReturn), isClean: false, recordStarts: nil, spaced: [], dialect: dialect)
  }

  private func cutSlowly(_ text: TextBuffer) -> (cells: PieceCells, rejected: [RejectedRecord]) {
    let bytes = text.bytes
    let isReadable = bytes.firstUnreadable() == nil
    var tokenizer = CSVTokenizer(bytes, dialect, skipsBlankLines: columnCount != 1)
    var rejected: [RejectedRecord] = []
    var starts: [UInt32] = []
    var spaced: [Bool] = []
    var cells: [CellSpan] = []
    clean.removeAll()
    var rows = 0
    while true {
      cells.removeAll(keepingCapacity: true)
      let before = tokenizer.offset
      do throws(CSVFlaw) {
        guard let start = try tokenizer.nextRecord(into: &cells, limit: columnCount) else { break }
        if !isReadable {
          let record = UnsafeBufferPointer(rebasing: bytes[start.offset..<tokenizer.offset])
          if let flaw = record.firstUnreadable() {
            rejected.append(
              RejectedRecord(reason: .flaw(flaw.kind), start: start.offset, offset: start.offset + flaw.offset))
            continue
          }
        }
        if tokenizer.cellCount != columnCount {
          rejected.append(
            RejectedRecord(reason: .ragged(found: tokenizer.cellCount), start: start.offset, offset: start.offset))
          continue
        }
        reserveSlowly((rows + 1) * columnCount)
        for (index, cell) in cells.enumerated() {
          bytes.withContents(of: cell, dialect) { content, text in
            clean.append(content.isEmpty ? content : text)
            spaced.append(!content.isEmpty && content.count != text.count)
          }
          memory[1 + rows * columnCount + index] = UInt32(clean.count)
          clean.append(lineFeed)
        }
        starts.append(UInt32(start.offset))
        rows += 1
      } catch {
        var start = before
        while start < bytes.count, [lineFeed, carriageReturn, 0x20, 0x09].contains(bytes[start]) { start += 1 }
        rejected.append(RejectedRecord(reason: .flaw(error.kind), start: start, offset: error.offset))
        if error.kind == .unclosedQuote { break }
        tokenizer.skipRecord(from: error.offset)
      }
    }
    reserveSlowly(rows * columnCount)
    let found = PieceCells(
      text: clean.start, ends: memory + 1, columnCount: columnCount, rowCount: rows, trims: 0, isClean: true,
      recordStarts: starts, spaced: spaced, dialect: dialect)
    return (found, rejected)
  }

  /// Room for more ends, those there are kept.
  private func reserveSlowly(_ count: Int) {
    if count + 65 <= capacity { return }
    let larger = max(count + 65, capacity * 2)
    let grown = UnsafeMutablePointer<UInt32>.allocate(capacity: larger)
    grown[0] = .max
    if capacity > 0 { grown.update(from: memory, count: capacity) }
    memory.deallocate()
    (memory, capacity) = (grown, larger)
  }
}

private let hasQuote = UInt32(PARSING_HAS_QUOTE)
private let hasReturn = UInt32(PARSING_HAS_RETURN)
private let hasHigh = UInt32(PARSING_HAS_HIGH)
private let hasNul = UInt32(PARSING_HAS_NUL)
