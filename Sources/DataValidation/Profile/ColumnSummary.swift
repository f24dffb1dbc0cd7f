import Basics
import Statistics
import Tabular

/// What one pass over the rows of a column leaves: the groups of rows come one after the other, each is looked at once.
struct ColumnSummary: Sendable {
  let type: ColumnType
  private(set) var count = 0
  private(set) var missing = 0
  private(set) var numbers: NumberSummary?
  private(set) var categories: CategorySummary?
  private(set) var texts: TextSummary?
  private(set) var entries: EntrySummary?
  private(set) var association: AssociationSummary?

  /// Of no rows yet. The codes of a category are places in `levels`, or mean what `settle` says in the end.
  init(_ type: ColumnType, levels: [String] = [], association: AssociationSummary? = nil) {
    self.type = type
    self.association = association
    if type.isNumeric {
      numbers = NumberSummary()
    } else if type == .category {
      categories = CategorySummary(levels: levels)
    } else if type == .sparse {
      entries = EntrySummary()
    } else {
      texts = TextSummary()
    }
  }

  /// Takes one group of rows.
  ///
  /// - Parameters:
  ///   - span: the rows of the group within the column.
  ///   - selection: the rows of the column that count; all when nil.
  ///   - row: the first row of the group within the table, which `span` may not know.
  mutating func insert(
    _ column: Column, _ span: Range<Int>, selection: SelectedRows? = nil, row: Int, _ cancellation: Cancellation
  ) throws {
    count += selection?.count(in: span) ?? span.count
    let rows = RowBlocks(span, selection)
    if type.isNumeric {
      try insertNumbers(column, rows, from: span.lowerBound, row: row, cancellation)
      missing = count - (numbers?.moments.count ?? 0)
    } else if type == .category {
      try rows.eachCodes(of: column, cancellation) { codes, rows in
        categories?.insert(codes)
        association?.insert(codes: codes, rows)
      }
      missing = count - (categories?.present ?? 0)
    } else if type == .sparse {
      rows.eachRun { entries?.insert(column, $0, row: row + $0.lowerBound - span.lowerBound) }
      entries?.finish()
      missing = count - (entries?.rows ?? 0)
    } else {
      try rows.eachRun { run in
        try cancellation.check()
        column.eachText(run) { _, bytes in texts?.insert(bytes) }
      }
      missing = count - (texts?.lengths.count ?? 0)
    }
  }

  private mutating func insertNumbers(
    _ column: Column, _ rows: RowBlocks, from first: Int, row: Int, _ cancellation: Cancellation
  ) throws {
    guard var summary = numbers.take() else { return }
    defer { numbers = summary }
    summary.begin(row: row)
    try rows.eachNumbers(of: column, keepsPlaces: association != nil, cancellation) { values, rows in
      let exactly = type == .integer ? { column.integers(of: rows) } : nil
      summary.insert(values, row: row + rows.rows.lowerBound - first, integers: exactly)
      association?.insert(numbers: values, rows)
    }
  }

  /// Says what the codes of a category mean: code c is level `positions[c]`.
  mutating func settle(_ levels: [String], positions: [Int32]) {
    categories?.settle(levels, positions: positions)
  }

  /// The summary of the selected rows of a column, group by group as its table has them.
  static func whole(
    _ column: Column, selection: SelectedRows? = nil, target: TargetColumn? = nil, _ cancellation: Cancellation
  ) throws -> Self {
    var whole = ColumnSummary(
      column.type, levels: column.dictionary, association: target.map { AssociationSummary(column, $0) })
    let groupRows = min(TableProfile.groupRows, column.groupRows)
    for start in stride(from: 0, to: column.rowCount, by: groupRows) {
      let span = start..<min(column.rowCount, start + groupRows)
      try whole.insert(column, span, selection: selection, row: start, cancellation)
    }
    return whole
  }
}

extension Column {
  /// The integers of a block that are not missing.
  fileprivate func integers(of block: RowBlocks.Block) -> [Int64] {
    var all = [Int64](repeating: 0, count: block.rows.count)
    all.withUnsafeMutableBufferPointer { readIntegers(block.rows, into: $0) }
    let first = block.rows.lowerBound
    return (block.places ?? Array(all.indices)).compactMap { isMissing(first + $0) ? nil : all[$0] }
  }
}
