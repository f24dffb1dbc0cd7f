package import Basics
package import Diagnostics

/// What reading a CSV file gave.
package struct IngestReport: Sendable {
  package var schema: Schema
  package var rowCount: Int
  /// SHA-256 of the bytes of the source, taken in the same reading.
  package var sourceDigest: Digest
  /// What a person should know about the types that were chosen.
  package var notes: [Diagnostic]
}

/// Reads a CSV file and writes it as an Arrow IPC file at `output`, which must not exist yet and is not flushed.
/// Messages call the source `name`, or `path` when nil. Nothing is left at `output` on failure.
///
/// The file is read twice: first to decide the types from every cell and to take its digest, then to store the values; a
/// file that changes meanwhile is refused. The bytes written depend on content and format alone, not on `threads`.
/// Memory: some MiB a thread for reading, and a row group of the output a thread.
///
/// `progress` gets the share that is done, from 0 to 1. Throws `CSVError` with every problem found, `FileError`, and
/// `Cancelled`.
package func ingestCSV(
  _ path: String, named name: String? = nil, format: CSVFormat, into output: String, threads: Int,
  cancellation: Cancellation, progress: @Sendable (Double) -> Void
) throws -> IngestReport {
  try ingestCSV(
    CSVSource(path, named: name, format, threads: threads, pieceSize: 1 << 20, cancellation), into: output,
    progress: progress)
}

/// The same for a source that is open.
func ingestCSV(
  _ source: borrowing CSVSource, into output: String, progress: (Double) -> Void
) throws -> IngestReport {
  let (header, survey, digest) = try source.survey { progress($0 / 2) }
  let outcome = try survey.outcome(source.format, place: { try source.place($0) })
  try source.write(survey, outcome, to: output) { progress(0.5 + $0 / 2) }
  var notes: [Diagnostic] = []
  if header.looksLikeData {
    notes.append(
      .warning(
        "header-like-data", "every column name could be a value", at: Place(file: source.name, line: 1),
        help: ["the first line must hold the column names"]))
  }
  for (column, remark) in outcome.remarks {
    let field = outcome.schema.fields[column]
    notes.append(
      try remark.diagnostic(
        file: source.name, column: field.name, type: field.type, place: { try source.place($0) }))
  }
  return IngestReport(schema: outcome.schema, rowCount: survey.rowCount, sourceDigest: digest, notes: notes)
}
