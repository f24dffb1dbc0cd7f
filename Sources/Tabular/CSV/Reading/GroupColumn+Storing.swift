extension GroupColumn {
  /// Stores a cell that is not missing, by the rules of `CellParser`; false where it cannot be such a value.
  func store(_ content: UnsafeBufferPointer<UInt8>, _ row: Int) -> Bool {
    switch mode {
    case .integer:
      guard let value = NumberText(content)?.integer else { return false }
      integers[row] = value
    case .number:
      guard let number = NumberText(content) else { return false }
      let value = nearestDouble(number, content)
      if value.isInfinite { return false }
      numbers[row] = value
    case .boolean:
      guard let value = parseBooleanWord(content) ?? parseBit(content) else { return false }
      if value { bits[row >> 6] |= 1 << UInt64(row & 63) }
    case .date:
      guard let days = parseDate(content) else { return false }
      codes[row] = days
    case .timestamp:
      guard let instant = parseInstant(content) else { return false }
      integers[row] = instant
    case .nothing, .category, .text: return false
    }
    return true
  }

  /// Leaves a row without a value.
  func clear(_ row: Int) {
    switch mode {
    case .integer, .number, .timestamp: integers[row] = 0
    case .date: codes[row] = 0
    case .boolean, .nothing, .category, .text: break
    }
  }
}

extension GroupColumn {
  /// Leaves rows without values, of which the first may share a block with rows that are filled.
  func clear(_ rows: Range<Int>) {
    if rows.isEmpty { return }
    for word in (rows.lowerBound + 63) / 64..<max((rows.lowerBound + 63) / 64, (rows.upperBound + 63) / 64) {
      validity[word] = 0
    }
    if mode == .text {
      for row in rows { integers[row + 1] = 0 }
    }
  }
}

/// `0` and `1` as a boolean; nil for anything else.
func parseBit(_ cell: UnsafeBufferPointer<UInt8>) -> Bool? {
  guard let value = NumberText(cell), value.isWhole, !value.hasPlus, !value.isZeroLed else { return nil }
  return value.integer == 0 ? false : value.integer == 1 ? true : nil
}
