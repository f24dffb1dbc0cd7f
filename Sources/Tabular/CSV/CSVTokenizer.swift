import Glibc

/// Cuts bytes into records and cells, one record at a time.
struct CSVTokenizer {
  private let bytes: UnsafeBufferPointer<UInt8>
  private let delimiter: UInt8
  private(set) var offset = 0
  /// Line breaks passed so far, those within quoted cells included.
  private(set) var line = 0

  init(_ bytes: UnsafeBufferPointer<UInt8>, delimiter: UInt8) {
    self.bytes = bytes
    self.delimiter = delimiter
  }

  /// Appends the cells of the next record and tells where it starts; nil at the end. Blank lines are skipped.
  mutating func nextRecord(into cells: inout [CellSpan]) throws(CSVFlaw) -> (offset: Int, line: Int)? {
    skipBlankLines()
    if offset == bytes.count { return nil }
    let start = (offset, line)
    while true {
      cells.append(try nextCell())
      if offset == bytes.count { return start }
      if bytes[offset] == delimiter {
        offset += 1
      } else {
        skipLineBreak()
        return start
      }
    }
  }

  /// Passes one cell, up to the delimiter, line break or end behind it.
  private mutating func nextCell() throws(CSVFlaw) -> CellSpan {
    let first = skippingSpace(from: offset)
    if first < bytes.count, bytes[first] == quote { return try quotedCell(openedAt: first) }
    offset = first
    while offset < bytes.count {
      let byte = bytes[offset]
      if byte == delimiter || byte == lineFeed || byte == carriageReturn { break }
      offset += 1
    }
    var end = offset
    while end > first, isSpace(bytes[end - 1]) { end -= 1 }
    return CellSpan(first..<end)
  }

  private mutating func quotedCell(openedAt opening: Int) throws(CSVFlaw) -> CellSpan {
    var hasEscapes = false
    var at = opening + 1
    while true {
      guard let closing = bytes.firstOffset(of: quote, from: at) else {
        throw CSVFlaw(kind: .unclosedQuote, offset: opening)
      }
      at = closing + 1
      if at < bytes.count, bytes[at] == quote {
        hasEscapes = true
        at += 1
        continue
      }
      line += bytes.lineBreaks(in: opening..<closing)
      offset = skippingSpace(from: at)
      if offset < bytes.count {
        let next = bytes[offset]
        guard next == delimiter || next == lineFeed || next == carriageReturn else {
          throw CSVFlaw(kind: .textAfterQuote, offset: offset)
        }
      }
      return CellSpan(opening + 1..<closing, hasEscapes: hasEscapes)
    }
  }

  private mutating func skipBlankLines() {
    while true {
      let at = skippingSpace(from: offset)
      if at == bytes.count { return offset = at }
      guard bytes[at] == lineFeed || bytes[at] == carriageReturn else { return }
      offset = at
      skipLineBreak()
    }
  }

  private mutating func skipLineBreak() {
    if bytes[offset] == carriageReturn, offset + 1 < bytes.count, bytes[offset + 1] == lineFeed { offset += 1 }
    offset += 1
    line += 1
  }

  private func isSpace(_ byte: UInt8) -> Bool {
    (byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")) && byte != delimiter
  }

  private func skippingSpace(from start: Int) -> Int {
    var at = start
    while at < bytes.count, isSpace(bytes[at]) { at += 1 }
    return at
  }
}

let quote = UInt8(ascii: "\"")
let lineFeed = UInt8(ascii: "\n")
let carriageReturn = UInt8(ascii: "\r")

extension UnsafeBufferPointer<UInt8> {
  /// Where `byte` first stands at or after `start`.
  func firstOffset(of byte: UInt8, from start: Int) -> Int? {
    guard let base = baseAddress, start < count else { return nil }
    guard let found = memchr(base + start, Int32(byte), count - start) else { return nil }
    return UnsafeRawPointer(found) - UnsafeRawPointer(base)
  }

  /// Line breaks in a part: LF, CRLF and CR count one each.
  func lineBreaks(in range: Range<Int>) -> Int {
    var breaks = 0
    for at in range {
      let byte = self[at]
      if byte == lineFeed, at == 0 || self[at - 1] != carriageReturn || at == range.lowerBound { breaks += 1 }
      if byte == carriageReturn { breaks += 1 }
    }
    return breaks
  }

  /// A cell without the doubling of its quotes.
  func unescaped(_ cell: CellSpan) -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(cell.range.count)
    var skip = false
    for byte in self[cell.range] {
      skip = byte == quote && !skip
      if !skip { out.append(byte) }
    }
    return out
  }

  /// Calls `body` with the content of a cell.
  func withContent<Result>(of cell: CellSpan, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    if cell.hasEscapes { return unescaped(cell).withUnsafeBufferPointer(body) }
    return body(UnsafeBufferPointer(rebasing: self[cell.range]))
  }
}
