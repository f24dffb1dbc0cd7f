package import Basics
package import Diagnostics
import Glibc

/// What reading a source gave.
package struct IngestReport: Sendable {
  package var schema: Schema
  package var rowCount: Int
  /// SHA-256 of the bytes of the source.
  package var sourceDigest: Digest
  /// What a person should know about the types that were chosen.
  package var notes: [Diagnostic]
  /// How the types came about; empty where the source has types of its own.
  package var inferences: [ColumnInference] = []
  /// SHA-256 of the table's bytes, where it was taken while they were written.
  package var tableDigest: Digest?
  /// Records that were left out, by what is wrong with them.
  package var badRows: [String: Int] = [:]
  /// How a CSV file was read, with all that its text told of its dialect; nil for other formats.
  package var csv: CSVFormat?

  package var badRowCount: Int { badRows.values.reduce(0, +) }
}

/// Reads a CSV file and writes it as an Arrow IPC file at `output`, which must not exist yet and is not flushed.
/// Messages call the source `name`, or `path` when nil. Nothing is left at `output` on failure.
///
/// The types follow from every cell. They are guessed from some records, and the file is read by that guess; columns that
/// turn out to be something else are read once more, and the others taken over. The bytes written depend on content and
/// format alone, not on `threads`. Memory: two row groups of the table, and some MiB a thread.
///
/// `digest` is that of the file, where it is known already; otherwise it is taken meanwhile. A file that changes meanwhile
/// is refused. With `format.badRows` of `quarantine`, the records left out are written to the CSV file `badRows`.
/// `observer` looks at the row groups on the way. `progress` gets the share that is done, from 0 to 1.
///
/// Throws `CSVError` with every problem found, `FileError`, and `Cancelled`.
package func ingestCSV(
  _ path: String, named name: String? = nil, format: CSVFormat, into output: String, badRows: String? = nil,
  digest: Digest? = nil, observer: (any RowGroupObserver)? = nil, threads: Int, cancellation: Cancellation,
  progress: @Sendable (Double) -> Void
) throws -> IngestReport {
  let source = try CSVSource(path, named: name, format, threads: threads, cancellation)
  return try ingestCSV(
    source, into: output, badRows: badRows, digest: digest, observer: observer, progress: progress)
}

func ingestCSV(
  _ source: CSVSource, into output: String, badRows: String? = nil, digest: Digest? = nil,
  observer: (any RowGroupObserver)? = nil, progress: (Double) -> Void
) throws -> IngestReport {
  let digesting =
    digest == nil ? DigestOnTheSide(besides: source.threads > 1, source.cancellation) { try source.digest($0) } : nil
  defer { digesting?.join() }
  var written: [String] = []
  do {
    let file = try CSVFile(source)
    var plans = try file.guess()
    let size = Double(max(1, source.size))
    written.append(output)
    let sink = try ArrowSink(creating: output, fields: plans.map(\.field))
    let rejects =
      try source.format.badRows == .quarantine
      ? badRows.map { try BadRowWriter(creating: $0, file: source.name, names: file.names) } : nil
    if let badRows, rejects != nil { written.append(badRows) }
    let pass = try file.pass(
      plans, sink, quarantines: rejects != nil, rejects,
      observation: observer.map { .init(observer: $0, positions: Array(plans.indices)) })
    try pass.run { progress(0.95 * Double($0) / size) }
    var findings = pass.findings
    try file.check(findings, rejected: rejects?.counts ?? [:])
    findings.decide()
    plans = findings.plans
    var evidence = plans.indices.map { findings.evidence(of: $0) }
    let tableDigest = try readWidened(
      &plans, rejected: findings.rejected, into: output, badRows: rejects.map(\.count), written: &written,
      first: sink.finish(badRows: rejects.map(\.count))
    ) { plans, positions, sink in
      try file.pass(
        plans, sink, quarantines: rejects != nil,
        observation: observer.map { .init(observer: $0, positions: positions) })
    } taken: { index, position, findings in
      evidence[index] = findings.evidence(of: position)
    }
    try rejects?.finish()
    try source.checkUnchanged()
    progress(1)
    return IngestReport(
      schema: Schema(fields: plans.map(\.field)), rowCount: findings.rowCount,
      sourceDigest: try digest ?? digesting?.value() ?? source.digest(source.cancellation),
      notes: try file.notes(plans, evidence), inferences: try file.inferences(plans, evidence),
      tableDigest: tableDigest, badRows: rejects?.counts ?? [:], csv: source.format)
  } catch {
    for path in written { unlink(path) }
    guard let long = error as? RecordTooLong else { throw error }
    throw CSVError(source.name, [.recordTooLong(Place(file: source.name, line: long.line))])
  }
}
