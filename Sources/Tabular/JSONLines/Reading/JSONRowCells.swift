/// The cells of a row that is parsed, as `parsing_json_rows` leaves them, and what shows how its line is built.
struct JSONRowCells: JSONRowTarget, ~Copyable {
  /// A key that the columns lack.
  struct NewColumn {
    var name: [UInt8]
    /// Where the line in which it first came begins in the text, and its place among the new ones of the line.
    var line: Int
    var order = 0
    /// How its values are to be read.
    var mode: ColumnMode
  }

  /// The positions of the columns by their names.
  private let positions: [[UInt8]: Int32]
  /// Columns that hold nothing but null.
  private let ignored: Set<[UInt8]>
  private let columnCount: Int
  /// Takes texts with escapes, decoded and in quotes, behind the piece. Must have room for the line.
  private let text: TextBuffer
  private var cells: UnsafeMutablePointer<UInt32>?
  private var line: UInt32 = 0
  private(set) var values: [JSONShapes.Value] = []
  private var newColumns: [NewColumn] = []
  private var newPositions: [[UInt8]: Int] = [:]
  /// For each of them, the line that had it last.
  private var lastLines: [Int] = []
  private var lineCount = 0
  /// Values of new columns in the row.
  private var pending: [(column: Int, mode: CellClass?)] = []
  private var pieceOffset = 0

  init(_ layout: JSONLayout, _ text: TextBuffer) {
    positions = layout.positions
    ignored = layout.ignored
    columnCount = layout.names.count
    self.text = text
  }

  /// Columns that came and were not known.
  var found: [NewColumn] { newColumns.filter { $0.line >= 0 } }

  /// How many keys came that were not known.
  var newCount: Int { newColumns.count }

  /// Begins a row: its line begins at `line` of the piece, which begins at `pieceOffset` of the text.
  mutating func beginRow(_ line: Int, pieceOffset: Int, cells: UnsafeMutablePointer<UInt32>) {
    self.cells = cells
    self.line = UInt32(line)
    self.pieceOffset = pieceOffset
    lineCount += 1
    isKnown = true
    values.removeAll(keepingCapacity: true)
    pending.removeAll(keepingCapacity: true)
    for column in 0..<columnCount { (cells[2 * column], cells[2 * column + 1]) = (self.line, self.line + 1) }
  }

  /// Whether the line has nothing but columns that are known.
  private(set) var isKnown = true

  /// Keeps what the row says of new columns.
  mutating func keepRow() {
    for (order, (column, cellClass)) in pending.enumerated() {
      if newColumns[column].line < 0 {
        newColumns[column].line = pieceOffset + Int(line)
        newColumns[column].order = order
      }
      if let cellClass { newColumns[column].mode = newColumns[column].mode.widened(by: cellClass) }
    }
  }

  @inline(__always)
  mutating func begin(
    _ entry: Int32, _ keys: inout JSONKeys, key: UnsafePointer<UInt8>
  ) throws(JSONFlaw) -> Int32 {
    if keys.entries[Int(entry)].column < 0 { setColumn(entry, &keys) }
    let column = keys.entries[Int(entry)].column
    values.append(JSONShapes.Value(entry: entry, column: column, start: key, end: key))
    if Int(column) < columnCount {
      if let cells, cells[2 * Int(column)] != line { throw keys.duplicate(entry, at: key) }
    } else {
      let new = Int(column) - columnCount
      if lastLines[new] == lineCount { throw keys.duplicate(entry, at: key) }
      lastLines[new] = lineCount
      isKnown = false
    }
    return column
  }

  private mutating func setColumn(_ entry: Int32, _ keys: inout JSONKeys) {
    let name = keys.names[Int(entry)]
    if let known = positions[name] { return keys.setColumn(known, of: entry) }
    let new = newPositions[name] ?? newColumns.count
    if new == newColumns.count {
      newPositions[name] = new
      newColumns.append(NewColumn(name: name, line: -1, mode: .nothing))
      lastLines.append(-1)
    }
    keys.setColumn(Int32(columnCount + new), of: entry)
  }

  mutating func take(
    _ value: JSONValue, at place: Int32, from start: UnsafePointer<UInt8>, to end: UnsafePointer<UInt8>
  ) {
    let index = values.count - 1
    (values[index].start, values[index].end) = (start, end)
    guard Int(place) < columnCount, let cells else { return takeNew(value, Int(place) - columnCount) }
    let first = UInt32(UnsafePointer(start) - UnsafePointer(text.start))
    let cell = cells + 2 * Int(place)
    switch value {
    case .null: (cell[0], cell[1]) = (first - 1, first)
    case .text(let content) where content.count != end - start - 2:
      (cell[0], cell[1]) = (UInt32(text.count) - 1, UInt32(text.count + content.count + 2))
      text.append(UInt8(ascii: "\""))
      text.append(content)
      text.append(UInt8(ascii: "\""))
    default: (cell[0], cell[1]) = (first - 1, UInt32(UnsafePointer(end) - UnsafePointer(text.start)))
    }
  }

  private mutating func takeNew(_ value: JSONValue, _ column: Int) {
    if case .null = value {
      if !ignored.contains(newColumns[column].name) { pending.append((column, nil)) }
    } else {
      pending.append((column, value.cellClass))
    }
  }
}

extension JSONValue {
  /// The class of a cell; nil for null. No other text is a date or a timestamp.
  var cellClass: CellClass? {
    switch self {
    case .null: nil
    case .boolean: .boolean
    case .integer: .integer
    case .number: .decimal
    case .huge: .huge
    case .text(let text): parseDate(text) != nil ? .date : parseTimestamp(text) != nil ? .timestamp : .text
    case .verbatim: .text
    }
  }
}

/// The columns of a file, as its readers know them.
struct JSONLayout: Sendable {
  var names: [String] = []
  /// Kept as they are written.
  var verbatim: Set<[UInt8]> = []
  /// Names that stand for objects elsewhere, and hold nothing but null where they do not.
  var ignored: Set<[UInt8]> = []

  var positions: [[UInt8]: Int32] {
    Dictionary(uniqueKeysWithValues: names.enumerated().map { (Array($1.utf8), Int32($0)) })
  }
}
