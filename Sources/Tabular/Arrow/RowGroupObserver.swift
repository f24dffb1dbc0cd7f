/// What looks at the row groups of a table while they are written, while their memory is near: a profile that is made on the
/// way, say.
///
/// Columns come by their positions in the table, side by side on several threads; the groups of one column come in their
/// order. A column may begin again, when it turns out to be of another type than was thought.
package protocol RowGroupObserver: AnyObject, Sendable {
  /// Columns begin, at these positions of the table. What was seen of them before is void.
  func begin(_ columns: [(position: Int, field: Field)])
  /// Forgets all columns: the table is read anew, and may have others.
  func restart()
  /// Looks at the rows of one group of a column; `firstRow` is the first of them within the table. The memory holds until the
  /// call returns. What the codes of a category mean is told by `settle`, not by the dictionary. Throws `Cancelled`.
  func observe(_ column: Column, at position: Int, firstRow: Int) throws
  /// Says what the codes of a category mean, when all groups were seen: code c stands for level `positions[c]`.
  func settle(_ levels: [String], positions: [Int32], at position: Int)
}

extension RowGroupObserver {
  /// Shows one group of a column.
  func observe(
    _ field: Field, _ segment: ColumnSegment, _ owners: [any AnyObject & Sendable], at position: Int, firstRow: Int
  ) throws {
    let column = Column(
      field: field, dictionary: [], segments: [segment], segmentRows: segment.rowCount, owners: owners)
    try observe(column, at: position, firstRow: firstRow)
  }

  /// Begins all columns of a table.
  func begin(_ fields: [Field]) {
    restart()
    begin(fields.enumerated().map { (position: $0.offset, field: $0.element) })
  }

  /// Says that the codes of a category are the places of its levels.
  func settle(_ levels: [String], at position: Int) {
    settle(levels, positions: Array(0..<Int32(clamping: levels.count)), at: position)
  }
}
