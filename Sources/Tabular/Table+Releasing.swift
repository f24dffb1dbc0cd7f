import Basics

extension Column {
  /// Lets go of the memory that the column's pages take where it is mapped from a large file. They come back when they are
  /// read again; the contents stay the same. Free to call from any thread at any time.
  package func release() {
    guard let file = owners.first as? MappedFile, file.isLarge else { return }
    for segment in segments { file.release(from: segment.values, byteCount: segment.end(type) - segment.values) }
  }
}

extension Table {
  /// Lets go of all pages of a table that is mapped from a large file; see `Column.release`.
  package func release() { mappedFile?.release() }

  /// The same for row groups that `rows` are the last of, and for the one before: for passes that read in order, on
  /// several threads that may be some blocks apart.
  package func release(after rows: Range<Int>) {
    guard let file = mappedFile, let first = firstColumn, rows.count > 0 else { return }
    let size = first.segmentRows
    guard rows.upperBound == rowCount || rows.lowerBound / size != rows.upperBound / size else { return }
    let last = rows.upperBound == rowCount ? (rowCount - 1) / size : rows.upperBound / size - 1
    for group in max(0, last - 1)...last { releaseGroup(group, of: file) }
  }

  /// The columns of a row group lie one after the other.
  private func releaseGroup(_ group: Int, of file: MappedFile) {
    var low: UnsafeRawPointer?
    var high: UnsafeRawPointer?
    for index in schema.fields.indices {
      let segment = column(index).segments[group]
      let end = segment.end(column(index).type)
      low = low.map { min($0, segment.values) } ?? segment.values
      high = high.map { max($0, end) } ?? end
    }
    if let low, let high { file.release(from: low, byteCount: high - low) }
  }

  private var firstColumn: Column? { schema.fields.isEmpty ? nil : column(0) }

  /// The file behind the table, where it is large enough for its pages to matter.
  private var mappedFile: MappedFile? {
    guard let file = firstColumn?.owners.first as? MappedFile, file.isLarge else { return nil }
    return file
  }
}

extension ColumnSegment {
  /// Where the values end: of a sparse column those behind the offsets.
  fileprivate func end(_ type: ColumnType) -> UnsafeRawPointer {
    let ends = values + type.valueSize(rows: rowCount)
    guard let numbers else { return ends }
    return max(ends, UnsafeRawPointer(numbers + entryCount))
  }
}
