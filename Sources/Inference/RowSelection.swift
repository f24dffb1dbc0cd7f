import Statistics

/// Which rows of a table are meant.
package enum RowSelection: Sendable, Hashable {
  case all
  /// Row numbers in ascending order, none twice.
  case rows([Int])

  package func count(of rowCount: Int) -> Int {
    switch self {
    case .all: rowCount
    case .rows(let rows): rows.count
    }
  }

  /// The table row at a position of the selection.
  package func row(_ position: Int) -> Int {
    switch self {
    case .all: position
    case .rows(let rows): rows[position]
    }
  }

  /// Whether `isWanted` holds for some selected row.
  func contains(of rowCount: Int, _ isWanted: (Int) -> Bool) -> Bool {
    switch self {
    case .all: (0..<rowCount).contains(where: isWanted)
    case .rows(let rows): rows.contains(where: isWanted)
    }
  }

  /// As bits; nil for all rows.
  func mask(of rowCount: Int) -> RowMask? {
    guard case .rows(let rows) = self else { return nil }
    return RowMask(rows, of: rowCount)
  }

  /// Rows of one block of statistics: fixed, so that sums do not depend on how a table is read.
  static let blockRows = 4096

  /// Calls `body` with each block of `blockRows` table rows that holds some selected ones, and those, in order.
  func eachBlock(of rowCount: Int, _ body: (_ block: Range<Int>, _ selected: ArraySlice<Int>?) throws -> Void) rethrows
  {
    let size = RowSelection.blockRows
    switch self {
    case .all:
      for start in stride(from: 0, to: rowCount, by: size) { try body(start..<min(start + size, rowCount), nil) }
    case .rows(let rows):
      var at = 0
      while at < rows.count {
        let start = rows[at] / size * size
        let block = start..<min(start + size, rowCount)
        var end = at
        while end < rows.count, rows[end] < block.upperBound { end += 1 }
        try body(block, rows[at..<end])
        at = end
      }
    }
  }
}
