/// Reads a column from its first row to its last, across pages and row groups, as many rows at a time as are wanted.
///
/// Holds a page, and the dictionary of a row group. One thread at a time.
final class ParquetColumnReader: @unchecked Sendable {
  private let file: SourceFile
  private let column: ParquetColumn
  /// Of each row group, the rows and where the column lies.
  private let chunks: [(rowCount: Int, chunk: ParquetMetadata.ColumnChunk)]
  private var nextChunk = 0
  /// Rows of the chunk at hand that no page brought yet.
  private var rowsToCome = 0
  private var pages: ParquetPages?
  private var page: ParquetPages.Page?
  private var rowsInPage = 0
  private var rowsRead = 0
  private let levels = UnsafeMutablePointer<UInt32>.allocate(capacity: PageValues.most)
  private let scratch: UnsafeMutableRawPointer

  init(_ file: SourceFile, _ column: ParquetColumn, _ chunks: [(rowCount: Int, chunk: ParquetMetadata.ColumnChunk)]) {
    self.file = file
    self.column = column
    self.chunks = chunks
    scratch = .allocate(byteCount: PageValues.most * max(8, column.width) + OwnedBytes.slack, alignment: 64)
  }

  deinit {
    levels.deallocate()
    scratch.deallocate()
  }

  /// Reads the next `count` rows, of which there must be so many. Throws `ColumnarProblem` and `FileError`.
  func read(_ count: Int) throws -> TypedColumn {
    do {
      let builder = ParquetColumnBuilder(column, rowCount: count, firstRow: rowsRead)
      var done = 0
      while done < count {
        while rowsInPage == 0 { try nextPage() }
        let part = min(count - done, rowsInPage, PageValues.most)
        try readPart(part, into: builder, at: done)
        done += part
        rowsInPage -= part
      }
      rowsRead += count
      return builder.finish()
    } catch let problem as ColumnarProblem {
      throw problem.of(column.name)
    }
  }

  private func readPart(_ count: Int, into builder: ParquetColumnBuilder, at row: Int) throws {
    guard var page = self.page.take() else { return }
    defer { self.page = page }
    let present = try page.levels?.read(count, into: levels) ?? count
    try builder.add(
      &page.values, count: count, present: present, levels: present == count ? nil : levels, at: row, scratch: scratch)
  }

  private func nextPage() throws {
    page = nil
    if let next = try pages?.next() {
      guard next.rowCount <= rowsToCome else {
        throw ColumnarProblem.damaged("its pages have more rows than their row group")
      }
      rowsToCome -= next.rowCount
      rowsInPage = next.rowCount
      page = next
      return
    }
    guard rowsToCome == 0, nextChunk < chunks.count else {
      throw ColumnarProblem.damaged("its pages have fewer rows than their row group")
    }
    let (rowCount, chunk) = chunks[nextChunk]
    nextChunk += 1
    rowsToCome = rowCount
    pages = try ParquetPages(file, column, chunk)
  }
}
