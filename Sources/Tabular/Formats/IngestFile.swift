package import Basics
import Glibc

/// Reads a file of any format, compressed or not, and writes it as an Arrow IPC file at `output`; see `ingestCSV`,
/// `ingestLibSVM` and `ingestTyped`. Missing markers and declared types of `csv` hold for every format but libsvm. The
/// digest of the report is that of the file as it is stored; `digest`, where it is known, so that files of text are not hashed.
/// `observer` looks at the row groups on the way.
package func ingestFile(
  _ path: String, named name: String, format: SourceFormat, csv: CSVFormat, into output: String,
  badRows: String? = nil, digest: Digest? = nil, observer: (any RowGroupObserver)? = nil, threads: Int,
  cancellation: Cancellation, progress: @Sendable (Double) -> Void
) throws -> IngestReport {
  if format == .csv || format == .tsv {
    return try ingestCSV(
      path, named: name, format: csv, into: output, badRows: badRows, digest: digest, observer: observer,
      threads: threads, cancellation: cancellation, progress: progress)
  }
  if format == .jsonl {
    return try ingestJSONLines(
      path, named: name, format: csv, into: output, badRows: badRows, digest: digest, observer: observer,
      threads: threads, cancellation: cancellation, progress: progress)
  }
  let bytes = try ByteSource(path)
  guard bytes.compression != nil else {
    return try ingestPlainFile(
      path, named: name, format: format, csv: csv, into: output, digest: digest, observer: observer, threads: threads,
      cancellation: cancellation, progress: progress)
  }
  // What must be read twice or anywhere is unpacked first.
  let unpacked = output + ".unpacked"
  defer { unlink(unpacked) }
  let stored = try unpack(bytes, to: unpacked, cancellation) { progress(0.3 * $0) }
  var report = try ingestPlainFile(
    unpacked, named: name, format: format, csv: csv, into: output, digest: stored, observer: observer,
    threads: threads, cancellation: cancellation, progress: { progress(0.3 + 0.7 * $0) })
  report.sourceDigest = stored
  return report
}

private func ingestPlainFile(
  _ path: String, named name: String, format: SourceFormat, csv: CSVFormat, into output: String,
  digest: Digest?, observer: (any RowGroupObserver)?, threads: Int, cancellation: Cancellation,
  progress: @Sendable (Double) -> Void
) throws -> IngestReport {
  switch format {
  case .libsvm:
    return try ingestLibSVM(
      path, named: name, into: output, digest: digest, observer: observer, threads: threads, cancellation: cancellation,
      progress: progress)
  case .parquet:
    return try ingestTyped(
      ParquetSource(path, named: name, cancellation: cancellation), declared: csv.declared, missing: csv.missing,
      into: output, observer: observer, threads: threads, cancellation: cancellation,
      progress: progress)
  case .arrow:
    do {
      let source = try ArrowSource(path, named: name, cancellation: cancellation)
      return try ingestTyped(
        source, declared: csv.declared, missing: csv.missing, into: output, observer: observer, threads: threads,
        cancellation: cancellation, progress: progress)
    } catch let error as ColumnarFileError {
      guard case .nested = error.problem, let table = sparseTable(path) else { throw error }
      let digest = try contentDigest(ofFile: path, cancellation: cancellation)
      return try ingestTyped(
        TableSource(table, named: name, digest: digest), declared: csv.declared, missing: csv.missing, into: output,
        observer: observer, threads: threads, cancellation: cancellation, progress: progress)
    }
  default: throw TypedSourceError(name, [.unread(format)])
  }
}

/// A table with sparse columns that was written here, whose codes and indices are what they must be; nil for other files.
private func sparseTable(_ path: String) -> Table? {
  guard let table = try? Table.open(path) else { return nil }
  let columns = table.schema.fields.indices.map { table.column($0) }
  return columns.contains { $0.type == .sparse } && columns.allSatisfy(\.isSound) ? table : nil
}

extension Column {
  /// Whether all codes have a level, and all sparse rows ascending indices and finite numbers.
  fileprivate var isSound: Bool {
    segments.allSatisfy { segment in
      (0..<segment.rowCount).allSatisfy { row in
        switch type {
        case .category: segment.isMissing(row) || dictionary.indices.contains(Int(segment.int32(row)))
        case .sparse: ColumnSegment.areSound(segment.entries(row))
        default: true
        }
      }
    }
  }
}

extension ColumnSegment {
  fileprivate static func areSound(
    _ entries: (indices: UnsafeBufferPointer<Int32>, numbers: UnsafeBufferPointer<Double>)
  ) -> Bool {
    var previous: Int32 = -1
    for (index, number) in zip(entries.indices, entries.numbers) {
      if index <= previous || !number.isFinite { return false }
      previous = index
    }
    return true
  }
}

/// Writes the bytes of a compressed file to `target`; gives the digest of the file as it is stored.
private func unpack(
  _ source: ByteSource, to target: String, _ cancellation: Cancellation, progress: (Double) -> Void
) throws -> Digest {
  let file = try FileHandle(creating: target)
  let stream = try source.open(cancellation: cancellation)
  let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
  defer { buffer.deallocate() }
  while true {
    try cancellation.check()
    let count = try stream.fill(buffer)
    if count == 0 { break }
    try file.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    progress(Double(stream.consumed) / Double(max(1, source.storedSize)))
  }
  return try contentDigest(ofFile: source.path, cancellation: cancellation)
}
