package import Basics
import Diagnostics
import Glibc

/// Reads a libsvm file or a pipe batch after batch, for scoring: in constant memory, rows coming out as they go in. One
/// thread at a time.
package final class LibSVMBatches {
  private let name: String
  private let keep: [String]
  private let cancellation: Cancellation
  private var windows: LineWindows
  private var lineCount = 0
  private var rowCount = 0
  private static let window = 1 << 20

  /// Opens a file. `keep` names columns to be kept as text, which can only be `label`. Throws `FileError`.
  package convenience init(path: String, keep: [String] = [], cancellation: Cancellation = .process) throws {
    self.init(
      stream: FileBytes(try FileHandle(reading: path), cancellation), named: path, keep: keep,
      cancellation: cancellation)
  }

  /// Reads from an open descriptor, such as 0 for standard input, and leaves it open. Messages call it `name`.
  package convenience init(
    descriptor: Int32, named name: String, keep: [String] = [], cancellation: Cancellation = .process
  ) {
    self.init(
      stream: FileBytes(descriptor: descriptor, named: name, cancellation), named: name, keep: keep,
      cancellation: cancellation)
  }

  /// Reads a stream.
  init(stream: any ByteStream, named name: String, keep: [String] = [], cancellation: Cancellation = .process) {
    windows = LineWindows(stream, window: LibSVMBatches.window)
    self.name = name
    self.keep = keep
    self.cancellation = cancellation
  }

  /// The next rows, with the column `features`, or nil at the end.
  ///
  /// Throws `LibSVMError` for lines that are no rows and for columns to be kept that are not there, `FileError`, `Cancelled`.
  package func next() throws -> CSVBatch? {
    if let other = keep.first(where: { $0 != LibSVMColumn.label.name }) {
      throw LibSVMError(name, [LibSVMProblem(.unknownColumn(other))])
    }
    while true {
      try cancellation.check()
      guard let lines = try nextLines() else { return nil }
      let rows = LibSVMRows(byteCount: lines.count)
      var parser = LibSVMParser(into: rows)
      parser.parse(lines)
      var flaws = LibSVMFlaws()
      flaws.add(parser.flaws, from: lineCount)
      if !flaws.isEmpty { throw LibSVMError(name, flaws.problems(in: name).map(\.uncounted)) }
      lineCount += parser.lineCount
      if rows.rowCount > 0 { return batch(rows) }
    }
  }

  private func nextLines() throws -> UnsafeBufferPointer<UInt8>? {
    do {
      return try windows.next(waits: false)?.lines
    } catch is LineTooLong {
      throw LibSVMError(name, [LibSVMProblem(.lineTooLong, at: Place(file: name, line: lineCount + 1))])
    }
  }

  private func batch(_ rows: LibSVMRows) -> CSVBatch {
    let count = rows.rowCount
    let label = SegmentBuffer(.number, rowCount: count)
    let features = SegmentBuffer(.sparse, rowCount: count)
    features.reserve(entries: rows.entryCount)
    rows.copy(0..<count, label: label, features: features, at: 0)
    func column(_ field: Field, _ buffer: SegmentBuffer) -> Column {
      Column(field: field, dictionary: [], segments: [buffer.segment], segmentRows: count, owners: [buffer])
    }
    defer { rowCount += count }
    return CSVBatch(
      table: Table(columns: [column(LibSVMColumn.features, features)], rowCount: count),
      kept: Table(columns: keep.isEmpty ? [] : [column(LibSVMColumn.label, label)], rowCount: count),
      firstRow: rowCount)
  }
}
