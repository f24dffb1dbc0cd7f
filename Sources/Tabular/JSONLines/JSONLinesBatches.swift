import Basics
import Diagnostics

/// Reads JSON Lines from a stream batch after batch, for scoring: in constant memory, rows coming out as they go in. One
/// thread at a time.
///
/// Lines mean what they mean to `ingestJSONLines`. A key that a line lacks is missing there.
package final class JSONLinesBatches {
  private let name: String
  private let conversion: BatchConversion
  private let cancellation: Cancellation
  private var windows: LineWindows
  private var pieces: [JSONPiece] = []
  private var lineCount = 0
  private var rowCount = 0
  /// Names that came in some row.
  private var seen: Set<String> = []
  /// Names of columns that are wanted as strings.
  private let exact: Set<[UInt8]>
  private static let window = 1 << 20

  /// `keep` names columns to be kept as text.
  init(
    _ stream: any ByteStream, named name: String, wanted: [Field], keep: [String], missing: [String],
    cancellation: Cancellation
  ) {
    self.name = name
    self.cancellation = cancellation
    conversion = BatchConversion(name, wanted: wanted, keep: keep, missing: missing)
    exact = Set(wanted.filter(\.type.isString).map { Array($0.name.utf8) } + keep.map { Array($0.utf8) })
    windows = LineWindows(stream, window: Self.window)
  }

  /// The next rows, or nil at the end. Throws `JSONLinesError` for lines that are no rows, `TypedSourceError` for cells that
  /// are not of the wanted type, at the end `CSVError` for columns that no line had, what the stream throws, and `Cancelled`.
  package func next() throws -> CSVBatch? {
    while true {
      try cancellation.check()
      if !pieces.isEmpty {
        let piece = pieces.removeFirst()
        var flaws = JSONFlaws()
        flaws.add(piece.flaws, from: lineCount)
        if !flaws.isEmpty { throw JSONLinesError(name, flaws.problems(in: name)) }
        lineCount += piece.lineCount
        if piece.rows.rowCount > 0 { return try batch(piece.rows) }
        continue
      }
      guard let lines = try nextLines() else {
        if rowCount > 0 { try conversion.check(seen) }
        return nil
      }
      pieces = JSONPieceParser.pieces(of: lines, verbatim: [], exact: exact)
    }
  }

  private func nextLines() throws -> UnsafeBufferPointer<UInt8>? {
    do {
      return try windows.next(waits: false)?.lines
    } catch is LineTooLong {
      let place = Place(file: name, line: lineCount + 1)
      throw JSONLinesError(name, [JSONLinesProblem(kind: .lineTooLong, count: 1, first: place)])
    }
  }

  private func batch(_ rows: RowPiece) throws -> CSVBatch {
    defer { rowCount += rows.rowCount }
    // Two names may be the same text, written in different ways.
    let columns = Dictionary(rows.columns.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    seen.formUnion(columns.keys)
    return try conversion.batch(rowCount: rows.rowCount, firstRow: rowCount) { name in
      guard let column = columns[name], let type = column.type, let cells = column.cells else { return nil }
      return (cells, type)
    }
  }
}
