package import Basics
import Statistics
package import Tabular

extension Association {
  /// How closely it goes with `target` whether each column has a value in a row, in the order of the columns; nil where
  /// all rows have one or none has, where it cannot be told, and for the target. A column that is filled in only once the
  /// target is known tells it by being there, whatever stands in it. One pass over the gaps of each column and the target,
  /// side by side on `threads` threads. Throws `ExpectationError.unknownColumn` and `Cancelled`.
  package static func ofPresence(
    in table: Table, with target: String, threads: Int, cancellation: Cancellation
  ) throws -> [Association?] {
    try each(of: table, target, threads: threads) { column, target in
      guard (1..<max(1, column.rowCount)).contains(column.missingCount) else { return nil }
      return try ofPresence(of: column, with: target, cancellation)
    }
  }

  private static func ofPresence(
    of column: Column, with target: TargetColumn, _ cancellation: Cancellation
  ) throws -> Association? {
    // Missing first, then present.
    var counts = [Int](repeating: 0, count: 2 * (target.classes ?? 0))
    var moments = [Moments(), Moments()]
    for start in stride(from: 0, to: column.rowCount, by: RowBlocks.size) {
      try cancellation.check()
      let rows = start..<min(column.rowCount, start + RowBlocks.size)
      let block = RowBlocks.Block(rows: rows)
      if let width = target.classes {
        for (row, code) in zip(rows, target.codes(block)) where code >= 0 {
          counts[(column.isMissing(row) ? 0 : width) + Int(code)] += 1
        }
        continue
      }
      var values: [[Double]] = [[], []]
      for (row, number) in zip(rows, target.numbers(block)) where !number.isNaN {
        values[column.isMissing(row) ? 0 : 1].append(number)
      }
      for side in 0...1 where !values[side].isEmpty {
        values[side].withUnsafeBufferPointer { moments[side].merge(Moments($0)) }
      }
    }
    if let width = target.classes {
      return cramersV(counts, width: width).map { Association(statistic: .cramersV, value: $0) }
    }
    return correlationRatio(moments).map { Association(statistic: .correlationRatio, value: $0) }
  }
}
