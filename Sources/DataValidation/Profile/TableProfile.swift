package import Basics
import Synchronization
package import Tabular

/// What the columns of a table are like, told in one pass: beside every table, and with every model the reference that it
/// remembers of the rows it was trained on.
///
/// It depends on the rows, their order and the row groups of the table alone: not on threads, nor on whether it was made while
/// the table was written or afterwards.
package struct TableProfile: Sendable, Hashable {
  package var rowCount: Int
  /// The column that `association` is with.
  package var target: String?
  package var columns: [ColumnProfile]

  /// The version of `json`.
  package static let version = 3
  /// The most rows that are summarised in one go.
  package static let groupRows = 65_536

  package init(rowCount: Int, target: String? = nil, columns: [ColumnProfile]) {
    self.rowCount = rowCount
    self.target = target
    self.columns = columns
  }

  /// Profiles `columns` (all when nil) over `rows`, in ascending order (all when nil), side by side on `threads` threads; the
  /// profile does not depend on that. With a `target`, tells how closely each other column goes with it. `detail` is
  /// what a table with as many columns has, when nil.
  ///
  /// One pass over each column; some 100 KiB of memory a column beside a row group. Throws
  /// `ExpectationError.unknownColumn` and `Cancelled`.
  package init(
    _ table: Table, columns: [String]? = nil, rows: [Int]? = nil, target: String? = nil,
    detail: ProfileDetail? = nil, threads: Int = 1, cancellation: Cancellation = .process,
    progress: @Sendable (Double) -> Void = { _ in }
  ) throws {
    func find(_ name: String) throws -> Column {
      guard let column = table.column(named: name) else { throw ExpectationError.unknownColumn(name) }
      return column
    }
    let selected = try (columns ?? table.schema.names).map(find)
    let reference = try target.map(find).flatMap(TargetColumn.init)
    let selection = rows.map { SelectedRows($0, of: table.rowCount) }
    let detail = detail ?? ProfileDetail(columns: table.schema.fields.count)
    let profiles = Mutex(([ColumnProfile?](repeating: nil, count: selected.count), 0))
    try parallelFor(count: selected.count, threads: threads) { index in
      let column = selected[index]
      let profile = try ColumnSummary.whole(
        column, selection: selection, target: column.name == target ? nil : reference, cancellation
      ).profile(named: column.name, detail)
      column.noteRead()
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

  /// The same with only these columns, in this order; nil where one is not there.
  package func selecting(_ names: [String]) -> TableProfile? {
    let byName = Dictionary(columns.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    let selected = names.compactMap { byName[$0] }
    return selected.count == names.count
      ? TableProfile(rowCount: rowCount, target: target, columns: selected) : nil
  }

  /// The same with how closely each column of `table`, whose profile this is, goes with a target. Throws
  /// `ExpectationError.unknownColumn` and `Cancelled`.
  package func associated(
    with target: String, in table: Table, threads: Int = 1, cancellation: Cancellation = .process
  ) throws -> TableProfile {
    let found = try Association.all(of: table, with: target, threads: threads, cancellation: cancellation)
    var profile = self
    profile.target = target
    for (name, association) in zip(table.schema.names, found) {
      guard let index = profile.columns.firstIndex(where: { $0.name == name }) else { continue }
      profile.columns[index].association = association
    }
    return profile
  }

  package func column(named name: String) -> ColumnProfile? { columns.first { $0.name == name } }
}
