package import Basics
package import Statistics
package import Tabular

/// How the values of a column are spread, as drift is measured: exactly for levels, and for numbers exactly up to 2,048 rows or
/// 4,096 different numbers, beyond from a sketch whose ranks are off by at most 1.1 % with a probability of 99 %.
package enum Distribution: Sendable {
  case numbers(WeightedValues, deviation: Double)
  /// Rows by level, the levels in the order of their bytes.
  case levels([(level: String, count: Int)])

  /// Nil for text and sparse rows, and where there is no value. Throws `Cancelled`.
  package init?(_ column: Column, _ cancellation: Cancellation) throws {
    let summary = try ColumnSummary.whole(column, rows: nil, target: nil, cancellation)
    if let numbers = summary.numbers, numbers.moments.count > 0 {
      self = .numbers(numbers.distribution.values, deviation: numbers.moments.deviation)
    } else if let categories = summary.categories, categories.present > 0 {
      self = .levels(
        categories.occurring.map { ($0.value, $0.count) }.sorted { $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) })
    } else {
      return nil
    }
  }
}
