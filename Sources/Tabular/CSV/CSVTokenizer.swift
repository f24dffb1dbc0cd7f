import Glibc

/// Cuts bytes into records and cells, one record at a time.
struct CSVTokenizer {
  private let bytes: UnsafeBufferPointer<UInt8>
  private let dialect: CSVDialect
  private(set) var offset = 0
  /// Line breaks passed so far, those within quoted cells included.
  private(set) var line = 0
  /// Cells of the last record, those that were not asked for included.
  private(set) var cellCount = 0
  private let skipsBlankLines: Bool

  /// Where there is one column, a blank line is a record that holds nothing: `skipsBlankLines` says otherwise.
  init(_ bytes: UnsafeBufferPointer<UInt8>, _ dialect: CSVDialect, skipsBlankLines: Bool = true) {
    self.bytes = bytes
    self.dialect = dialect
    self.skipsBlankLines = skipsBlankLines
  }

  /// Appends the cells of the next record, up to `limit` of them, and tells where it starts; nil at the end. Comments are
  /// skipped.
  mutating func nextRecord(
    into cells: inout [CellSpan], limit: Int = .max
  ) throws(CSVFlaw) -> (offset: Int, line: Int)? {
    skipLines()
    if offset == bytes.count { return nil }
    let start = (offset, line)
    cellCount = 0
    while true {
      let cell = try nextCell()
      if cellCount < limit { cells.append(cell) }
      cellCount += 1
      if offset == bytes.count { return start }
      if bytes[offset] == dialect.delimiter {
        offset += 1
      } else {
        skipLineBreak()
        return start
      }
    }
  }

  /// Passes what is left of a record that cannot be cut, up to the next line break.
  mutating func skipRecord(from flaw: Int) {
    offset = max(offset, flaw)
    while offset < bytes.count, bytes[offset] != lineFeed, bytes[offset] != carriageReturn { offset += 1 }
    if offset < bytes.count { skipLineBreak() }
  }

  /// Passes one cell, up to the delimiter, line break or end behind it.
  private mutating func nextCell() throws(CSVFlaw) -> CellSpan {
    let first = skippingSpace(from: offset)
    if first < bytes.count, dialect.quote != 0, bytes[first] == dialect.quote {
      return try quotedCell(openedAt: first)
    }
    offset = first
    // Behind the last byte that is escaped.
    var escaped = first
    while offset < bytes.count {
      let byte = bytes[offset]
      if byte == dialect.delimiter || byte == lineFeed || byte == carriageReturn { break }
      if dialect.escape != 0, byte == dialect.escape, byte != dialect.quote, offset + 1 < bytes.count {
        offset += 1
        escaped = offset + 1
      }
      offset += 1
    }
    var end = offset
    while end > escaped, isSpace(bytes[end - 1]) { end -= 1 }
    return CellSpan(first..<end, hasEscapes: escaped > first)
  }

  private mutating func quotedCell(openedAt opening: Int) throws(CSVFlaw) -> CellSpan {
    var hasEscapes = false
    var at = opening + 1
    while true {
      guard let closing = closingQuote(from: at, &hasEscapes) else {
        throw CSVFlaw(kind: .unclosedQuote, offset: opening)
      }
      at = closing + 1
      if at < bytes.count, bytes[at] == dialect.quote {
        hasEscapes = true
        at += 1
        continue
      }
      line += bytes.lineBreaks(in: opening..<closing)
      offset = skippingSpace(from: at)
      if offset < bytes.count {
        let next = bytes[offset]
        guard next == dialect.delimiter || next == lineFeed || next == carriageReturn else {
          throw CSVFlaw(kind: .textAfterQuote, offset: offset)
        }
      }
      return CellSpan(opening + 1..<closing, hasEscapes: hasEscapes)
    }
  }

  private func closingQuote(from start: Int, _ hasEscapes: inout Bool) -> Int? {
    if dialect.escape == 0 || dialect.escape == dialect.quote {
      return bytes.firstOffset(of: dialect.quote, from: start)
    }
    var at = start
    while at < bytes.count {
      if bytes[at] == dialect.escape {
        hasEscapes = true
        at += 1
      } else if bytes[at] == dialect.quote {
        return at
      }
      at += 1
    }
    return nil
  }

  /// Passes comments, and blank lines where they are no records.
  private mutating func skipLines() {
    while offset < bytes.count {
      if dialect.comment != 0, bytes[offset] == dialect.comment {
        skipRecord(from: offset)
        continue
      }
      guard skipsBlankLines else { return }
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
    isSpaceOrTab(byte) && byte != dialect.delimiter
  }

  private func skippingSpace(from start: Int) -> Int {
    var at = start
    while at < bytes.count, isSpace(bytes[at]) { at += 1 }
    return at
  }
}

extension CSVDialect {
  /// Text without what protects quotes and other bytes in it.
  func unescaped(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(text.count)
    var isProtected = false
    for byte in text {
      let protects = !isProtected && (escape != 0 && byte == escape || quote != 0 && byte == quote)
      if protects {
        isProtected = true
      } else {
        out.append(byte)
        isProtected = false
      }
    }
    return out
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

  /// Calls `body` with the content of a cell.
  func withContent<Result>(
    of cell: CellSpan, _ dialect: CSVDialect = CSVDialect(), _ body: (UnsafeBufferPointer<UInt8>) -> Result
  ) -> Result {
    let raw = UnsafeBufferPointer(rebasing: self[cell.range])
    guard cell.hasEscapes else { return body(raw) }
    var dialect = dialect
    // A quote protects only in quoted cells.
    if cell.start == 0 || self[Int(cell.start) - 1] != dialect.quote { dialect.quote = 0 }
    return dialect.unescaped(raw).withUnsafeBufferPointer(body)
  }

  /// Calls `body` with the content of a cell, without the space around it, and with it where no quotes stand around the
  /// cell: what it is where it is a text.
  func withContents<Result>(
    of cell: CellSpan, _ dialect: CSVDialect = CSVDialect(),
    _ body: (_ content: UnsafeBufferPointer<UInt8>, _ text: UnsafeBufferPointer<UInt8>) -> Result
  ) -> Result {
    func isSpace(_ at: Int) -> Bool { isSpaceOrTab(self[at]) && self[at] != dialect.delimiter }
    var (start, end) = (cell.range.lowerBound, cell.range.upperBound)
    if start == 0 || self[start - 1] != dialect.quote || dialect.quote == 0 {
      while start > 0, isSpace(start - 1) { start -= 1 }
      while end < count, isSpace(end) { end += 1 }
    }
    let whole = CellSpan(start..<end, hasEscapes: cell.hasEscapes)
    return withContent(of: cell, dialect) { content in
      whole.range == cell.range ? body(content, content) : withContent(of: whole, dialect) { body(content, $0) }
    }
  }

  /// Without spaces and tabs at its ends.
  var trimmed: UnsafeBufferPointer<UInt8> {
    var (start, end) = (0, count)
    while start < end, isSpaceOrTab(self[start]) { start += 1 }
    while end > start, isSpaceOrTab(self[end - 1]) { end -= 1 }
    return UnsafeBufferPointer(rebasing: self[start..<end])
  }
}

private func isSpaceOrTab(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
