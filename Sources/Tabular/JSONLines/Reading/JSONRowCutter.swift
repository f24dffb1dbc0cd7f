import CParsing

/// Takes the lines of pieces apart into the cells of rows, up to 64 at a time. Used by one thread.
///
/// A line that is built as one before it is left to a kernel; any other is parsed, and shows how the next may be built.
final class JSONRowCutter {
  private let text: TextBuffer
  private let columnCount: Int
  private var lines: JSONLineParser<JSONRowCells>
  private var shapes: JSONShapes
  /// Two a cell; see `parsing_json_rows_found`.
  let cells: UnsafeMutablePointer<UInt32>
  /// Where the rows at hand begin in the piece.
  let starts: UnsafeMutablePointer<UInt32>
  private let escaped: UnsafeMutablePointer<UInt32>
  /// The lines of the rows at hand, counted from the start of the piece.
  private(set) var rowLines = [Int](repeating: 0, count: 64)
  private var decoded: [UInt8] = []
  private var piece = Piece(firstRow: 0, recordCount: 0, offset: 0, line: 0, isIrregular: false)
  private var isText = true
  private var offset = 0
  private var line = 0
  private var end = 0

  /// A line that is no row.
  struct BadLine {
    var kind: JSONLinesProblem.Kind
    /// Where it begins in the piece, and where its line feed stands.
    var start, end: Int
    var line: Int
    /// The character where it shows, from 1.
    var column: Int
  }

  private(set) var badLines: [BadLine] = []

  /// Pieces are in `text`, behind which decoded texts are put.
  init(_ layout: JSONLayout, _ text: TextBuffer) {
    self.text = text
    columnCount = layout.names.count
    lines = JSONLineParser(JSONKeys(verbatim: layout.verbatim), JSONRowCells(layout, text))
    shapes = JSONShapes(columnCount: columnCount)
    cells = .allocate(capacity: 64 * 2 * max(1, columnCount))
    starts = .allocate(capacity: 64)
    escaped = .allocate(capacity: Int(PARSING_JSON_ESCAPES))
  }

  deinit {
    cells.deallocate()
    starts.deallocate()
    escaped.deallocate()
  }

  /// Columns that came and are not in the layout.
  var newColumns: [JSONRowCells.NewColumn] { lines.target.found }

  /// Columns that are known or came.
  var columnsSeen: Int { columnCount + lines.target.newCount }

  /// Begins the piece that is in the text.
  func begin(_ piece: Piece) {
    self.piece = piece
    (offset, line, end) = (0, 0, text.count)
    badLines = []
    isText = text.bytes.firstUnreadable() == nil
  }

  /// The cells of the next rows; their number, 64 but at the end of the piece.
  func next() -> Int {
    text.truncate(to: end)
    var rows = 0
    while rows < 64, offset < end {
      if isText { takeRows(&rows) }
      if rows < 64, offset < end { parseLine(&rows) }
    }
    return rows
  }

  private func takeRows(_ rows: inout Int) {
    let target = cells + rows * 2 * columnCount
    var found = parsing_json_rows_found(
      cells: target, starts: starts + rows, escaped: escaped, rows: 0, escapes: 0)
    offset = shapes.takeRows(text.start, count: end, from: offset, limit: 64 - rows, &found)
    for row in rows..<rows + Int(found.rows) {
      rowLines[row] = line
      line += 1
    }
    rows += Int(found.rows)
    for index in 0..<Int(found.escapes) { decode(target + Int(escaped[index])) }
  }

  /// Puts what a text with escapes means behind the piece.
  private func decode(_ cell: UnsafeMutablePointer<UInt32>) {
    let (start, end) = (Int(cell[0]) + 1, Int(cell[1]))
    decoded.removeAll(keepingCapacity: true)
    decoded.append(UInt8(ascii: "\""))
    // The kernel has looked at the escapes.
    _ = try? decodeText(text.start + start + 1, into: &decoded)
    decoded.append(UInt8(ascii: "\""))
    text.reserve(text.count + end - start)
    (cell[0], cell[1]) = (UInt32(text.count) - 1, UInt32(text.count + decoded.count))
    decoded.withUnsafeBufferPointer { text.append($0) }
  }

  private func parseLine(_ rows: inout Int) {
    let start = UnsafePointer(text.start + offset)
    let first = skipBlanks(inJSON: start)
    if first.pointee == lineFeed {
      offset += first - start + 1
    } else {
      let size = lineEnd(from: first) - start + 1
      // What is decoded is no longer than the line, so that the text stays where it is while the line is parsed.
      text.reserve(text.count + size)
      parse(UnsafePointer(text.start + offset), size, &rows)
      offset += size
    }
    line += 1
  }

  private func parse(_ start: UnsafePointer<UInt8>, _ size: Int, _ rows: inout Int) {
    do throws(JSONFlaw) {
      if !isText { try checkText(ofLine: start) }
      lines.target.beginRow(offset, pieceOffset: piece.offset, cells: cells + rows * 2 * columnCount)
      let behind = try lines.parseRow(skipBlanks(inJSON: start))
      if lines.target.isKnown { shapes.learn(lines.target.values, line: start, end: behind) }
      lines.target.keepRow()
      (starts[rows], rowLines[rows]) = (UInt32(offset), line)
      rows += 1
    } catch {
      badLines.append(
        BadLine(
          kind: error.kind, start: offset, end: offset + size - 1, line: line, column: error.column(inLine: start)))
    }
  }
}
