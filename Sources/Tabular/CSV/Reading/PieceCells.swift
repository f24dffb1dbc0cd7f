import CParsing

/// The cells of the records of a piece: cell `column` of `row` ends at `ends[row * columnCount + column]` and begins behind
/// the end of the one before.
///
/// Either the text as it stands in the file, with quotes and space around the cells; or text that was put together from the
/// contents of the cells (`isClean`). Valid as long as the `PieceCutter` that made it is not used again.
struct PieceCells {
  let text: UnsafePointer<UInt8>
  /// `ends[-1]` is there: one before the first cell.
  let ends: UnsafePointer<UInt32>
  let columnCount: Int
  let rowCount: Int
  /// What may stand around the cells, as kernels take it: PARSING_HAS_QUOTE, PARSING_HAS_RETURN.
  let trims: UInt32
  let isClean: Bool
  /// Where the records begin in the piece as it was read, where that is not told by `ends`.
  let recordStarts: [UInt32]?
  /// Where `isClean`, the cells around which there is space that is no part of what they hold, unless that is a text.
  let spaced: [Bool]
  let dialect: CSVDialect

  /// What kernels are to take away; they know no other quotes than `"`.
  var kernelTrims: UInt32 {
    dialect.quote == UInt8(ascii: "\"") ? trims : trims & ~UInt32(PARSING_HAS_QUOTE)
  }

  /// Where a record begins, from the start of the piece.
  func recordStart(_ row: Int) -> Int {
    if let recordStarts { return Int(recordStarts[row]) }
    return Int(ends[row * columnCount - 1] &+ 1)
  }

  /// A cell as it stands, without the CR of a line end.
  @inline(__always)
  func raw(_ row: Int, _ column: Int) -> UnsafeBufferPointer<UInt8> {
    let at = row * columnCount + column
    let start = Int(ends[at - 1] &+ 1)
    var end = Int(ends[at])
    if trims & UInt32(PARSING_HAS_RETURN) != 0, column == columnCount - 1, end > start, text[end - 1] == carriageReturn
    {
      end -= 1
    }
    return UnsafeBufferPointer(start: text + start, count: end - start)
  }

  /// Calls `body` with the content of a cell: without space and quotes around it, doubled quotes single.
  @inline(__always)
  func withContent<Result>(_ row: Int, _ column: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    withContents(row, column) { content, _ in body(content) }
  }

  /// Calls `body` with the content of a cell, and with what it is where it is a text: space around it belongs to that.
  @inline(__always)
  func withContents<Result>(
    _ row: Int, _ column: Int,
    _ body: (_ content: UnsafeBufferPointer<UInt8>, _ text: UnsafeBufferPointer<UInt8>) -> Result
  ) -> Result {
    let cell = raw(row, column)
    if cell.isEmpty { return body(cell, cell) }
    if isClean { return spaced[row * columnCount + column] ? body(trimmed(cell), cell) : body(cell, cell) }
    let first = cell[0]
    if first == dialect.quote, first != 0 { return withQuoted(cell) { body($0, $0) } }
    if isSpace(first) || isSpace(cell[cell.count - 1]) { return body(trimmed(cell), cell) }
    return body(cell, cell)
  }

  @inline(__always)
  private func isSpace(_ byte: UInt8) -> Bool { (byte == 0x20 || byte == 0x09) && byte != dialect.delimiter }

  private func trimmed(_ cell: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
    var (start, end) = (0, cell.count)
    while start < end, isSpace(cell[start]) { start += 1 }
    while end > start, isSpace(cell[end - 1]) { end -= 1 }
    return UnsafeBufferPointer(rebasing: cell[start..<end])
  }

  private func withQuoted<Result>(
    _ cell: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> Result
  ) -> Result {
    let inner = UnsafeBufferPointer(rebasing: cell[1..<max(1, cell.count - 1)])
    guard inner.firstOffset(of: dialect.quote, from: 0) != nil else { return body(inner) }
    return dialect.unescaped(inner).withUnsafeBufferPointer(body)
  }
}
