package import Basics
import Diagnostics

/// Some rows after the other of a file of any format, for scoring; as `CSVBatches` does a CSV file.
///
/// The file is turned into a table first, in a temporary file, so that every format is read as `ingest` reads it. The wanted
/// columns are found by name; strings stay strings whether the model took them for categories or text.
package final class FileBatches {
  private let table: Table
  private let conversion: BatchConversion
  private let batchRows: Int
  private let cancellation: Cancellation
  private var row = 0

  /// `keep` names columns to be kept as text; `selection` says what to read of an SQLite database; messages call the file
  /// `name`, or `path` when nil. Throws what `ingestFile` and `readSQLite` throw, and `CSVError` for columns that are not there.
  package init(
    path: String, named name: String? = nil, format: SourceFormat, wanted: [Field], keep: [String] = [],
    csv: CSVFormat = CSVFormat(), selection: SQLiteSelection = .onlyTable, batchRows: Int = 8192, threads: Int,
    cancellation: Cancellation = .process
  ) throws {
    let folder = try makeTemporaryFolder()
    // The table stays readable as long as it is open.
    defer { try? Files.removeTree(folder) }
    let output = folder + "/rows.arrow"
    if format == .sqlite {
      let rows = try readSQLite(
        path, named: name ?? path, selection, folder: folder, cancellation: cancellation)
      _ = try ingestTyped(
        rows, declared: [:], missing: csv.missing, into: output, threads: threads, cancellation: cancellation,
        progress: { _ in })
    } else {
      _ = try ingestFile(
        path, named: name ?? path, format: format, csv: csv, into: output, threads: threads,
        cancellation: cancellation, progress: { _ in })
    }
    table = try Table.open(output)
    self.batchRows = max(1, batchRows)
    self.cancellation = cancellation
    conversion = BatchConversion(name ?? path, wanted: wanted, keep: keep, missing: csv.missing)
    try conversion.check(Set(table.schema.names))
  }

  /// Of a table that was read already.
  package init(
    _ table: Table, named name: String, wanted: [Field], keep: [String] = [], missing: [String],
    batchRows: Int = 8192, cancellation: Cancellation = .process
  ) throws {
    self.table = table
    self.batchRows = max(1, batchRows)
    self.cancellation = cancellation
    conversion = BatchConversion(name, wanted: wanted, keep: keep, missing: missing)
    try conversion.check(Set(table.schema.names))
  }

  /// The next rows, or nil at the end. Throws `TypedSourceError` for cells that are not of the wanted type, and `Cancelled`.
  package func next() throws -> CSVBatch? {
    try cancellation.check()
    guard row < table.rowCount else { return nil }
    let rows = row..<min(table.rowCount, row + batchRows)
    defer { row = rows.upperBound }
    return try conversion.batch(rowCount: rows.count, firstRow: rows.lowerBound) { name in
      table.column(named: name).map { (TypedColumn($0.copied(rows), levels: $0.levelBuffer), $0.type) }
    }
  }
}
