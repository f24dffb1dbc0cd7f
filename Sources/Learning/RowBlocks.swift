/// The fixed cuts of the rows: they depend on the shape of the data alone, never on threads or memory, so that sums
/// over blocks have the same bits everywhere.
struct RowBlocks: Sendable {
  let rowCount: Int
  let rowsPerBlock: Int

  /// Blocks of 512 to 4096 rows, fewer for more columns: about 2 MB, which stays in a processor's cache.
  init(rowCount: Int, columnCount: Int) {
    self.rowCount = rowCount
    var rows = 4096
    while rows > 512, rows * columnCount > 1 << 18 { rows /= 2 }
    rowsPerBlock = rows
  }

  var count: Int { (rowCount + rowsPerBlock - 1) / rowsPerBlock }

  subscript(index: Int) -> Range<Int> {
    index * rowsPerBlock..<min(rowCount, (index + 1) * rowsPerBlock)
  }

  /// Distance of columns in a block's buffer: a multiple of 8 doubles, and no power of two, which would put all
  /// columns of a row into the same cache sets.
  var leadingDimension: Int { (min(rowsPerBlock, rowCount) + 7) / 8 * 8 + 8 }
}
