import Basics
import Statistics
import Tabular

/// What one pass over some rows of a column leaves: mergeable, so that row groups are summarised on any thread and joined in
/// their order.
struct ColumnSummary: Sendable {
  private(set) var type: ColumnType
  private(set) var count = 0
  private(set) var missing = 0
  private(set) var numbers: NumberSummary?
  private(set) var categories: CategorySummary?
  private(set) var texts: TextSummary?
  private(set) var entries: EntrySummary?
  private(set) var association: AssociationSummary?

  /// What a summary that is going to be merged into this one need not note again.
  var hint: DistinctCounter.Hint { numbers?.distinct.hint ?? DistinctCounter.Hint() }

  /// Summarises one row group.
  ///
  /// - Parameters:
  ///   - span: the rows of the group within the column.
  ///   - selection: those of them that count, ascending; all when nil.
  ///   - row: the first row of the group within the table, which `span` may not know.
  init(
    _ column: Column, _ span: Range<Int>, selection: ArraySlice<Int>?, row: Int, hint: DistinctCounter.Hint,
    target: TargetColumn?, _ cancellation: Cancellation
  ) throws {
    type = column.type
    count = selection?.count ?? span.count
    let rows = RowBlocks(span, selection)
    association = target.map { AssociationSummary(column, $0) }
    if column.type.isNumeric {
      var summary = NumberSummary(row: row, hint: hint)
      try rows.eachNumbers(of: column, cancellation) { values, rows in
        let present = UnsafeBufferPointer(
          rebasing: column.missingCount == 0 ? values[...] : values[..<rows.compact(values)])
        summary.insert(present, row: row + rows.rows.lowerBound - span.lowerBound)
        association?.insert(numbers: present, rows)
      }
      summary.finish()
      missing = count - summary.moments.count
      numbers = summary
    } else if column.type == .category {
      var summary = CategorySummary(levels: column.dictionary)
      try rows.eachCodes(of: column, cancellation) { codes, rows in
        summary.insert(codes)
        association?.insert(codes: codes, rows)
      }
      missing = count - summary.present
      categories = summary
    } else if column.type == .sparse {
      var summary = EntrySummary(row: row)
      for part in rows.spans { summary.insert(column, part, row: row + part.lowerBound - span.lowerBound) }
      summary.finish()
      missing = count - summary.rows
      entries = summary
    } else {
      var summary = TextSummary()
      for span in rows.spans {
        try cancellation.check()
        column.eachText(span) { _, bytes in summary.insert(bytes) }
      }
      missing = count - summary.lengths.count
      texts = summary
    }
  }

  /// The summary of all `rows` of a column, group by group.
  static func whole(_ column: Column, rows: [Int]?, target: TargetColumn?, _ cancellation: Cancellation) throws -> Self
  {
    var whole: ColumnSummary?
    let groupRows = TableProfile.groupRows
    var first = 0
    for index in 0..<max(1, (column.rowCount + groupRows - 1) / groupRows) {
      let span = index * groupRows..<min(column.rowCount, (index + 1) * groupRows)
      var selection: ArraySlice<Int>?
      if let rows {
        var end = first
        while end < rows.count, rows[end] < span.upperBound { end += 1 }
        selection = rows[first..<end]
        first = end
      }
      let group = try ColumnSummary(
        column, span, selection: selection, row: span.lowerBound,
        hint: whole?.hint ?? DistinctCounter.Hint(), target: target, cancellation)
      if whole == nil { whole = group } else { whole?.merge(group) }
    }
    guard let whole else { preconditionFailure("a column has a first group") }
    return whole
  }

  /// Adds the group that comes after. Integers and numbers are of one kind; any other change of type needs all groups again.
  mutating func merge(_ later: ColumnSummary) {
    if type == .integer, later.type == .number { type = .number }
    count += later.count
    missing += later.missing
    if let theirs = later.numbers { numbers?.merge(theirs) }
    if let theirs = later.categories { categories?.merge(theirs) }
    if let theirs = later.texts { texts?.merge(theirs) }
    if let theirs = later.entries { entries?.merge(theirs) }
    if let theirs = later.association { association?.merge(theirs) }
  }
}
