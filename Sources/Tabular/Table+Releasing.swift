import Basics

extension Column {
  /// Counts the whole column as read, and lets go of all pages of its file whenever so much was read that they would fill
  /// memory. They come back when they are read again. Free to call from any thread at any time.
  package func noteRead() { mappedFile?.noteRead(rowCount * bytesPerRow) }

  /// The file behind the column, where it is large enough for its pages to matter.
  fileprivate var mappedFile: MappedFile? {
    guard let file = owners.first as? MappedFile, file.isLarge else { return nil }
    return file
  }
}

extension Table {
  /// Counts rows of some columns as read, and lets go of all pages whenever so much was read that they would fill memory:
  /// for passes over many columns in any order, on any number of threads. However few rows are read of a column, the system
  /// maps 64 KiB around them, and up to 2 MiB where its cache holds them in one piece; passes that go through all rows share
  /// such pieces from block to block, a few rows here and there do not.
  package func noteRead(rows: Int, columns: Int, bytesPerRow: Int) {
    guard !schema.fields.isEmpty, let file = column(0).mappedFile else { return }
    let around = rows <= 128 ? 2 << 20 : 64 << 10
    // The columns of a row group lie together.
    file.noteRead(max(rows * bytesPerRow, min(columns * around, column(0).groupRows * bytesPerRow)))
  }
}

extension Column {
  /// Bytes that a row takes, about.
  package var bytesPerRow: Int {
    max(1, type.valueSize(rows: 8) / 8 + entryCount * 12 / max(1, rowCount))
  }
}
