import Basics
import Diagnostics
import Glibc
import Synchronization

/// The same as `ingestJSONLines`, by keeping all columns aside until all types are known: pieces of the file are parsed side
/// by side into columns. Slower, and what there is to fall back on where declared types and missing markers make a column
/// something that single values do not tell.
func ingestJSONPieces(
  _ path: String, named name: String, declared: [String: ColumnType], missing: [String], into output: String,
  observer: (any RowGroupObserver)? = nil, threads: Int, pieceSize: Int, cancellation: Cancellation,
  progress: (Double) -> Void
) throws -> IngestReport {
  var (parts, digest) = try readJSONPieces(
    path, named: name, declared: declared, exact: [], into: output, threads: threads, pieceSize: pieceSize,
    cancellation: cancellation, progress: progress)
  let exact = parts.exactColumns.filter { declared[String(decoding: $0, as: UTF8.self)] == nil }
  let whole = parts.wholeColumns
  if !exact.isEmpty {
    (parts, digest) = try readJSONPieces(
      path, named: name, declared: declared, exact: exact, into: output, threads: threads, pieceSize: pieceSize,
      cancellation: cancellation, progress: progress)
  }
  let source = PiecedSource(
    parts, named: name, digest: try digest ?? contentDigest(ofFile: path, cancellation: cancellation),
    hasUntypedStrings: true)
  var report = try ingestTyped(
    source, declared: declared, missing: missing, into: output, observer: observer, threads: threads,
    cancellation: cancellation
  ) { progress(0.7 + 0.3 * $0) }
  report.notes += parts.notes(report.schema.fields, exact: whole, declared: declared, file: name)
  return report
}

/// Keeps the rows of a file aside; the digest of its bytes, where those read are those stored. In columns of `exact`,
/// integers beyond 64 bits are texts.
private func readJSONPieces(
  _ path: String, named name: String, declared: [String: ColumnType], exact: Set<[UInt8]>, into output: String,
  threads: Int, pieceSize: Int, cancellation: Cancellation, progress: (Double) -> Void
) throws -> (RowPieces, Digest?) {
  let folder = Files.parentFolder(of: output) ?? "."
  let source = try ByteSource(path)
  var reading = JSONLinesReading(
    name: name, threads: max(1, threads), pieceSize: pieceSize, verbatim: JSONLayout.verbatim(declared), exact: exact,
    spool: PieceSpool(folder: folder), hashes: source.compression == nil)
  var windows = LineWindows(
    try source.open(cancellation: cancellation),
    window: min(pieceSize * max(1, threads) * 4, max(4096, source.storedSize)))
  while let window = try reading.next(&windows, cancellation) {
    try reading.take(window)
    progress(0.7 * Double(windows.consumed) / Double(max(1, source.storedSize)))
  }
  let digest = reading.digest
  return (try reading.finish(), digest)
}

/// A JSON Lines file between its first window and its last.
private struct JSONLinesReading: ~Copyable {
  private let name: String
  private let threads: Int
  private let pieceSize: Int
  private let verbatim, exact: Set<[UInt8]>
  private let hasher: HasherBox?
  private var parts: RowPieces
  private var flaws = JSONFlaws()
  private var lineCount = 0

  init(
    name: String, threads: Int, pieceSize: Int, verbatim: Set<[UInt8]>, exact: Set<[UInt8]>, spool: PieceSpool,
    hashes: Bool
  ) {
    self.name = name
    self.threads = threads
    self.pieceSize = pieceSize
    self.verbatim = verbatim
    self.exact = exact
    parts = RowPieces(spool)
    hasher = hashes ? HasherBox() : nil
  }

  /// Of all bytes so far; nil where those read are not those stored.
  var digest: Digest? { hasher?.digest }

  func next(_ windows: inout LineWindows, _ cancellation: Cancellation) throws -> LineWindows.Window? {
    try cancellation.check()
    do {
      return try windows.next()
    } catch is LineTooLong {
      let place = Place(file: name, line: lineCount + 1)
      throw JSONLinesError(name, [JSONLinesProblem(kind: .lineTooLong, count: 1, first: place)])
    }
  }

  /// Parses the pieces of a window side by side, while one thread takes the digest of its bytes.
  mutating func take(_ window: LineWindows.Window) throws {
    let cuts = window.lines.cut(atLines: pieceSize)
    let parsed = Mutex([[JSONPiece]](repeating: [], count: cuts.count))
    let (hasher, verbatim, exact) = (hasher, verbatim, exact)
    parallelFor(count: cuts.count + 1, threads: threads) { task in
      if task == 0 {
        hasher?.update(window.raw)
        return
      }
      let bytes = UnsafeBufferPointer(rebasing: window.lines[cuts[task - 1]])
      let pieces = JSONPieceParser.pieces(of: bytes, verbatim: verbatim, exact: exact)
      parsed.withLock { $0[task - 1] = pieces }
    }
    for piece in parsed.withLock({ $0 }).joined() {
      flaws.add(piece.flaws, from: lineCount)
      lineCount += piece.lineCount
      // What is not going to be kept is not stored either.
      if flaws.isEmpty {
        try parts.add(piece.rows) { [lineCount] in lineCount - piece.lineCount + piece.rowLines[$0] + 1 }
      }
      // Where the limit is passed depends on how the file is cut, so no line is told.
      if parts.names.count > JSONKeys.limit || piece.flaws.contains(.tooManyColumns) {
        throw JSONLinesError(name, [JSONLinesProblem(kind: .tooManyColumns, count: 1, first: Place(file: name))])
      }
    }
  }

  /// Throws where there are flaws or no rows.
  consuming func finish() throws(JSONLinesError) -> RowPieces {
    if !flaws.isEmpty { throw JSONLinesError(name, flaws.problems(in: name)) }
    if parts.rowCount == 0 {
      throw JSONLinesError(name, [JSONLinesProblem(kind: .noRows, count: 1, first: Place(file: name))])
    }
    return parts
  }
}

/// Takes the digest of bytes that come on different threads, one after the other.
private final class HasherBox: Sendable {
  private let hasher = Mutex(ContentHasher())

  func update(_ bytes: UnsafeRawBufferPointer) { hasher.withLock { $0.update(bytes) } }

  var digest: Digest { hasher.withLock { $0 }.finish() }
}
