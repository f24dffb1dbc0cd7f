import Basics

extension Column {
  /// Lets go of the memory that the column's pages take where it is mapped from a large file. They come back when they are
  /// read again; the contents stay the same. Free to call from any thread at any time.
  package func release() {
    guard let file = mappedFile else { return }
    for segment in segments { file.release(from: segment.values, byteCount: segment.end(type) - segment.values) }
  }

  /// The file behind the column, where it is large enough for its pages to matter.
  fileprivate var mappedFile: MappedFile? {
    guard let file = owners.first as? MappedFile, file.isLarge else { return nil }
    return file
  }
}

extension Table {
  /// Lets go of all pages of a table that is mapped from a large file; see `Column.release`.
  package func release() {
    if !schema.fields.isEmpty { column(0).mappedFile?.release() }
  }

  /// Counts rows of some columns as read, and lets go of all pages whenever so much was read that they would fill memory:
  /// for passes over many columns in any order, on any number of threads. However few rows are read of a column, the system
  /// maps 64 KiB around them, and up to 2 MiB where its cache holds them in one piece; passes that go through all rows share
  /// such pieces from block to block, a few rows here and there do not.
  package func noteRead(rows: Int, columns: Int, bytesPerRow: Int) {
    let around = rows <= 128 ? 2 << 20 : 64 << 10
    if !schema.fields.isEmpty { column(0).mappedFile?.noteRead(max(rows * bytesPerRow, columns * around)) }
  }
}

extension Column {
  /// Bytes that a row takes, about.
  package var bytesPerRow: Int {
    max(1, type.valueSize(rows: 8) / 8 + entryCount * 12 / max(1, rowCount))
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
