/// Puts rows together to full row groups where some were left out.
///
/// A table's groups all have the same number of rows but the last, so that once a row is missing all that follow move up.
struct RowPacker {
  private let groupRows: Int
  private var buffers: [SegmentBuffer] = []
  private var filled = 0

  init(groupRows: Int) { self.groupRows = groupRows }

  var isEmpty: Bool { filled == 0 }

  /// Adds the rows of `ranges`, and calls `write` with each group that is full.
  mutating func add(
    _ segments: [ColumnSegment], _ types: [ColumnType], _ ranges: [Range<Int>],
    write: (Int, [SegmentBuffer]) throws -> Void
  ) throws {
    for range in ranges {
      var row = range.lowerBound
      while row < range.upperBound {
        if filled == 0 { buffers = types.map { SegmentBuffer($0, rowCount: groupRows) } }
        let rows = row..<min(range.upperBound, row + groupRows - filled)
        // A column whose type changed meanwhile is read again anyhow.
        for (index, segment) in segments.enumerated() where buffers[index].type == types[index] {
          buffers[index].copy(segment, rows, at: filled)
        }
        filled += rows.count
        row = rows.upperBound
        if filled == groupRows {
          try write(filled, buffers)
          filled = 0
        }
      }
    }
  }

  /// Hands out what is left.
  mutating func finish(write: (Int, [SegmentBuffer]) throws -> Void) throws {
    if filled > 0 { try write(filled, buffers) }
    filled = 0
  }
}
