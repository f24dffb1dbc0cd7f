import Basics
import Diagnostics
import Execution
import Glibc
import Tabular

/// Turns what an `ingest` step reads into its table.
struct SourceReading {
  let settings: JSON
  let context: StepContext

  /// Writes the table to `output`.
  func read(_ source: PinnedSource, into output: String) throws -> IngestReport {
    switch source {
    case .file(let file): return try read(file, into: output, declared: declared, progress: context.progress)
    case .files(let files, let manifest): return try read(files, manifest: manifest, into: output)
    case .rows(let file, _, let hasUntypedStrings):
      let rows = TableSource(
        try Table.open(file.path), named: file.name, digest: file.digest, hasUntypedStrings: hasUntypedStrings)
      return try ingest(rows, into: output, progress: context.progress)
    }
  }

  /// Reads one file. Throws where its bytes are not those that were settled.
  private func read(
    _ file: SourceFile, into output: String, declared: [String: ColumnType],
    progress: @escaping @Sendable (Double) -> Void
  ) throws -> IngestReport {
    let report = try ingestFile(
      file.path, named: file.name, format: file.format, csv: csvFormat(declared, file.format), into: output,
      threads: context.threads, cancellation: context.cancellation, progress: progress)
    guard report.sourceDigest == file.digest else {
      throw Problems(
        .error(
          "source-moved", "'\(file.name)' changed while it was read",
          help: ["run the same command again once nothing writes to the file"]), failure: .badInput)
    }
    return report
  }

  /// Reads each file into a table of its own, then those into one.
  private func read(_ files: [SourceFile], manifest: Digest, into output: String) throws -> IngestReport {
    var notes: [Diagnostic] = []
    var parts: [CombinedTables.Part] = []
    let share = 0.8 / Double(files.count)
    for (index, file) in files.enumerated() {
      let path = "\(context.staging)/part-\(index).arrow"
      let report = try read(file, into: path, declared: try declared(of: file)) { [context] in
        context.progress(share * (Double(index) + $0))
      }
      notes += report.notes
      parts.append(
        CombinedTables.Part(name: file.name, table: try Table.open(path), constants: file.partition.values))
    }
    try widen(files, &parts)
    let combined = try CombinedTables(parts, named: files[0].name, digest: manifest, declared: declared)
    var report = try ingest(combined, into: output) { [context] in context.progress(0.8 + 0.2 * $0) }
    report.notes = notes.filter { $0.code != "empty-column" } + report.notes
    return report
  }

  /// Reads files again whose columns are of a narrower type than in others, where the wider one cannot be made of it: as
  /// text, letter by letter.
  private func widen(_ files: [SourceFile], _ parts: inout [CombinedTables.Part]) throws {
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
      let wide = try declared(of: files[index]).merging(names.map { ($0, .text) }) { $1 }
      _ = try read(files[index], into: path, declared: wide) { _ in }
      parts[index].table = try Table.open(path)
      unlink("\(context.staging)/part-\(index).arrow")
    }
  }

  private func ingest(
    _ source: some TypedSource, into output: String, progress: (Double) -> Void
  ) throws -> IngestReport {
    try ingestTyped(
      source, declared: declared, missing: missing, into: output, threads: context.threads,
      cancellation: context.cancellation, progress: progress)
  }

  private var missing: [String] { (settings["missing"]?.arrayValue ?? []).compactMap(\.stringValue) }

  private var declared: [String: ColumnType] {
    (settings["columns"]?.objectValue ?? [:]).compactMapValues { $0.stringValue.flatMap(ColumnType.init(rawValue:)) }
  }

  /// The declared columns that a file of many has; those of other files are settled when they are put together, as are
  /// those of formats with types of their own.
  private func declared(of file: SourceFile) throws -> [String: ColumnType] {
    guard !declared.isEmpty, file.format == .csv || file.format == .tsv else { return [:] }
    let names = try CSVBatches(path: file.path, wanted: [], format: csvFormat([:], file.format)).columnNames()
    return declared.filter { names.contains($0.key) }
  }

  private func csvFormat(_ declared: [String: ColumnType], _ format: SourceFormat) -> CSVFormat {
    var csv = CSVFormat()
    let delimiter = settings["delimiter"]?.stringValue ?? ","
    csv.delimiter =
      delimiter == "tab" || format == .tsv && delimiter == ","
      ? UInt8(ascii: "\t") : delimiter.utf8.first ?? UInt8(ascii: ",")
    csv.missing = missing
    csv.declared = declared
    return csv
  }
}
