package import Basics
import Statistics
import Synchronization
package import Tabular

/// Profiles a table that comes in row groups, in any order and from several threads at once: while it is read, say.
///
/// The profile is the one that `TableProfile` would make of the finished table, as long as every group but the last has
/// `groupRows` rows. Groups wait, as summaries, only until those before them are in.
package final class TableProfileBuilder: Sendable {
  private let groupRows: Int
  private let lanes = Mutex<[String: Lane]>([:])

  fileprivate struct Lane {
    var summary: ColumnSummary?
    var next = 0
    var waiting: [Int: ColumnSummary] = [:]
  }

  /// `groupRows`: rows of every group but the last.
  package init(groupRows: Int = TableProfile.groupRows) { self.groupRows = groupRows }

  /// Summarises the columns of a group; `index` is its place among the groups, from 0. A column may come in calls of its
  /// own, but each group of it once. The type of a column may turn from integer to number on the way; for any other change
  /// see `forget`. Throws `Cancelled`.
  package func observe(group: Table, index: Int, cancellation: Cancellation = .process) throws {
    for position in group.schema.fields.indices {
      let column = group.column(position)
      let hint = lanes.withLock { $0[column.name]?.summary?.hint } ?? DistinctCounter.Hint()
      let summary = try ColumnSummary(
        column, 0..<group.rowCount, selection: nil, row: index * groupRows,
        hint: hint, target: nil, cancellation)
      lanes.withLock { lanes in
        lanes[column.name, default: Lane()].add(summary, at: index)
      }
    }
  }

  /// Forgets a column whose type has changed, so that all groups of it can come again. No call of `observe` with it may be
  /// under way.
  package func forget(column name: String) { lanes.withLock { $0[name] = nil } }

  /// The profile of all groups, its columns in the order of `schema`. Columns that never came, or whose groups have gaps, are left
  /// out.
  package func profile(_ schema: Schema) -> TableProfile {
    let columns = lanes.withLock { lanes in
      schema.fields.compactMap { field in
        lanes[field.name].flatMap { $0.waiting.isEmpty ? $0.summary?.profile(named: field.name) : nil }
      }
    }
    return TableProfile(rowCount: columns.first?.count ?? 0, columns: columns)
  }
}

extension TableProfileBuilder.Lane {
  fileprivate mutating func add(_ summary: ColumnSummary, at index: Int) {
    waiting[index] = summary
    while let ready = waiting.removeValue(forKey: next) {
      if self.summary == nil { self.summary = ready } else { self.summary?.merge(ready) }
      next += 1
    }
  }
}
