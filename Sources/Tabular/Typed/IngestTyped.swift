package import Basics
import Diagnostics
import Glibc

/// Reads a source that has types already and writes it as an Arrow IPC file at `output`, which must not exist yet and is
/// not flushed. Nothing is left at `output` on failure.
///
/// A string column becomes a category or text by the rule of CSV files (`TypeInference`), decided over all of its values,
/// and a date where the format has none of its own (`hasUntypedStrings`). A type in `declared` wins and is checked
/// (`ColumnConversion`). NaN and what equals a text in `missing` is missing; an empty string is a value.
///
/// Only the columns whose values decide their type are read twice. The bytes written depend on the rows alone: not on
/// `threads`, nor on how the source cuts its batches. Memory: a row group of the table, and what the source holds.
///
/// `badRowCount` records of the source were left out before, nil where none may be.
/// `observer` looks at the row groups on the way. `progress` gets the share that is done, from 0 to 1. Throws `TypedSourceError` with every problem found, what the source
/// throws, `FileError`, and `Cancelled`.
package func ingestTyped(
  _ source: some TypedSource, declared: [String: ColumnType] = [:], missing: [String] = [], into output: String,
  badRowCount: Int? = nil, observer: (any RowGroupObserver)? = nil, threads: Int, cancellation: Cancellation,
  progress: (Double) -> Void
) throws -> IngestReport {
  let digest = DigestOnTheSide(besides: threads > 1, cancellation) { try source.digest($0) }
  defer { digest.join() }
  try checkNames(source.fields.map(\.name), of: source.name, declared: declared)
  let markers = TypedMarkers(missing)
  var plan = TypedPlan(source, declared: declared, markers: markers)
  let undecided = plan.undecided
  let firstShare = undecided.isEmpty ? 0 : 0.5
  if !undecided.isEmpty {
    try source.eachBatch(of: undecided, threads: threads, cancellation: cancellation) { batch in
      try cancellation.check()
      plan.survey(batch, of: undecided)
      progress(firstShare * batch.progress)
    }
  }
  let conversions = try plan.conversions()
  var groups = try TypedRowGroups(conversions, fields: plan.fields, creating: output)
  groups.badRowCount = badRowCount
  groups.observe(by: observer, threads: threads)
  do {
    try source.eachBatch(of: Array(source.fields.indices), threads: threads, cancellation: cancellation) { batch in
      try cancellation.check()
      try groups.append(batch)
      progress(firstShare + (1 - firstShare) * batch.progress)
    }
    let (rowCount, missingCounts) = try groups.finish(source.name)
    return IngestReport(
      schema: Schema(fields: plan.fields), rowCount: rowCount, sourceDigest: try digest.value(),
      notes: plan.notes(rowCount: rowCount, missingCounts: missingCounts))
  } catch {
    unlink(output)
    throw error
  }
}

/// Throws for names that are empty, double, or declared and not there.
func checkNames(_ names: [String], of source: String, declared: [String: ColumnType]) throws {
  let problems = declared.keys.sorted().filter { !names.contains($0) }.map {
    TypedProblem.missingColumn($0, nearest: nearestName(to: $0, among: names))
  }
  try checkNames(names, of: source, problems)
}

/// Throws `TypedSourceError` for names that are empty or double, and for what else was found.
func checkNames(_ names: [String], of source: String, _ others: [TypedProblem] = []) throws(TypedSourceError) {
  var problems: [TypedProblem] = names.isEmpty ? [.noColumns] : []
  var seen: Set<String> = []
  for (index, name) in names.enumerated() {
    if name.isEmpty { problems.append(.unnamedColumn(position: index + 1)) }
    let (isNew, known) = seen.insert(name)
    if !name.isEmpty, !isNew {
      problems.append(.duplicateName(name, isOtherWriting: !known.utf8.elementsEqual(name.utf8)))
    }
  }
  if !(problems + others).isEmpty { throw TypedSourceError(source, problems + others) }
}
