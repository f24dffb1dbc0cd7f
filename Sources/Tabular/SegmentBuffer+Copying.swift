/// Copying many rows at once from memory that is laid out alike.
extension SegmentBuffer {
  /// Copies some rows of a segment of the same type to the rows from `target` on, which must come in rising order and be
  /// empty. Values of missing rows are passed over, whatever they are. A category keeps its codes.
  func copy(_ source: ColumnSegment, _ rows: Range<Int>, at target: Int) {
    if rows.isEmpty { return }
    guard source.validity != nil else { return copyPresent(source, rows, at: target) }
    // Runs of present rows, as long as they are.
    var row = rows.lowerBound
    while row < rows.upperBound {
      if source.isMissing(row) {
        row += 1
        continue
      }
      var end = row + 1
      while end < rows.upperBound, !source.isMissing(end) { end += 1 }
      copyPresent(source, row..<end, at: target + row - rows.lowerBound)
      row = end
    }
  }

  private func copyPresent(_ source: ColumnSegment, _ rows: Range<Int>, at target: Int) {
    let first = rows.lowerBound
    switch type {
    case .text: set(target..<target + rows.count, texts: source, from: first)
    case .boolean:
      for offset in 0..<rows.count { set(target + offset, boolean: source.boolean(first + offset)) }
      return
    case .sparse:
      for offset in 0..<rows.count {
        let (indices, numbers) = source.entries(first + offset)
        set(target + offset, indices: indices, numbers: numbers)
      }
      return
    default:
      let width = type.valueSize(rows: 1)
      (values + target * width).copyMemory(from: source.values + first * width, byteCount: rows.count * width)
    }
    markPresent(target..<target + rows.count)
  }

  /// Says that values stand in some rows that were empty.
  func markPresent(_ rows: Range<Int>) {
    var row = rows.lowerBound
    while row < rows.upperBound {
      if row & 7 == 0, row + 8 <= rows.upperBound {
        validity[row >> 3] = 0xFF
        row += 8
      } else {
        validity[row >> 3] |= 1 << UInt8(row & 7)
        row += 1
      }
    }
    presentCount += rows.count
  }
}
