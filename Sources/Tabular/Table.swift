/// Typed columns of equal length: a mapped Arrow file, or a table in memory. Immutable; reads from any thread.
package struct Table: Sendable {
  package let schema: Schema
  package let rowCount: Int
  /// Records of the source that were left out because they could not be rows.
  package let badRowCount: Int
  private let columns: [Column]
  private let positions: [String: Int]

  /// All columns must have `rowCount` rows, and names must differ.
  init(columns: [Column], rowCount: Int, badRowCount: Int = 0) {
    precondition(columns.allSatisfy { $0.rowCount == rowCount })
    schema = Schema(fields: columns.map(\.field))
    self.columns = columns
    self.rowCount = rowCount
    self.badRowCount = badRowCount
    positions = Dictionary(uniqueKeysWithValues: zip(columns.map(\.name), columns.indices))
  }

  package func column(_ index: Int) -> Column { columns[index] }

  /// The column of this name, or nil. O(1).
  package func column(named name: String) -> Column? {
    positions[name].map { columns[$0] }
  }

  /// The share of the records of the source that were left out.
  package var badRowShare: Double {
    badRowCount == 0 ? 0 : Double(badRowCount) / Double(rowCount + badRowCount)
  }

  /// The same table with only these columns, in this order; nil where one is not there.
  package func selecting(_ names: [String]) -> Table? {
    let selected = names.compactMap { column(named: $0) }
    return selected.count == names.count ? Table(columns: selected, rowCount: rowCount, badRowCount: badRowCount) : nil
  }
}
