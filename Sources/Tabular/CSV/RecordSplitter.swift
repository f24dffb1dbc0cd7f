/// Finds where records end, so that a run of bytes can be cut and its pieces parsed side by side.
struct RecordSplitter {
  let dialect: CSVDialect

  private var delimiter: UInt8 { dialect.delimiter }

  /// Offsets that cut `bytes`, which begin with a record, into runs of whole records of at least `size` bytes each, as far
  /// as that goes; the last offset is the end of the last whole record. Empty when no record ends here. A line break at the
  /// very end counts only when it cannot be half of a CRLF.
  func cuts(_ bytes: UnsafeBufferPointer<UInt8>, size: Int) -> [Int] {
    guard dialect.isPlain, dialect.quote == 0 || dialect.quote == quote else { return followedCuts(bytes, size) }
    let hasQuotes = dialect.quote != 0 && bytes.firstOffset(of: quote, from: 0) != nil
    return hasQuotes ? quotedCuts(bytes, size) : plainCuts(bytes, size)
  }

  /// Whatever the dialect is.
  private func followedCuts(_ bytes: UnsafeBufferPointer<UInt8>, _ size: Int) -> [Int] {
    var machine = RecordMachine(dialect)
    var cuts: [Int] = []
    var lastEnd = 0
    for at in bytes.indices {
      // A CR at the very end may be half of a CRLF.
      guard machine.ends(bytes[at], before: at + 1 < bytes.count ? bytes[at + 1] : lineFeed) else { continue }
      if bytes[at] == carriageReturn, at + 1 == bytes.count { continue }
      lastEnd = at + 1
      if lastEnd - (cuts.last ?? 0) >= size { cuts.append(lastEnd) }
    }
    if lastEnd > (cuts.last ?? 0) { cuts.append(lastEnd) }
    return cuts
  }

  /// Without quotes every line break ends a record.
  private func plainCuts(_ bytes: UnsafeBufferPointer<UInt8>, _ size: Int) -> [Int] {
    guard let last = endOfLastLine(bytes) else { return [] }
    var cuts: [Int] = []
    var at = size
    while at < last {
      if endsRecord(bytes, at - 1) {
        cuts.append(at)
        at += size
      } else {
        at += 1
      }
    }
    return cuts + [last]
  }

  private func endOfLastLine(_ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
    var at = bytes.count - 1
    while at >= 0, !endsRecord(bytes, at) { at -= 1 }
    return at < 0 ? nil : at + 1
  }

  private func endsRecord(_ bytes: UnsafeBufferPointer<UInt8>, _ at: Int) -> Bool {
    bytes[at] == lineFeed || bytes[at] == carriageReturn && at + 1 < bytes.count && bytes[at + 1] != lineFeed
  }

  /// With quotes the bytes are followed from the start, in the states of `CSVTokenizer`.
  private func quotedCuts(_ bytes: UnsafeBufferPointer<UInt8>, _ size: Int) -> [Int] {
    enum State { case cellStart, plain, quoted, afterQuote }
    var state = State.cellStart
    var cuts: [Int] = []
    var lastEnd = 0
    for at in bytes.indices {
      let byte = bytes[at]
      if state == .quoted {
        if byte == quote { state = .afterQuote }
      } else if byte == delimiter {
        state = .cellStart
      } else if endsRecord(bytes, at) {
        state = .cellStart
        lastEnd = at + 1
        if lastEnd - (cuts.last ?? 0) >= size { cuts.append(lastEnd) }
      } else if byte == quote {
        if state != .plain { state = .quoted }
      } else if state == .cellStart, byte != UInt8(ascii: " "), byte != UInt8(ascii: "\t") {
        state = .plain
      }
    }
    if lastEnd > (cuts.last ?? 0) { cuts.append(lastEnd) }
    return cuts
  }
}
