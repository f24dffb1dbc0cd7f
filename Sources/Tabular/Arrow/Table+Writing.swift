extension Table {
  /// Writes the table as an Arrow IPC file, the same bytes for the same content wherever the table came from. `path` must
  /// not exist yet. The file is not flushed to the disk. Throws `FileError`.
  package func write(to path: String) throws { try write(to: path, pace: WritingPace()) }

  func write(to path: String, pace: WritingPace) throws {
    let columns = schema.fields.indices.map(column)
    var writer = try ArrowFileWriter.creating(
      path, fields: schema.fields, dictionaries: columns.map(\.dictionary), pace: pace)
    let groupRows = ArrowFormat.rowsPerGroup(columns: columns.count)
    for start in stride(from: 0, to: rowCount, by: groupRows) {
      let rows = start..<min(rowCount, start + groupRows)
      let buffers = columns.map { $0.copied(rows) }
      try withExtendedLifetime(buffers) { try writer.writeGroup(rowCount: rows.count, buffers.map(\.segment)) }
    }
    try writer.finish()
  }
}
