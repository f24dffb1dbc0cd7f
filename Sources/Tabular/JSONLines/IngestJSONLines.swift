package import Basics
import Diagnostics
import Glibc

/// Reads a JSON Lines file, compressed or not, and writes it as an Arrow IPC file at `output`, which must not exist yet and
/// is not flushed. Messages call the source `name`, or `path` when nil. Nothing is left at `output` on failure.
///
/// Each line is an object (RFC 8259); blank lines are passed over. Objects in objects become columns with dotted names; a
/// key that a line lacks is missing there, as null is. Strings are strings, but a column whose strings are all dates, or all
/// timestamps, becomes one. Columns are in the order in which keys first appear. Numbers and booleans among strings become
/// their canonical text. A list is an error, unless its column is declared as text, which keeps the JSON.
///
/// Columns and types follow from every line. They are guessed from some, and the file is read by that guess, as `ingestCSV`
/// does; keys that come later have all read once more. The bytes written depend on content and format alone, not on
/// `threads`. Of `format`, missing markers, declared types and what becomes of bad rows count; with `quarantine`, the lines
/// left out are written to the CSV file `badRows`. `digest` is that of the file, where it is known already. `observer` looks at the
/// row groups on the way.
///
/// `progress` gets the share that is done, from 0 to 1. Throws `JSONLinesError` with every kind of problem found, what
/// `ingestTyped` throws, `FileError`, `CompressedBytesError` and `Cancelled`.
package func ingestJSONLines(
  _ path: String, named name: String? = nil, format: CSVFormat = CSVFormat(), into output: String,
  badRows: String? = nil, digest: Digest? = nil, observer: (any RowGroupObserver)? = nil, threads: Int,
  cancellation: Cancellation, progress: (Double) -> Void
) throws -> IngestReport {
  try ingestJSONLines(
    path, named: name, format: format, into: output, badRows: badRows, digest: digest, observer: observer,
    threads: threads, pieceSize: 1 << 19, cancellation: cancellation, progress: progress)
}

/// The same with pieces of about `pieceSize` bytes, on which the outcome does not depend.
func ingestJSONLines(
  _ path: String, named name: String? = nil, format: CSVFormat, into output: String, badRows: String? = nil,
  digest: Digest? = nil, observer: (any RowGroupObserver)? = nil, threads: Int, pieceSize: Int,
  cancellation: Cancellation, progress: (Double) -> Void
) throws -> IngestReport {
  let source = try CSVSource(
    path, named: name, format.ofJSONLines, threads: threads, pieceSize: pieceSize, cancellation)
  do {
    return try ingestJSONLines(
      source, into: output, badRows: badRows, digest: digest, observer: observer, progress: progress)
  } catch is UnsureReading {
    // This way nothing is left out.
    if let badRows, format.badRows == .quarantine {
      try BadRowWriter(creating: badRows, file: source.name, names: []).finish()
    }
    return try ingestJSONPieces(
      path, named: source.name, declared: format.declared, missing: format.missing, into: output, observer: observer,
      threads: threads, pieceSize: max(pieceSize, 64), cancellation: cancellation, progress: progress)
  }
}

/// Only a look at whole columns can say what they are, or what is wrong with them.
private struct UnsureReading: Error {}

private func ingestJSONLines(
  _ source: CSVSource, into output: String, badRows: String?, digest: Digest?, observer: (any RowGroupObserver)?,
  progress: (Double) -> Void
) throws -> IngestReport {
  let digesting =
    digest == nil ? DigestOnTheSide(besides: source.threads > 1, source.cancellation) { try source.digest($0) } : nil
  defer { digesting?.join() }
  let quarantines = source.format.badRows == .quarantine && badRows != nil
  var written: [String] = []
  do {
    var file = try JSONLinesFile(source)
    let size = Double(max(1, source.size))
    var rejects: BadRowWriter?
    let (firstSink, pass) = try file.readAll(quarantines: quarantines, observer) { file in
      for path in written { unlink(path) }
      written = [output] + (badRows.map { [$0] } ?? [])
      let sink = try ArrowSink(creating: output, fields: file.plans.map(\.field))
      if quarantines {
        rejects = try badRows.map { try BadRowWriter(creating: $0, file: source.name, names: file.layout.names) }
      }
      return (sink, rejects)
    } progress: { bytes, round in
      progress(0.95 * (1 - (2 - Double(bytes) / size) / Double(2 << round)))
    }
    let firstDigest = try firstSink.finish(badRows: rejects.map(\.count))
    var findings = pass.findings
    findings.decide()
    var plans = findings.plans
    var evidence = plans.indices.map { findings.evidence(of: $0) }
    let tableDigest = try readWidened(
      &plans, rejected: findings.rejected, into: output, badRows: rejects.map(\.count), written: &written,
      first: firstDigest
    ) { plans, positions, sink in
      try file.pass(
        plans, sink, quarantines: quarantines,
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
      notes: try emptyColumnNotes(output, plans, source.name) + file.notes(plans, evidence),
      inferences: try file.inferences(plans, evidence), tableDigest: tableDigest,
      badRows: rejects?.counts ?? [:])
  } catch {
    for path in written { unlink(path) }
    guard let long = error as? RecordTooLong else { throw error }
    let place = Place(file: source.name, line: long.line)
    throw JSONLinesError(source.name, [JSONLinesProblem(kind: .lineTooLong, count: 1, first: place)])
  }
}

extension Table {
  /// Reads a JSON Lines file into memory, as `ingestJSONLines` reads it into a file. Throws as that does.
  package static func readJSONLines(
    _ path: String, format: CSVFormat = CSVFormat(), threads: Int, cancellation: Cancellation = .process
  ) throws -> Table {
    let source = try CSVSource(path, format.ofJSONLines, threads: threads, cancellation)
    do {
      var file = try JSONLinesFile(source)
      let (sink, pass) = try file.readAll(quarantines: false) { _ in
        (MemorySink(), nil)
      } progress: { _, _ in
      }
      let table = try readWidened(file.plans, columnCount: file.layout.names.count, pass.findings, sink) {
        try file.pass($0, $1, quarantines: false)
      }
      try source.checkUnchanged()
      return table
    } catch is UnsureReading {
      let folder = try makeTemporaryFolder()
      // The table stays readable as long as it is open.
      defer { try? Files.removeTree(folder) }
      _ = try ingestJSONLines(
        path, format: format, into: folder + "/rows.arrow", threads: threads, cancellation: cancellation,
        progress: { _ in })
      return try open(folder + "/rows.arrow")
    }
  }
}

/// Warns of columns that hold nothing.
private func emptyColumnNotes(_ table: String, _ plans: [ColumnPlan], _ name: String) throws -> [Diagnostic] {
  let table = try Table.open(table)
  return plans.enumerated().compactMap { index, plan in
    plan.declared != nil || table.column(index).missingCount < table.rowCount ? nil : .emptyColumn(plan.name, in: name)
  }
}

extension JSONLinesFile {
  /// Reads all rows into a sink, once more where columns came that were not known; `begin` gives the sink of a round and what
  /// takes bad rows. Throws for what is wrong with the file.
  fileprivate mutating func readAll<Sink: GroupSink>(
    quarantines: Bool, _ observer: (any RowGroupObserver)? = nil,
    _ begin: (JSONLinesFile) throws -> (Sink, BadRowWriter?), progress: (_ bytes: Int, _ round: Int) -> Void
  ) throws -> (Sink, TextPass<Sink, JSONPieceReader>) {
    for round in 0..<4 {
      // Every row has all columns in memory: too much where keys are many and seldom.
      if layout.names.count > Self.mostColumns { throw UnsureReading() }
      observer?.restart()
      let (sink, badRows) = try begin(self)
      let pass = try pass(
        plans, sink, quarantines: quarantines, badRows,
        observation: observer.map { .init(observer: $0, positions: Array(plans.indices)) })
      try pass.run { bytes in
        progress(bytes, round)
        if pass.readers.contains(where: { $0.columnsSeen > Self.mostColumns }) { throw UnsureReading() }
      }
      if learn(pass.findings, pass.readers) {
        try check(pass.findings, pass.readers, quarantines: quarantines, rejected: badRows?.counts ?? [:])
        return (sink, pass)
      }
    }
    throw UnsureReading()
  }

  /// Columns up to which rows are held with all of them.
  private static var mostColumns: Int { 4096 }

  /// Throws for what is wrong with a file whose columns are known.
  fileprivate func check(
    _ findings: PassFindings, _ readers: [JSONPieceReader], quarantines: Bool, rejected: [String: Int]
  ) throws {
    let name = source.name
    if !quarantines, readers.contains(where: \.isUnsure) { throw UnsureReading() }
    let flaws = findings.problems.json
    if !flaws.isEmpty { throw JSONLinesError(name, flaws.problems(in: name)) }
    if findings.rowCount == 0, !findings.problems.areFound {
      if findings.rejected > 0 {
        throw CSVError(name, [.nothingLeft(count: findings.rejected, reasons: badRowReasons(rejected))])
      }
      throw JSONLinesError(name, [JSONLinesProblem(kind: .noRows, count: 1, first: Place(file: name))])
    }
    try checkNames(layout.names, of: name, declared: source.format.declared)
    let crowded = findings.problems.tooManyLevels.sorted().map {
      TypedProblem.tooManyLevels(column: layout.names[$0], limit: TypeInference.declaredLevels)
    }
    if !crowded.isEmpty { throw TypedSourceError(name, crowded) }
    if findings.problems.areFound { throw UnsureReading() }
  }
}

extension CSVFormat {
  /// What of a format concerns JSON Lines.
  fileprivate var ofJSONLines: CSVFormat {
    var format = CSVFormat(missing: missing, declared: declared, badRows: badRows)
    format.encoding = .utf8
    return format
  }
}
