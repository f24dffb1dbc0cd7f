/// How much of a column's distribution a profile keeps, so that it can be held against another: less of each column where
/// there are many. Two profiles of tables with as many columns keep the same.
package struct ProfileDetail: Sendable, Hashable {
  /// Points of a distribution function at most.
  package let points: Int
  /// Levels of a category that are all kept, or none of them beyond the most frequent.
  package let levels: Int

  /// For a table of so many columns.
  package init(columns: Int) {
    let share = 32_768 / max(1, columns)
    points = min(2048, max(51, share))
    levels = min(1000, max(ColumnProfile.valueLimit, share))
  }
}
