/// Parses a piece of a file, line by line, into columns.
///
/// Lines with a flaw are counted in `flaws` and leave no trace in the columns. Used by one thread.
struct JSONPieceParser: ~Copyable {
  private var lines: JSONLineParser<JSONPieceColumns>
  private(set) var flaws = JSONFlaws()
  private(set) var lineCount = 0
  private var rowLines: [Int] = []

  /// A piece of at most so many rows. Columns in `verbatim` are kept as they are written.
  init(rows: Int, verbatim: Set<[UInt8]>, exact: Set<[UInt8]> = []) {
    lines = JSONLineParser(JSONKeys(verbatim: verbatim), JSONPieceColumns(capacity: max(1, rows), exact))
  }

  /// Parses all lines, in as many pieces as memory asks for. The last byte must be a line feed, and eight more bytes must be
  /// readable. In columns of `exact`, integers beyond 64 bits are texts of their digits, elsewhere the nearest numbers.
  static func pieces(
    of bytes: UnsafeBufferPointer<UInt8>, verbatim: Set<[UInt8]>, exact: Set<[UInt8]> = []
  ) -> [JSONPiece] {
    guard bytes.last == lineFeed else { return [] }
    let isText = bytes.firstUnreadable() == nil
    var pieces: [JSONPiece] = []
    var rest = bytes
    var capacity = min(8192, bytes.count { $0 == lineFeed })
    while !rest.isEmpty {
      var parser = JSONPieceParser(rows: capacity, verbatim: verbatim, exact: exact)
      let count = parser.parse(rest, isText: isText)
      if parser.lines.target.isOverfull {
        capacity = max(1, capacity / 8)
        continue
      }
      pieces.append(parser.finish())
      rest = UnsafeBufferPointer(rebasing: rest[count...])
    }
    return pieces
  }

  /// Parses whole lines until the piece is full; gives the bytes that they have.
  private mutating func parse(_ bytes: UnsafeBufferPointer<UInt8>, isText: Bool) -> Int {
    guard let start = bytes.baseAddress else { return 0 }
    var at = start
    while at < start + bytes.count, !lines.target.isFull {
      let first = skipBlanks(inJSON: at)
      do {
        if first.pointee == lineFeed {
          at = first + 1
        } else {
          if !isText { try checkText(ofLine: at) }
          at = try lines.parseRow(first)
          lines.target.rowCount += 1
          rowLines.append(lineCount)
        }
      } catch {
        lines.target.dropRow()
        flaws.add(error.kind, line: lineCount, column: error.column(inLine: at))
        at = lineEnd(from: at) + 1
      }
      lineCount += 1
    }
    return at - start
  }

  /// What was parsed.
  consuming func finish() -> JSONPiece {
    JSONPiece(rows: lines.target.finish(lines.keys), lineCount: lineCount, rowLines: rowLines, flaws: flaws)
  }
}

/// A piece of a file that was parsed.
struct JSONPiece: Sendable {
  var rows: RowPiece
  var lineCount: Int
  /// The line of each row, counted from the start of the piece.
  var rowLines: [Int]
  var flaws: JSONFlaws
}

/// The columns of a piece, of the types that its values need.
private struct JSONPieceColumns: JSONRowTarget, ~Copyable {
  private var columns: [WideningColumn] = []
  /// The entry each column belongs to, in the order of first appearance.
  private var entries: [Int32] = []
  private var byName: [[UInt8]: Int32] = [:]
  /// Rows that columns have room for.
  private let capacity: Int
  /// Columns whose integers beyond 64 bits are kept by their digits.
  private let exact: Set<[UInt8]>
  var rowCount = 0
  /// Columns and rows together need more memory than a piece may: it is to be parsed again, in smaller ones.
  private(set) var isOverfull = false

  /// Cells that the columns of a piece have room for, but where a few rows have more.
  private static let mostCells = 1 << 22

  init(capacity: Int, _ exact: Set<[UInt8]>) {
    self.capacity = capacity
    self.exact = exact
  }

  var isFull: Bool { rowCount == capacity || isOverfull }

  /// Takes back what the row at hand has.
  func dropRow() {
    for column in columns where column.lastRow == rowCount { column.unset(rowCount) }
  }

  @inline(__always)
  mutating func begin(
    _ entry: Int32, _ keys: inout JSONKeys, key: UnsafePointer<UInt8>
  ) throws(JSONFlaw) -> Int32 {
    if keys.entries[Int(entry)].column < 0 { addColumn(entry, &keys) }
    let index = keys.entries[Int(entry)].column
    let column = columns[Int(index)]
    if column.lastRow == rowCount { throw keys.duplicate(entry, at: key) }
    column.lastRow = rowCount
    return index
  }

  @inline(__always)
  mutating func take(
    _ value: JSONValue, at place: Int32, from start: UnsafePointer<UInt8>, to end: UnsafePointer<UInt8>
  ) {
    let column = columns[Int(place)]
    switch value {
    case .null: return
    case .boolean(let value): column.set(rowCount, boolean: value)
    case .integer(let value): column.set(rowCount, integer: value)
    case .number(let value): column.set(rowCount, number: value)
    case .huge(let digits, let value): column.set(rowCount, huge: value, digits: digits)
    case .text(let text), .verbatim(let text): column.set(rowCount, text: text)
    }
  }

  /// `a: {b: …}` and `"a.b": …` are the same column.
  private mutating func addColumn(_ entry: Int32, _ keys: inout JSONKeys) {
    let name = keys.names[Int(entry)]
    if let same = byName[name] { return keys.setColumn(same, of: entry) }
    if capacity > 1, (columns.count + 1) * capacity > Self.mostCells { isOverfull = true }
    byName[name] = Int32(columns.count)
    keys.setColumn(Int32(columns.count), of: entry)
    // What is parsed again needs no room.
    columns.append(
      WideningColumn(capacity: isOverfull ? max(1, rowCount + 1) : capacity, keepsHuge: exact.contains(name)))
    entries.append(entry)
  }

  func finish(_ keys: borrowing JSONKeys) -> RowPiece {
    let found = zip(entries, columns).map { entry, column in
      column.cells(named: String(decoding: keys.names[Int(entry)], as: UTF8.self))
    }
    return RowPiece(rowCount: rowCount, columns: found)
  }
}
