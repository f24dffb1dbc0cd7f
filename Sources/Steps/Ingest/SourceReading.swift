import Basics
import Diagnostics
import Execution
import Glibc
import ObjectStore
import Tabular

/// Turns what an `ingest` step reads into its table.
struct SourceReading {
  let settings: JSON
  let context: StepContext
  /// Looks at the row groups of the table on the way.
  let observer: any RowGroupObserver

  /// Where records that are left out are kept: beside the table.
  var badRowsPath: String { context.staging + "/bad_rows.csv" }

  /// Writes the table to `output`.
  func read(_ source: PinnedSource, into output: String) throws -> IngestReport {
    switch source {
    case .file(let file):
      return try read(
        file, csvFormat(declared, file.format), into: output, badRows: badRowsPath, observer: observer,
        progress: context.progress)
    case .files(let files, let manifest): return try read(files, manifest: manifest, into: output)
    case .rows(let file, _, let hasUntypedStrings):
      let rows = TableSource(
        try Table.open(file.path), named: file.name, digest: file.digest, hasUntypedStrings: hasUntypedStrings)
      return try ingest(rows, into: output, progress: context.progress)
    }
  }

  /// Reads a file whose digest is not known yet; `check` belongs behind it.
  func readAhead(_ file: SourceFile, into output: String) throws -> IngestReport {
    try readUnchecked(
      file, csvFormat(declared, file.format), into: output, badRows: badRowsPath, observer: observer,
      progress: context.progress)
  }

  /// Reads one file. Throws where its bytes are not those that were settled.
  private func read(
    _ file: SourceFile, _ format: CSVFormat, into output: String, badRows: String,
    observer: (any RowGroupObserver)? = nil, progress: @escaping @Sendable (Double) -> Void
  ) throws -> IngestReport {
    let report = try readUnchecked(
      file, format, into: output, badRows: badRows, observer: observer, progress: progress)
    try check(report, of: file)
    return report
  }

  private func readUnchecked(
    _ file: SourceFile, _ format: CSVFormat, into output: String, badRows: String,
    observer: (any RowGroupObserver)?, progress: @escaping @Sendable (Double) -> Void
  ) throws -> IngestReport {
    try ingestFile(
      file.path, named: file.name, format: file.format, csv: format, into: output,
      badRows: badRows, digest: file.digest, observer: observer, threads: context.threads,
      cancellation: context.cancellation, progress: progress)
  }

  /// Throws where the bytes of a file are not those that were settled: they are as long as nobody wrote to it since.
  func check(_ report: IngestReport, of file: SourceFile) throws {
    guard report.sourceDigest == file.digest,
      try context.store.digest(ofFile: file.path, cancellation: context.cancellation) == file.digest
    else {
      throw Problems(
        .error(
          "source-moved", "'\(file.name)' changed while it was read",
          help: ["run the same command again once nothing writes to the file"]), failure: .badInput)
    }
  }

  /// Reads each file into a table of its own, then those into one.
  private func read(_ files: [SourceFile], manifest: Digest, into output: String) throws -> IngestReport {
    var notes: [Diagnostic] = []
    var badRows: [String: Int] = [:]
    var parts: [CombinedTables.Part] = []
    var csv: CSVFormat?
    let share = 0.8 / Double(files.count)
    let formats = try formats(of: files)
    for (index, file) in files.enumerated() {
      let path = "\(context.staging)/part-\(index).arrow"
      let report = try read(
        file, formats[index], into: path, badRows: "\(path).bad"
      ) { [context] in
        context.progress(share * (Double(index) + $0))
      }
      notes += report.notes
      if let format = report.csv {
        csv = csv.map { $0.agreeing(with: format, isTabbed: file.format == .tsv) } ?? format
      }
      badRows.merge(report.badRows) { $0 + $1 }
      parts.append(
        CombinedTables.Part(name: file.name, table: try Table.open(path), constants: file.partition.values))
    }
    try widen(files, formats, &parts)
    if parts.allSatisfy({ $0.table.rowCount == 0 }) {
      throw Problems(
        .error("no-rows", "none of the \(files.count) files has a row", at: Place(file: files[0].name)),
        failure: .badInput)
    }
    let combined = try CombinedTables(parts, named: files[0].name, digest: manifest, declared: declared)
    let quarantines = settings["bad_rows"]?.stringValue == BadRowPolicy.quarantine.rawValue
    let badRowCount = quarantines ? badRows.values.reduce(0, +) : nil
    var report = try ingest(combined, into: output, badRowCount: badRowCount) { [context] in
      context.progress(0.8 + 0.2 * $0)
    }
    report.badRows = badRows
    report.csv = csv
    if quarantines {
      try joinBadRows(files.indices.map { "\(context.staging)/part-\($0).arrow.bad" }, into: badRowsPath)
    }
    report.notes = notes.filter { $0.code != "empty-column" } + combined.notesOnRounding + report.notes
    return report
  }

  /// Reads files again whose columns are of a narrower type than in others, where the wider one cannot be made of it: as
  /// text, letter by letter.
  private func widen(
    _ files: [SourceFile], _ formats: [CSVFormat], _ parts: inout [CombinedTables.Part]
  ) throws {
    guard files[0].format == .csv || files[0].format == .tsv || files[0].format == .jsonl else { return }
    var asText: [[String]] = files.map { _ in [] }
    for name in parts[0].table.schema.names where declared[name] == nil {
      let columns = parts.map { $0.table.column(named: name) }
      let types = columns.compactMap { $0 }.filter { $0.missingCount < $0.rowCount }.map(\.type)
      var joined = types.first
      for type in types.dropFirst() { joined = joined.flatMap { $0.joined(with: type) } }
      if joined != nil || types.isEmpty { continue }
      for (index, column) in columns.enumerated() {
        if let column, column.type != .text, column.type != .category { asText[index].append(name) }
      }
    }
    for (index, names) in asText.enumerated() where !names.isEmpty {
      let path = "\(context.staging)/part-\(index)-wide.arrow"
      var format = formats[index]
      format.declared.merge(names.map { ($0, .text) }) { $1 }
      _ = try read(files[index], format, into: path, badRows: "\(path).bad") { _ in }
      parts[index].table = try Table.open(path)
      unlink("\(context.staging)/part-\(index).arrow")
    }
  }

  private func ingest(
    _ source: some TypedSource, into output: String, badRowCount: Int? = nil, progress: (Double) -> Void
  ) throws -> IngestReport {
    try ingestTyped(
      source, declared: declared, missing: missing, into: output, badRowCount: badRowCount, observer: observer,
      threads: context.threads, cancellation: context.cancellation, progress: progress)
  }

  private var missing: [String] { (settings["missing"]?.arrayValue ?? []).compactMap(\.stringValue) }

  private var declared: [String: ColumnType] {
    (settings["columns"]?.objectValue ?? [:]).compactMapValues { $0.stringValue.flatMap(ColumnType.init(rawValue:)) }
  }

  /// How each file of many is read: numbers are written as all of them together tell, and a file may have no rows. The
  /// declared columns are those that a file has; others are settled when the files are put together, as are those of formats
  /// with types of their own.
  private func formats(of files: [SourceFile]) throws -> [CSVFormat] {
    guard files[0].format == .csv || files[0].format == .tsv else {
      return files.map { csvFormat([:], $0.format) }
    }
    let settled = try settledFormats(
      of: files.map(\.path), csvFormat([:], files[0].format), cancellation: context.cancellation)
    return try zip(files, settled).map { file, format in
      var format = format
      format.needsRows = false
      if declared.isEmpty { return format }
      let names = try csvColumnNames(file.path, named: file.name, format: format)
      format.declared = declared.filter { names.contains($0.key) }
      return format
    }
  }

  private func csvFormat(_ declared: [String: ColumnType], _ format: SourceFormat) -> CSVFormat {
    CSVFormat(settings: settings, declared: declared, isTabbed: format == .tsv)
  }
}
