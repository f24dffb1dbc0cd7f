import Statistics
import Tabular

/// The entries of sparse rows, summarised in one pass.
struct EntrySummary: Sendable {
  /// Rows that are not missing.
  private(set) var rows = 0
  private(set) var indices = DistinctCounter()
  private(set) var numbers: NumberSummary

  init(row: Int) { numbers = NumberSummary(row: row, hint: DistinctCounter.Hint()) }

  mutating func insert(_ column: Column, _ span: Range<Int>, row first: Int) {
    column.eachSparseRow(span) { row, indices, numbers in
      if column.isMissing(row) { return }
      rows += 1
      for index in indices { self.indices.insert(key: UInt64(truncatingIfNeeded: Int(index))) }
      self.numbers.insert(numbers, row: first)
    }
  }

  mutating func finish() { numbers.finish() }

  mutating func merge(_ later: EntrySummary) {
    rows += later.rows
    indices.merge(later.indices)
    numbers.merge(later.numbers)
  }
}
