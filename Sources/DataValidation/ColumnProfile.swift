import Basics
import Statistics
package import Tabular

/// What the values of one column are like, over some rows of a table.
package struct ColumnProfile: Sendable, Hashable {
  package var name: String
  package var type: ColumnType
  /// Rows looked at, and those of them without a value.
  package var count: Int
  package var missing: Int
  /// Distinct values, exact up to `distinctLimit`; nil beyond.
  package var distinct: Int?
  /// Of integers, numbers, booleans (0 and 1), dates (days since 1970-01-01) and timestamps (seconds since
  /// 1970-01-01T00:00:00Z); nil for other types and where every value is missing.
  package var numbers: Numbers?
  /// The most frequent values of a category or a boolean, most frequent first, equally frequent ones by their bytes.
  package var values: [ValueCount]

  /// Distinct values are counted exactly up to so many.
  package static let distinctLimit = 10_000
  /// The most `values` that are listed.
  package static let valueLimit = 20

  package struct Numbers: Sendable, Hashable {
    package var min: Double
    package var max: Double
    package var mean: Double
    /// With divisor n, as the encoder standardises.
    package var deviation: Double
    /// At `probabilities`, type 7 (see `quantile`).
    package var quantiles: [Double]
    /// Rows in each of `binCount` bins of equal width from `min` to `max`; each bin holds its lower edge, the last one both.
    /// A single bin where `min` is `max`.
    package var histogram: [Int]

    package static let probabilities = [0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1]
    package static let binCount = 10
  }

  package struct ValueCount: Sendable, Hashable {
    package var value: String
    package var count: Int
  }

  /// Looks at `rows`, in ascending order, of a column; at all when nil. O(rows), two passes over the numbers of a column.
  /// Throws `Cancelled`.
  init(_ column: Column, rows: [Int]?, _ cancellation: Cancellation) throws {
    name = column.name
    type = column.type
    count = rows?.count ?? column.rowCount
    values = []
    missing = 0
    let selection = RowCursor(rows)
    switch column.type {
    case .category:
      var counts = [Int](repeating: 0, count: column.dictionary.count)
      try column.eachCode(block: 8192, cancellation) { row, code in
        if selection.takes(row) { counts[code] += 1 }
      }
      setValues(zip(column.dictionary, counts).filter { $0.1 > 0 })
    case .text:
      var seen: Set<[UInt8]> = []
      var present = 0
      for row in 0..<column.rowCount where selection.takes(row) {
        if row % 8192 == 0 { try cancellation.check() }
        guard let text = column.text(row) else { continue }
        present += 1
        if seen.count <= Self.distinctLimit { seen.insert(Array(text.utf8)) }
      }
      missing = count - present
      distinct = seen.count > Self.distinctLimit ? nil : seen.count
    case .sparse:
      // Its numbers stand for many columns; only missing rows are counted.
      let selected = rows ?? Array(0..<column.rowCount)
      missing = column.missingCount == 0 ? 0 : selected.count { column.isMissing($0) }
    case .integer, .number, .boolean, .date, .timestamp:
      let survey = try NumberSurvey(column, rows: rows, cancellation)
      missing = count - survey.count
      distinct = survey.distinct
      numbers = try Numbers(survey, column, rows: rows, cancellation)
      if column.type == .boolean {
        let trues = Int(survey.sum)
        setValues([("false", survey.count - trues), ("true", trues)].filter { $0.1 > 0 })
      }
    }
  }

  private mutating func setValues(_ counted: [(String, Int)]) {
    missing = count - counted.reduce(0) { $0 + $1.1 }
    distinct = counted.count > Self.distinctLimit ? nil : counted.count
    // Levels come sorted by bytes, and a stable order is made by comparing positions.
    values = counted.enumerated()
      .sorted { ($1.element.1, $0.offset) < ($0.element.1, $1.offset) }
      .prefix(Self.valueLimit).map { ValueCount(value: $0.element.0, count: $0.element.1) }
  }
}

/// Tells of rows that come in ascending order whether they are selected.
private final class RowCursor {
  private let rows: [Int]?
  private var next = 0

  init(_ rows: [Int]?) { self.rows = rows }

  func takes(_ row: Int) -> Bool {
    guard let rows else { return true }
    while next < rows.count, rows[next] < row { next += 1 }
    return next < rows.count && rows[next] == row
  }
}
