/// Turns cells into the values of a column whose type is known.
struct CellParser: Sendable {
  let type: ColumnType
  let markers: MissingMarkers
  /// The levels of a category, and the code of each.
  private let levels: LevelTable
  private let codes: [Int32]
  let dictionary: [String]

  init(_ type: ColumnType, levels: LevelTable, markers: MissingMarkers) {
    self.type = type
    self.markers = markers
    self.levels = levels
    (dictionary, codes) = levels.sorted()
  }

  /// Stores the value of a cell in a row; false when the cell cannot be a value of the type.
  func store(_ cell: UnsafeBufferPointer<UInt8>, in buffer: SegmentBuffer, row: Int) -> Bool {
    if markers.contains(cell) { return true }
    switch type {
    case .integer:
      guard let value = NumberText(cell)?.integer else { return false }
      buffer.set(row, integer: value)
    case .number:
      guard let number = NumberText(cell) else { return false }
      let value = nearestDouble(number, cell)
      if value.isInfinite { return false }
      buffer.set(row, number: value)
    case .boolean:
      guard let value = parseBooleanWord(cell) ?? parseBit(cell) else { return false }
      buffer.set(row, boolean: value)
    case .date:
      guard let days = parseDate(cell) else { return false }
      buffer.set(row, int32: days)
    case .timestamp:
      guard let instant = parseInstant(cell) else { return false }
      buffer.set(row, integer: instant)
    case .category:
      guard let level = levels.index(of: cell) else { return false }
      buffer.set(row, int32: codes[level])
    case .text:
      buffer.set(row, text: cell)
    case .sparse: return false
    }
    return true
  }
}
