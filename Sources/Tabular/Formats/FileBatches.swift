package import Basics
import Diagnostics

/// Some rows after the other of a file of any format, for scoring; as `CSVBatches` does a CSV file.
///
/// The file is turned into a table first, in a temporary file, so that every format is read as `ingest` reads it. The wanted
/// columns are found by name; strings stay strings whether the model took them for categories or text.
package final class FileBatches {
  private let name: String
  private let table: Table
  private let wanted: [Field]
  private let keep: [String]
  private let conversions: [ColumnConversion]
  private let batchRows: Int
  private let cancellation: Cancellation
  private var row = 0

  /// `keep` names columns to be kept as text. Throws what `ingestFile` throws, and `CSVError` for columns that are not there.
  package init(
    path: String, format: SourceFormat, wanted: [Field], keep: [String] = [], csv: CSVFormat = CSVFormat(),
    batchRows: Int = 8192, threads: Int, cancellation: Cancellation = .process
  ) throws {
    let folder = (environmentValue("TMPDIR") ?? "/tmp") + "/mlflowctl-" + uniqueSuffix()
    try Files.makeFolder(folder)
    // The table stays readable as long as it is open.
    defer { try? Files.removeTree(folder) }
    _ = try ingestFile(
      path, named: path, format: format, csv: csv, into: folder + "/rows.arrow", threads: threads,
      cancellation: cancellation, progress: { _ in })
    let table = try Table.open(folder + "/rows.arrow")
    name = path
    self.table = table
    self.batchRows = max(1, batchRows)
    self.cancellation = cancellation
    var seen: Set<String> = []
    let keep = keep.filter { seen.insert($0).inserted }
    var problems: [CSVProblem] = []
    for (index, column) in (wanted.map(\.name) + keep).enumerated() where table.column(named: column) == nil {
      let nearest = nearestName(to: column, among: table.schema.names)
      problems.append(.missingColumn(column, nearest: nearest, use: index < wanted.count ? .wanted : .kept))
    }
    if !problems.isEmpty { throw CSVError(path, problems) }
    self.keep = keep
    self.wanted = wanted.map { field in
      // Levels are looked up by the model, so they need not be numbered here.
      Field(name: field.name, type: field.type == .category ? .text : field.type)
    }
    let markers = TypedMarkers(csv.missing)
    conversions = (self.wanted + keep.map { Field(name: $0, type: .text) }).map { field in
      ColumnConversion(
        from: table.column(named: field.name)?.type ?? field.type, to: field.type, levels: LevelTable(),
        markers: markers)
    }
  }

  /// The next rows, or nil at the end. Throws `TypedSourceError` for cells that are not of the wanted type, and `Cancelled`.
  package func next() throws -> CSVBatch? {
    try cancellation.check()
    guard row < table.rowCount else { return nil }
    let rows = row..<min(table.rowCount, row + batchRows)
    defer { row = rows.upperBound }
    var problems: [TypedProblem] = []
    let fields = wanted + keep.map { Field(name: $0, type: .text) }
    let columns = zip(fields, conversions).compactMap { field, conversion -> Column? in
      guard let source = table.column(named: field.name) else { return nil }
      let buffer = SegmentBuffer(field.type, rowCount: rows.count)
      let cells = TypedColumn(source.copied(rows), levels: source.levelBuffer)
      let misfits = conversion.convert(cells, 0..<rows.count, into: buffer, at: 0)
      if let found = misfits.found {
        problems.append(
          .mistyped(
            column: field.name, expected: field.type, found: found, count: misfits.count,
            firstRow: rows.lowerBound + misfits.firstRow + 1))
      }
      return Column(
        field: field, dictionary: [], segments: [buffer.segment], segmentRows: rows.count, owners: [buffer])
    }
    if !problems.isEmpty { throw TypedSourceError(name, problems) }
    return CSVBatch(
      table: Table(columns: Array(columns.prefix(wanted.count)), rowCount: rows.count),
      kept: Table(columns: Array(columns.dropFirst(wanted.count)), rowCount: rows.count), firstRow: rows.lowerBound)
  }
}
