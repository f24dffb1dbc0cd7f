package import Basics
import Diagnostics
import Glibc
import Synchronization

/// The columns of a table made of a libsvm file: the label, and all else.
package enum LibSVMColumn {
  package static let label = Field(name: "label", type: .number)
  package static let features = Field(name: "features", type: .sparse)
}

/// Whether a file's name says that it is a libsvm (svmlight) file: `.svm`, `.libsvm` or `.svmlight`.
package func isLibSVMName(_ path: String) -> Bool {
  [".svm", ".libsvm", ".svmlight"].contains { path.hasSuffix($0) }
}

/// Reads a libsvm (svmlight) file and writes it as an Arrow IPC file at `output`, which must not exist yet and is not
/// flushed: a number `label`, missing where a row has none, and a sparse column `features` whose indices are those of the
/// file, be they counted from 0 or from 1. Messages call the source `name`, or `path` when nil. Nothing is left at `output`
/// on failure.
///
/// The file is read once, in bounded memory: windows of lines are cut into pieces that threads parse side by side while
/// others take the digest and write the row groups before. The bytes written depend on content alone, not on `threads`.
///
/// `digest` is that of the file, where it is known already; otherwise it is taken meanwhile. `observer` looks at the row groups
/// on the way. `progress` gets the share that is done, from 0 to 1. Throws `LibSVMError` with every kind of problem found,
/// `FileError`, and `Cancelled`.
package func ingestLibSVM(
  _ path: String, named name: String? = nil, into output: String, digest: Digest? = nil,
  observer: (any RowGroupObserver)? = nil, threads: Int, cancellation: Cancellation,
  progress: @Sendable (Double) -> Void
) throws -> IngestReport {
  try ingestLibSVM(
    path, named: name, into: output, digest: digest, observer: observer, threads: threads, pieceSize: 1 << 20,
    cancellation: cancellation, progress: progress)
}

/// The same with pieces of about `pieceSize` bytes, on which the outcome does not depend.
func ingestLibSVM(
  _ path: String, named name: String? = nil, into output: String, digest: Digest? = nil,
  observer: (any RowGroupObserver)? = nil, threads: Int, pieceSize: Int, cancellation: Cancellation,
  progress: (Double) -> Void
) throws -> IngestReport {
  let name = name ?? path
  let file = try FileHandle(reading: path)
  let status = try file.status()
  guard status.kind == .file else { throw LibSVMError(name, [LibSVMProblem(.notARegularFile)]) }
  let fields = [LibSVMColumn.label, LibSVMColumn.features]
  let writer = try ArrowFileWriter.creating(output, fields: fields, dictionaries: [[], []])
  do {
    var reading = LibSVMReading(
      name: name, threads: max(1, threads), pieceSize: pieceSize, hashes: digest == nil, writer, observer)
    var windows = LineWindows(
      FileBytes(descriptor: file.descriptor, named: path, cancellation),
      window: min(pieceSize * max(1, threads) * 8, status.size))
    while let window = try reading.next(&windows, cancellation) {
      try reading.take(window)
      progress(Double(reading.byteCount) / Double(max(1, status.size)))
    }
    if try file.status() != status { throw LibSVMError(name, [LibSVMProblem(.changedWhileRead)]) }
    let (rowCount, ownDigest) = try reading.finish()
    return IngestReport(
      schema: Schema(fields: fields), rowCount: rowCount, sourceDigest: digest ?? ownDigest, notes: [])
  } catch {
    unlink(output)
    throw error
  }
}

/// Where the threads put bytes and rows.
private final class Sinks: Sendable {
  let hasher = Mutex(ContentHasher())
  let groups: Mutex<SparseRowGroups>

  init(_ writer: consuming ArrowFileWriter, _ observer: (any RowGroupObserver)?) {
    groups = Mutex(SparseRowGroups(writer, observer))
  }
}

/// A libsvm file between its first window and its last.
private struct LibSVMReading: ~Copyable {
  private let name: String
  private let threads: Int
  private let pieceSize: Int
  private let hashes: Bool
  private let sinks: Sinks
  private var flaws = LibSVMFlaws()
  private var lineCount = 0
  private(set) var byteCount = 0
  /// Rows of the last window, which are not written yet.
  private var pending: [LibSVMRows] = []

  init(
    name: String, threads: Int, pieceSize: Int, hashes: Bool, _ writer: consuming ArrowFileWriter,
    _ observer: (any RowGroupObserver)?
  ) {
    self.hashes = hashes
    self.name = name
    self.threads = threads
    self.pieceSize = pieceSize
    sinks = Sinks(writer, observer)
  }

  func next(_ windows: inout LineWindows, _ cancellation: Cancellation) throws -> LineWindows.Window? {
    try cancellation.check()
    do {
      return try windows.next()
    } catch is LineTooLong {
      throw LibSVMError(name, [LibSVMProblem(.lineTooLong, at: Place(file: name, line: lineCount + 1))])
    }
  }

  /// Parses the pieces of a window side by side, while one thread takes the digest of its bytes and one writes the rows of
  /// the window before.
  mutating func take(_ window: LineWindows.Window) throws {
    let pieces = window.lines.cut(atLines: pieceSize)
    let parsed = Mutex([(rows: LibSVMRows, parser: LibSVMParser)?](repeating: nil, count: pieces.count))
    let before = pending
    let (sinks, hashes) = (sinks, hashes)
    try parallelFor(count: pieces.count + 2, threads: threads) { task in
      switch task {
      case 0: if hashes { sinks.hasher.withLock { $0.update(window.raw) } }
      case 1: try sinks.groups.withLock { try $0.append(before) }
      default:
        let piece = UnsafeBufferPointer(rebasing: window.lines[pieces[task - 2]])
        let rows = LibSVMRows(byteCount: piece.count)
        var parser = LibSVMParser(into: rows)
        parser.parse(piece)
        let done = parser
        parsed.withLock { $0[task - 2] = (rows, done) }
      }
    }
    pending = []
    for case let piece? in parsed.withLock({ $0 }) {
      flaws.add(piece.parser.flaws, from: lineCount)
      lineCount += piece.parser.lineCount
      pending.append(piece.rows)
    }
    // What is not going to be kept is not written either.
    if !flaws.isEmpty { pending = [] }
    byteCount += window.raw.count
  }

  /// Writes what is left and closes the file. Throws where there are flaws or no rows.
  consuming func finish() throws -> (rowCount: Int, digest: Digest) {
    if !flaws.isEmpty { throw LibSVMError(name, flaws.problems(in: name)) }
    let pending = pending
    let rowCount = try sinks.groups.withLock { groups in
      try groups.append(pending)
      return try groups.finish()
    }
    if rowCount == 0 { throw LibSVMError(name, [LibSVMProblem(.noRows)]) }
    return (rowCount, sinks.hasher.withLock { $0 }.finish())
  }
}
