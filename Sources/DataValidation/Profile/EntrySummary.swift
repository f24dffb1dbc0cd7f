import Statistics
import Tabular

/// The entries of sparse rows, summarised in one pass.
struct EntrySummary: Sendable {
  /// Rows that are not missing.
  private(set) var rows = 0
  private(set) var indices = DistinctCounter()
  private(set) var numbers = NumberSummary()
  /// Numbers that wait for others, since many are looked at more cheaply than few, and the row of the first.
  private var pending: [Double] = []
  private var pendingRow = 0

  mutating func insert(_ column: Column, _ span: Range<Int>, row first: Int) {
    column.eachSparseRow(span) { row, indices, numbers in
      if column.isMissing(row) { return }
      rows += 1
      for index in indices { self.indices.insert(key: UInt64(truncatingIfNeeded: Int(index))) }
      if pending.isEmpty {
        pendingRow = first + row - span.lowerBound
        self.numbers.begin(row: pendingRow)
      }
      pending.append(contentsOf: numbers)
      if pending.count >= RowBlocks.size { flush() }
    }
  }

  private mutating func flush() {
    pending.withUnsafeBufferPointer { numbers.insert($0, row: pendingRow) }
    pending.removeAll(keepingCapacity: true)
  }

  mutating func finish() { flush() }
}
