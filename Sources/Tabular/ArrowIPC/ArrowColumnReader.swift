/// Reads a column from its first row to its last, across batches and changes of its dictionary, as many rows at a time as
/// are wanted. One thread at a time.
final class ArrowColumnReader: @unchecked Sendable {
  private let file: SourceFile
  private let column: ArrowColumn
  private let index: Int
  private let messages: [ArrowMessages.Message]
  private var next = 0
  private var dictionary: ArrowDictionary?
  private var values: ArrowValues?
  private var rowsInBatch = 0
  private var rowsRead = 0
  private let part = ArrowPartReader()

  /// The `index`th column.
  init(_ file: SourceFile, _ column: ArrowColumn, _ index: Int, _ messages: [ArrowMessages.Message]) {
    (self.file, self.column, self.index, self.messages) = (file, column, index, messages)
  }

  /// Reads the next `count` rows, of which there must be so many. Throws `ColumnarProblem` and `FileError`.
  func read(_ count: Int) throws -> TypedColumn {
    do {
      let builder = ArrowColumnBuilder(column, rowCount: count, firstRow: rowsRead)
      var done = 0
      while done < count {
        while rowsInBatch == 0 { try nextBatch() }
        guard let values else { break }
        let rows = min(count - done, rowsInBatch, ArrowValues.most)
        try part.read(values, dictionary, count: rows, into: builder, at: done)
        done += rows
        rowsInBatch -= rows
      }
      rowsRead += count
      return builder.finish()
    } catch let problem as ColumnarProblem {
      throw problem.of(column.name)
    }
  }

  private func nextBatch() throws {
    guard next < messages.count else { throw ColumnarProblem.damaged("it has fewer rows than its batches say") }
    defer { next += 1 }
    switch messages[next] {
    case .batch(let batch):
      rowsInBatch = batch.rowCount
      values = try ArrowValues(file, column, batch.columns[index], batch.compression)
    case .dictionary(let id, let found) where id == column.encoding?.id:
      dictionary = try ArrowDictionary(file, column, found.batch, after: found.isDelta ? dictionary : nil)
    case .dictionary: return
    }
  }
}
