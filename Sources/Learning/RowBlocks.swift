internal import LinearAlgebra

/// The fixed cuts of the rows: they depend on the shape of the data alone, never on threads or memory, so that sums
/// over blocks have the same bits everywhere.
struct RowBlocks: Sendable {
  let rowCount: Int
  let rowsPerBlock: Int

  /// Blocks of 256 to 4096 rows, fewer for more columns: about 1 MB, which stays in a processor's cache.
  init(rowCount: Int, columnCount: Int) {
    self.rowCount = rowCount
    var rows = 4096
    while rows > 256, rows * columnCount > 1 << 17 { rows /= 2 }
    rowsPerBlock = rows
  }

  var count: Int { (rowCount + rowsPerBlock - 1) / rowsPerBlock }

  subscript(index: Int) -> Range<Int> {
    index * rowsPerBlock..<min(rowCount, (index + 1) * rowsPerBlock)
  }

  /// Distance of columns in a block's buffer: what the kernels take, and no power of two, which would put all columns of
  /// a row into the same cache sets.
  var leadingDimension: Int { RowKernels.padded(min(rowsPerBlock, rowCount)) + RowKernels.rowMultiple }
}

/// Which blocks a pass reads: every one, or evenly spaced ones for an estimate from a part of the rows.
struct BlockSample: Sendable, Hashable {
  let total: Int
  let stride: Int

  static func all(_ blocks: RowBlocks) -> BlockSample { BlockSample(total: blocks.count, stride: 1) }

  var count: Int { (total + stride - 1) / stride }

  /// The block at a place of the sample. Places are shifted within each stride by a fixed sequence, so that data with a
  /// period do not always show the same phase.
  subscript(place: Int) -> Int {
    if stride == 1 { return place }
    let first = place * stride
    let width = min(stride, total - first)
    // Multiples of the golden ratio, which fill [0, 1) evenly.
    let phase = UInt32(truncatingIfNeeded: place) &* 2_654_435_769
    return first + Int((UInt64(phase) * UInt64(width)) >> 32)
  }
}
