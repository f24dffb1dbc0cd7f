package import Basics
package import Statistics
package import Tabular

/// How the values of a column are spread, as drift is measured: levels with their counts, and numbers as points of their
/// distribution function (`ColumnProfile.Numbers.points`), which are all numbers where those are few.
package enum Distribution: Sendable {
  case numbers(WeightedValues, deviation: Double)
  /// Rows by level, the levels in the order of their bytes.
  case levels([(level: String, count: Int)])

  /// Of a column of a table, with as much detail as a profile of it keeps. Nil for text and sparse rows, and where there is no
  /// value. Throws `Cancelled`.
  package init?(_ column: Column, _ detail: ProfileDetail, _ cancellation: Cancellation) throws {
    guard column.type.isNumeric || column.type == .category else { return nil }
    let summary = try ColumnSummary.whole(column, cancellation)
    // Levels are not too many to be looked at here, whatever a profile keeps.
    if let categories = summary.categories, categories.present > 0 {
      self.init(levels: categories.occurring)
    } else {
      self.init(summary.profile(named: column.name, detail))
    }
  }

  /// Of a column that a profile tells of. Nil for text and sparse rows, where there is no value, and where the profile does
  /// not keep enough.
  package init?(_ column: ColumnProfile) {
    if column.type == .category {
      guard let levels = column.levels, !levels.isEmpty else { return nil }
      self.init(levels: levels)
    } else {
      guard column.type.isNumeric, let numbers = column.numbers, numbers.points.total > 0 else { return nil }
      self = .numbers(numbers.points, deviation: numbers.deviation)
    }
  }

  private init(levels: [ColumnProfile.ValueCount]) {
    self = .levels(
      levels.map { ($0.value, $0.count) }.sorted { $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) })
  }
}

/// What drift is measured from or to: a table, its profile, or both. What the profile tells is not counted again.
package struct ProfiledTable: Sendable {
  package var table: Table?
  package var profile: TableProfile?

  package init(table: Table? = nil, profile: TableProfile? = nil) {
    self.table = table
    self.profile = profile
  }

  /// Whether there is such a column.
  func hasColumn(_ name: String) -> Bool {
    table.map { $0.column(named: name) != nil } ?? (profile?.column(named: name) != nil)
  }

  /// Nil where there is no such column, or it has no distribution. Throws `Cancelled`.
  func distribution(of name: String, _ cancellation: Cancellation) throws -> Distribution? {
    if let found = profile?.column(named: name).flatMap({ Distribution($0) }) { return found }
    guard let table, let column = table.column(named: name) else { return nil }
    return try Distribution(column, ProfileDetail(columns: table.schema.fields.count), cancellation)
  }
}
