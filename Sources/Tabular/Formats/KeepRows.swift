package import Basics

/// Writes the rows of a source that can change as an Arrow IPC file at `output`, so that they can be named by its digest and
/// read again: strings as text, whatever they may become later. Gives the number of rows. `missing` and what is thrown as in
/// `ingestTyped`.
package func keepRows(
  of source: some TypedSource, missing: [String], into output: String, threads: Int, cancellation: Cancellation
) throws -> Int {
  let strings = source.fields.filter(\.type.isString).map { ($0.name, ColumnType.text) }
  let report = try ingestTyped(
    source, declared: Dictionary(strings, uniquingKeysWith: { first, _ in first }), missing: missing, into: output,
    threads: threads, cancellation: cancellation, progress: { _ in })
  return report.rowCount
}
