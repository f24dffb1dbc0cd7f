internal import Basics

/// The entries of sparse rows by column (CSC), rows ascending, for solvers that go column by column. Columns are those of
/// `SparseRows`. Takes 12 bytes an entry, whatever the memory budget.
final class SparseColumns: @unchecked Sendable {
  let starts: UnsafeMutablePointer<Int>
  let rows: UnsafeMutablePointer<Int32>
  let values: UnsafeMutablePointer<Double>

  init(_ source: SparseRows, cancellation: Cancellation) throws {
    let width = source.width
    starts = .allocate(capacity: width + 2)
    rows = .allocate(capacity: max(1, source.entryCount))
    values = .allocate(capacity: max(1, source.entryCount))
    // First the counts, two places on, so that filling leaves the starts.
    starts.initialize(repeating: 0, count: width + 2)
    for block in 0..<source.blockCount {
      try cancellation.check()
      source.withBlock(block) { view in
        for entry in 0..<view.starts[view.rowCount] { starts[Int(view.columns[entry]) + 2] += 1 }
      }
    }
    for column in 0..<width { starts[column + 2] += starts[column + 1] }
    for block in 0..<source.blockCount {
      try cancellation.check()
      let first = source.rows(ofBlock: block).lowerBound
      source.withBlock(block) { view in
        for row in 0..<view.rowCount {
          for entry in view.starts[row]..<view.starts[row + 1] {
            let column = Int(view.columns[entry])
            let place = starts[column + 1]
            rows[place] = Int32(truncatingIfNeeded: first + row)
            values[place] = view.values[entry]
            starts[column + 1] = place + 1
          }
        }
      }
    }
  }

  deinit {
    starts.deallocate()
    rows.deallocate()
    values.deallocate()
  }

  /// Σ value · vector[row] over a column.
  @inline(__always)
  func product(_ column: Int, _ vector: UnsafePointer<Double>) -> Double {
    var first = 0.0
    var second = 0.0
    var at = starts[column]
    let end = starts[column + 1]
    while at &+ 2 <= end {
      first += values[at] * vector[Int(rows[at])]
      second += values[at &+ 1] * vector[Int(rows[at &+ 1])]
      at = at &+ 2
    }
    if at < end { first += values[at] * vector[Int(rows[at])] }
    return first + second
  }

  /// vector[row] += factor · scale[row] · value over a column.
  @inline(__always)
  func add(_ column: Int, _ factor: Double, scale: UnsafePointer<Double>, to vector: UnsafeMutablePointer<Double>) {
    var at = starts[column]
    let end = starts[column + 1]
    while at < end {
      let row = Int(rows[at])
      vector[row] += factor * scale[row] * values[at]
      at = at &+ 1
    }
  }
}
