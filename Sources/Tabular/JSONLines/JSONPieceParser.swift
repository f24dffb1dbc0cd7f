/// Parses a piece of a file, line by line, into columns.
///
/// Lines with a flaw are counted in `flaws` and leave no trace in the columns. Used by one thread.
struct JSONPieceParser: ~Copyable {
  private var keys: JSONKeys
  private var columns: [WideningColumn] = []
  /// The entry each column belongs to, in the order of first appearance.
  private var columnEntries: [Int32] = []
  private(set) var flaws = JSONFlaws()
  private(set) var rowCount = 0
  private(set) var lineCount = 0
  /// Rows that columns have room for.
  private let capacity: Int
  /// Columns and rows together need more memory than a piece may: it is to be parsed again, in smaller ones.
  private(set) var isOverfull = false
  private var scratch: [UInt8] = []
  private var columnsByName: [[UInt8]: Int32] = [:]

  /// Cells that the columns of a piece have room for, but where a few rows have more.
  private static let mostCells = 1 << 22

  /// A piece of at most so many rows. Columns in `verbatim` are kept as they are written.
  init(rows: Int, verbatim: Set<[UInt8]>) {
    keys = JSONKeys(verbatim: verbatim)
    capacity = max(1, rows)
  }

  /// Parses all lines, in as many pieces as memory asks for. The last byte must be a line feed, and eight more bytes must be
  /// readable.
  static func pieces(of bytes: UnsafeBufferPointer<UInt8>, verbatim: Set<[UInt8]>) -> [JSONPiece] {
    guard bytes.last == lineFeed else { return [] }
    let isText = bytes.firstUnreadable() == nil
    var pieces: [JSONPiece] = []
    var rest = bytes
    var capacity = min(8192, bytes.count { $0 == lineFeed })
    while !rest.isEmpty {
      var parser = JSONPieceParser(rows: capacity, verbatim: verbatim)
      let count = parser.parse(rest, isText: isText)
      if parser.isOverfull {
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
    while at < start + bytes.count, rowCount < capacity, !isOverfull {
      let first = skipBlanks(inJSON: at)
      do {
        if first.pointee == lineFeed {
          at = first + 1
        } else {
          if !isText { try checkText(at) }
          at = try parseRow(first)
          rowCount += 1
        }
      } catch {
        for column in columns where column.lastRow == rowCount { column.unset(rowCount) }
        flaws.add(error.kind, line: lineCount, column: column(of: error.at, in: at))
        at = lineEnd(from: at) + 1
      }
      lineCount += 1
    }
    return at - start
  }

  private func lineEnd(from start: UnsafePointer<UInt8>) -> UnsafePointer<UInt8> {
    var at = start
    while at.pointee != lineFeed { at += 1 }
    return at
  }

  private func checkText(_ line: UnsafePointer<UInt8>) throws(JSONFlaw) {
    let bytes = UnsafeBufferPointer(start: line, count: lineEnd(from: line) - line)
    if let flaw = bytes.firstUnreadable() {
      throw JSONFlaw(kind: flaw.kind == .nulByte ? .controlCharacter : .notUTF8, at: line + flaw.offset)
    }
  }

  /// Characters up to `at` in its line, from 1.
  private func column(of at: UnsafePointer<UInt8>, in line: UnsafePointer<UInt8>) -> Int {
    UnsafeBufferPointer(start: line, count: max(0, at - line)).count { $0 & 0xC0 != 0x80 } + 1
  }

  /// Parses the object at `start` and returns where the next line begins.
  private mutating func parseRow(_ start: UnsafePointer<UInt8>) throws(JSONFlaw) -> UnsafePointer<UInt8> {
    guard start.pointee == UInt8(ascii: "{") else { throw JSONFlaw(kind: .noObject(found: kind(start)), at: start) }
    let end = skipBlanks(inJSON: try parseObject(start, node: 0, depth: 0))
    guard end.pointee == lineFeed else { throw JSONFlaw(kind: .trailingText, at: end) }
    return end + 1
  }

  private func kind(_ at: UnsafePointer<UInt8>) -> String {
    switch at.pointee {
    case UInt8(ascii: "["): "a list"
    case UInt8(ascii: "\""): "a text"
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): "a number"
    case UInt8(ascii: "t"), UInt8(ascii: "f"), UInt8(ascii: "n"): "a word"
    default: "no JSON"
    }
  }

  /// Parses the object whose brace stands at `start`; returns what is behind it.
  private mutating func parseObject(
    _ start: UnsafePointer<UInt8>, node: Int32, depth: Int
  ) throws(JSONFlaw) -> UnsafePointer<UInt8> {
    if depth > 64 { throw JSONFlaw(kind: .tooDeep, at: start) }
    var at = skipBlanks(inJSON: start + 1)
    if at.pointee == UInt8(ascii: "}") { return at + 1 }
    var previous: Int32 = -1
    while true {
      guard at.pointee == UInt8(ascii: "\"") else {
        throw JSONFlaw(kind: at.pointee == lineFeed ? .unfinished : .expected("a key in quotes"), at: at)
      }
      let key = at
      let guess = previous < 0 ? keys.first(of: node) : keys.entries[Int(previous)].successor
      let entry: Int32
      if guess >= 0, stands(guess, at: at) {
        entry = guess
        at += keys.entries[Int(guess)].count
      } else {
        entry = try lookUp(&at, node: node)
        keys.note(entry, behind: previous, in: node)
      }
      previous = entry
      at = skipBlanks(inJSON: at)
      guard at.pointee == UInt8(ascii: ":") else {
        throw JSONFlaw(kind: at.pointee == lineFeed ? .unfinished : .expected("':'"), at: at)
      }
      at = skipBlanks(inJSON: try parseValue(skipBlanks(inJSON: at + 1), entry: entry, key: key, depth: depth))
      if at.pointee == UInt8(ascii: ",") {
        at = skipBlanks(inJSON: at + 1)
      } else if at.pointee == UInt8(ascii: "}") {
        return at + 1
      } else {
        throw JSONFlaw(kind: at.pointee == lineFeed ? .unfinished : .expected("',' or '}'"), at: at)
      }
    }
  }

  /// Whether the key of an entry stands at `at`, as it was written before. Stops at the first byte that differs.
  @inline(__always)
  private func stands(_ entry: Int32, at: UnsafePointer<UInt8>) -> Bool {
    let known = keys.entries[Int(entry)]
    for index in 0..<known.count where at[index] != known.quoted[index] { return false }
    return true
  }

  @inline(never)
  private mutating func lookUp(_ at: inout UnsafePointer<UInt8>, node: Int32) throws(JSONFlaw) -> Int32 {
    let start = at
    scratch.removeAll(keepingCapacity: true)
    at = try decodeText(start + 1, into: &scratch) + 1
    if keys.entryCount >= JSONKeys.limit { throw JSONFlaw(kind: .tooManyColumns, at: start) }
    return keys.entry(scratch, quoted: UnsafeBufferPointer(start: start, count: at - start), in: node)
  }

  /// Parses the value at `start`; returns what is behind it.
  @inline(__always)
  private mutating func parseValue(
    _ start: UnsafePointer<UInt8>, entry: Int32, key: UnsafePointer<UInt8>, depth: Int
  ) throws(JSONFlaw) -> UnsafePointer<UInt8> {
    let known = keys.entries[Int(entry)]
    if known.isVerbatim { return try keepVerbatim(start, entry: entry, key: key, depth: depth) }
    switch start.pointee {
    case UInt8(ascii: "\""):
      let column = try column(of: entry, key: key)
      let end = textEnd(start + 1)
      if end.pointee == UInt8(ascii: "\"") {
        column.set(rowCount, text: UnsafeBufferPointer(start: start + 1, count: end - start - 1))
        return end + 1
      }
      return try keepDecoded(start, in: column)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
      let (number, end) = try JSONNumber.read(start)
      let column = try column(of: entry, key: key)
      switch number {
      case .integer(let value): column.set(rowCount, integer: value)
      case .number(let value): column.set(rowCount, number: value)
      }
      return end
    case UInt8(ascii: "{"):
      return try parseObject(start, node: keys.node(under: entry), depth: depth + 1)
    case UInt8(ascii: "["):
      throw JSONFlaw(kind: .list(column: String(decoding: keys.names[Int(entry)], as: UTF8.self)), at: start)
    default: return try parseWord(start, entry: entry, key: key)
    }
  }

  private mutating func keepDecoded(
    _ start: UnsafePointer<UInt8>, in column: WideningColumn
  ) throws(JSONFlaw) -> UnsafePointer<UInt8> {
    scratch.removeAll(keepingCapacity: true)
    let end = try decodeText(start + 1, into: &scratch)
    scratch.withUnsafeBufferPointer { column.set(rowCount, text: $0) }
    return end + 1
  }

  /// `true`, `false`, `null`, or what is none.
  private mutating func parseWord(
    _ start: UnsafePointer<UInt8>, entry: Int32, key: UnsafePointer<UInt8>
  ) throws(JSONFlaw) -> UnsafePointer<UInt8> {
    if start.reads("true") {
      try column(of: entry, key: key).set(rowCount, boolean: true)
      return start + 4
    }
    if start.reads("false") {
      try column(of: entry, key: key).set(rowCount, boolean: false)
      return start + 5
    }
    if start.reads("null") {
      _ = try column(of: entry, key: key)
      return start + 4
    }
    let isInfinite = start.reads("NaN") || start.reads("Infinity") || start.reads("nan") || start.reads("inf")
    if isInfinite { throw JSONFlaw(kind: .notFinite, at: start) }
    throw JSONFlaw(kind: start.pointee == lineFeed ? .unfinished : .expected("a value"), at: start)
  }

  /// Keeps a value as its JSON text; of a text, what it means.
  private mutating func keepVerbatim(
    _ start: UnsafePointer<UInt8>, entry: Int32, key: UnsafePointer<UInt8>, depth: Int
  ) throws(JSONFlaw) -> UnsafePointer<UInt8> {
    let column = try column(of: entry, key: key)
    if start.pointee == UInt8(ascii: "\"") { return try keepDecoded(start, in: column) }
    let end = try skipValue(start, depth: depth)
    if start.reads("null") { return end }
    column.set(rowCount, text: UnsafeBufferPointer(start: start, count: end - start))
    return end
  }

  /// Steps over one value, checked as JSON.
  private mutating func skipValue(
    _ start: UnsafePointer<UInt8>, depth: Int
  ) throws(JSONFlaw) -> UnsafePointer<UInt8> {
    if depth > 64 { throw JSONFlaw(kind: .tooDeep, at: start) }
    switch start.pointee {
    case UInt8(ascii: "\""):
      scratch.removeAll(keepingCapacity: true)
      return try decodeText(start + 1, into: &scratch) + 1
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try JSONNumber.read(start).end
    case UInt8(ascii: "["), UInt8(ascii: "{"): return try skipItems(start, depth: depth)
    default:
      for word in ["true", "false", "null"] as [StaticString] where start.reads(word) {
        return start + word.utf8CodeUnitCount
      }
      throw JSONFlaw(kind: start.pointee == lineFeed ? .unfinished : .expected("a value"), at: start)
    }
  }

  /// Steps over a list or an object.
  private mutating func skipItems(
    _ start: UnsafePointer<UInt8>, depth: Int
  ) throws(JSONFlaw) -> UnsafePointer<UInt8> {
    let isObject = start.pointee == UInt8(ascii: "{")
    let close = isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")
    var at = skipBlanks(inJSON: start + 1)
    if at.pointee == close { return at + 1 }
    while true {
      if isObject {
        guard at.pointee == UInt8(ascii: "\"") else { throw JSONFlaw(kind: .expected("a key in quotes"), at: at) }
        at = skipBlanks(inJSON: try skipValue(at, depth: depth))
        guard at.pointee == UInt8(ascii: ":") else { throw JSONFlaw(kind: .expected("':'"), at: at) }
        at = skipBlanks(inJSON: at + 1)
      }
      at = skipBlanks(inJSON: try skipValue(at, depth: depth + 1))
      if at.pointee == close { return at + 1 }
      guard at.pointee == UInt8(ascii: ",") else {
        let wanted = isObject ? "',' or '}'" : "',' or ']'"
        throw JSONFlaw(kind: at.pointee == lineFeed ? .unfinished : .expected(wanted), at: at)
      }
      at = skipBlanks(inJSON: at + 1)
    }
  }

  /// The column of an entry, which the row at hand must not have yet.
  @inline(__always)
  private mutating func column(of entry: Int32, key: UnsafePointer<UInt8>) throws(JSONFlaw) -> WideningColumn {
    if keys.entries[Int(entry)].column < 0 { addColumn(entry) }
    let index = keys.entries[Int(entry)].column
    let column = columns[Int(index)]
    if column.lastRow == rowCount {
      throw JSONFlaw(
        kind: .duplicateKey(String(decoding: keys.names[Int(entry)], as: UTF8.self)), at: key)
    }
    column.lastRow = rowCount
    return column
  }

  /// `a: {b: …}` and `"a.b": …` are the same column.
  private mutating func addColumn(_ entry: Int32) {
    let name = keys.names[Int(entry)]
    if let same = columnsByName[name] {
      keys.entries[Int(entry)].column = same
      return
    }
    if capacity > 1, (columns.count + 1) * capacity > Self.mostCells { isOverfull = true }
    columnsByName[name] = Int32(columns.count)
    keys.entries[Int(entry)].column = Int32(columns.count)
    // What is parsed again needs no room.
    columns.append(WideningColumn(capacity: isOverfull ? max(1, rowCount + 1) : capacity))
    columnEntries.append(entry)
  }

  /// What was parsed.
  consuming func finish() -> JSONPiece {
    let named = columnEntries.map { keys.names[Int($0)] }
    let found = zip(named, columns).map { $1.cells(named: String(decoding: $0, as: UTF8.self)) }
    return JSONPiece(rows: RowPiece(rowCount: rowCount, columns: found), lineCount: lineCount, flaws: flaws)
  }
}

/// A piece of a file that was parsed.
struct JSONPiece: Sendable {
  var rows: RowPiece
  var lineCount: Int
  var flaws: JSONFlaws
}

extension UnsafePointer<UInt8> {
  /// Whether a word stands here. Stops at the first byte that differs.
  @inline(__always)
  fileprivate func reads(_ word: StaticString) -> Bool {
    for at in 0..<word.utf8CodeUnitCount where self[at] != word.utf8Start[at] { return false }
    return true
  }
}
