package import Basics

/// A table, mapped or in memory, as a source: for rows that were kept aside in a file of our own.
package struct TableSource: TypedSource {
  package let name: String
  package let fields: [Field]
  package let hasUntypedStrings: Bool
  private let table: Table
  private let batchRows: Int
  private let contentDigest: Digest

  /// `digest` names the content. Batches have `batchRows` rows; nil for as many as a row group of the table.
  package init(
    _ table: Table, named name: String, digest: Digest, hasUntypedStrings: Bool = false, batchRows: Int? = nil
  ) {
    self.table = table
    self.name = name
    fields = table.schema.fields
    self.hasUntypedStrings = hasUntypedStrings
    self.batchRows = max(1, batchRows ?? ArrowFormat.rowsPerGroup(columns: table.schema.fields.count))
    contentDigest = digest
  }

  package func digest(_ cancellation: Cancellation) -> Digest { contentDigest }

  package func eachBatch(
    of columns: [Int], threads: Int, cancellation: Cancellation, _ body: (TypedBatch) throws -> Void
  ) throws {
    let (table, batchRows) = (table, batchRows)
    let count = (table.rowCount + batchRows - 1) / batchRows
    try decodeInOrder(count: count, threads: threads) { index in
      try cancellation.check()
      let rows = index * batchRows..<min(table.rowCount, (index + 1) * batchRows)
      let parts = columns.map { index in
        let column = table.column(index)
        return TypedColumn(column.copied(rows), levels: column.levelBuffer)
      }
      return TypedBatch(columns: parts, rowCount: rows.count, progress: Double(index + 1) / Double(count))
    } _: {
      try body($0)
    }
  }
}

extension Column {
  /// The levels of a category as a buffer of texts.
  var levelBuffer: SegmentBuffer? {
    guard type == .category else { return nil }
    let levels = SegmentBuffer(.text, rowCount: dictionary.count)
    for (row, level) in dictionary.enumerated() {
      var level = level
      level.withUTF8 { levels.set(row, text: $0) }
    }
    return levels
  }
}
