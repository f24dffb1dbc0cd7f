package import Basics
import Statistics
import Synchronization
package import Tabular

/// Profiles a table while it is written, row group by row group.
///
/// The profile is the one that `TableProfile` makes of the finished table.
package final class TableProfileBuilder: RowGroupObserver {
  private let cancellation: Cancellation
  private let lanes = Mutex<[Int: Lane]>([:])

  /// What is known of a column. Its groups come one after the other, so that nobody else looks at it meanwhile.
  private final class Lane: @unchecked Sendable {
    let name: String
    var summary: ColumnSummary

    init(_ field: Field) {
      name = field.name
      summary = ColumnSummary(field.type)
    }
  }

  package init(cancellation: Cancellation = .process) { self.cancellation = cancellation }

  package func begin(_ columns: [(position: Int, field: Field)]) {
    lanes.withLock { lanes in
      for column in columns { lanes[column.position] = Lane(column.field) }
    }
  }

  package func restart() { lanes.withLock { $0 = [:] } }

  package func observe(_ column: Column, at position: Int, firstRow: Int) throws {
    guard let lane = lanes.withLock({ $0[position] }) else { return }
    try lane.summary.insert(column, 0..<column.rowCount, row: firstRow, cancellation)
  }

  package func settle(_ levels: [String], positions: [Int32], at position: Int) {
    lanes.withLock { $0[position] }?.summary.settle(levels, positions: positions)
  }

  /// The profile of all that was seen.
  package func profile(threads: Int = 1) -> TableProfile {
    let lanes = lanes.withLock { $0 }.sorted { $0.key < $1.key }.map(\.value)
    let detail = ProfileDetail(columns: lanes.count)
    let columns = parallelMap(count: lanes.count, threads: threads) { index in
      lanes[index].summary.profile(named: lanes[index].name, detail)
    }
    return TableProfile(rowCount: columns.first?.count ?? 0, columns: columns)
  }
}
