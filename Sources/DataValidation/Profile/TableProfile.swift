package import Basics
import Synchronization
package import Tabular

/// What the columns of a table are like, told in one pass: beside every table, and with every model the reference that it
/// remembers of the rows it was trained on.
///
/// It depends on the rows and their order alone, not on threads, and of a table that comes in row groups of
/// `TableProfile.groupRows` not on whether it was profiled while it was written or afterwards.
package struct TableProfile: Sendable, Hashable {
  package var rowCount: Int
  /// The column that `association` is with.
  package var target: String?
  package var columns: [ColumnProfile]

  /// The version of `json`.
  package static let version = 2
  /// Rows that are summarised in one go.
  package static let groupRows = 65_536

  package init(rowCount: Int, target: String? = nil, columns: [ColumnProfile]) {
    self.rowCount = rowCount
    self.target = target
    self.columns = columns
  }

  /// Profiles `columns` (all when nil) over `rows`, in ascending order (all when nil), side by side on `threads` threads; the
  /// profile does not depend on that. With a `target`, tells how closely each other column goes with it.
  ///
  /// One pass over each column; some 100 KiB of memory a column beside a row group. Throws
  /// `ExpectationError.unknownColumn` and `Cancelled`.
  package init(
    _ table: Table, columns: [String]? = nil, rows: [Int]? = nil, target: String? = nil, threads: Int = 1,
    cancellation: Cancellation = .process, progress: @Sendable (Double) -> Void = { _ in }
  ) throws {
    func find(_ name: String) throws -> Column {
      guard let column = table.column(named: name) else { throw ExpectationError.unknownColumn(name) }
      return column
    }
    let selected = try (columns ?? table.schema.names).map(find)
    let reference = try target.map(find).flatMap(TargetColumn.init)
    let profiles = Mutex(([ColumnProfile?](repeating: nil, count: selected.count), 0))
    try parallelFor(count: selected.count, threads: threads) { index in
      let column = selected[index]
      let profile = try ColumnSummary.whole(
        column, rows: rows, target: column.name == target ? nil : reference, cancellation
      ).profile(named: column.name)
      column.release()
      let done = profiles.withLock {
        $0.0[index] = profile
        $0.1 += 1
        return $0.1
      }
      progress(Double(done) / Double(selected.count))
    }
    self.init(
      rowCount: rows?.count ?? table.rowCount, target: target, columns: profiles.withLock { $0.0 }.compactMap { $0 })
  }

  package func column(named name: String) -> ColumnProfile? { columns.first { $0.name == name } }
}
