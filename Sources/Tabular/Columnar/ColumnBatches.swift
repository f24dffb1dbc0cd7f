import Basics

/// Calls `body` with all rows, `batchRows` at a time. `readers` read the next rows of a column each; they run side by side,
/// a batch ahead of `body` where there is more than one thread.
func eachColumnBatch(
  _ readers: [@Sendable (Int) throws -> TypedColumn], rowCount: Int, batchRows: Int, _ threads: Int,
  _ cancellation: Cancellation, _ body: (TypedBatch) throws -> Void
) throws {
  let batches = (rowCount + batchRows - 1) / batchRows
  try produceInOrder(count: batches, isAhead: threads > 1) { index -> TypedBatch in
    let count = min(batchRows, rowCount - index * batchRows)
    let columns = try collect(readers.count, threads: threads) { column in
      try cancellation.check()
      return try readers[column](count)
    }
    return TypedBatch(
      columns: columns, rowCount: count, progress: Double(index * batchRows + count) / Double(rowCount))
  } _: {
    try body($0)
  }
}

/// Whether some value of a column of unsigned integers, whose next rows `read` gives, is beyond those of a table.
func isBeyondIntegers(
  rowCount: Int, _ cancellation: Cancellation, _ read: (Int) throws -> TypedColumn
) throws -> Bool {
  do {
    for start in stride(from: 0, to: rowCount, by: 65_536) {
      try cancellation.check()
      _ = try read(min(65_536, rowCount - start))
    }
    return false
  } catch ColumnarProblem.outOfRange {
    return true
  }
}
