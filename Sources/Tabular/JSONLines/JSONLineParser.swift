/// What takes the values of a line that is parsed.
protocol JSONRowTarget: ~Copyable {
  /// Makes ready for the value of an entry whose key stands at `key`, and gives its place. Throws where the row has the
  /// column already.
  mutating func begin(_ entry: Int32, _ keys: inout JSONKeys, key: UnsafePointer<UInt8>) throws(JSONFlaw) -> Int32

  /// Takes the value that stands at `start` and ends before `end`.
  mutating func take(
    _ value: JSONValue, at place: Int32, from start: UnsafePointer<UInt8>, to end: UnsafePointer<UInt8>)
}

/// A value of a row.
enum JSONValue {
  case null
  case boolean(Bool)
  case integer(Int64)
  case number(Double)
  /// An integer beyond 64 bits: its digits, and the nearest double.
  case huge(UnsafeBufferPointer<UInt8>, Double)
  /// What a text means, without quotes and escapes.
  case text(UnsafeBufferPointer<UInt8>)
  /// JSON that is kept as it is written.
  case verbatim(UnsafeBufferPointer<UInt8>)
}

/// Parses lines, one by one. Used by one thread.
struct JSONLineParser<Target: JSONRowTarget & ~Copyable>: ~Copyable {
  var keys: JSONKeys
  var target: Target
  private var scratch: [UInt8] = []

  init(_ keys: consuming JSONKeys, _ target: consuming Target) {
    self.keys = keys
    self.target = target
  }

  /// Parses the object at `start` and returns where the next line begins. A line feed ends the line, and eight more bytes can be
  /// read behind it.
  mutating func parseRow(_ start: UnsafePointer<UInt8>) throws(JSONFlaw) -> UnsafePointer<UInt8> {
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
      let place = try target.begin(entry, &keys, key: key)
      let end = textEnd(start + 1)
      if end.pointee == UInt8(ascii: "\"") {
        let text = UnsafeBufferPointer(start: start + 1, count: end - start - 1)
        target.take(.text(text), at: place, from: start, to: end + 1)
        return end + 1
      }
      return try keepDecoded(start, at: place)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
      let (number, end) = try JSONNumber.read(start)
      let place = try target.begin(entry, &keys, key: key)
      switch number {
      case .integer(let value): target.take(.integer(value), at: place, from: start, to: end)
      case .number(let value): target.take(.number(value), at: place, from: start, to: end)
      case .huge(let value):
        let digits = UnsafeBufferPointer(start: start, count: end - start)
        target.take(.huge(digits, value), at: place, from: start, to: end)
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
    _ start: UnsafePointer<UInt8>, at place: Int32
  ) throws(JSONFlaw) -> UnsafePointer<UInt8> {
    scratch.removeAll(keepingCapacity: true)
    let end = try decodeText(start + 1, into: &scratch)
    scratch.withUnsafeBufferPointer { target.take(.text($0), at: place, from: start, to: end + 1) }
    return end + 1
  }

  /// `true`, `false`, `null`, or what is none.
  private mutating func parseWord(
    _ start: UnsafePointer<UInt8>, entry: Int32, key: UnsafePointer<UInt8>
  ) throws(JSONFlaw) -> UnsafePointer<UInt8> {
    if start.reads("true") { return try keep(.boolean(true), start, 4, entry, key) }
    if start.reads("false") { return try keep(.boolean(false), start, 5, entry, key) }
    if start.reads("null") { return try keep(.null, start, 4, entry, key) }
    let isInfinite = start.reads("NaN") || start.reads("Infinity") || start.reads("nan") || start.reads("inf")
    if isInfinite { throw JSONFlaw(kind: .notFinite, at: start) }
    throw JSONFlaw(kind: start.pointee == lineFeed ? .unfinished : .expected("a value"), at: start)
  }

  private mutating func keep(
    _ value: JSONValue, _ start: UnsafePointer<UInt8>, _ count: Int, _ entry: Int32, _ key: UnsafePointer<UInt8>
  ) throws(JSONFlaw) -> UnsafePointer<UInt8> {
    target.take(value, at: try target.begin(entry, &keys, key: key), from: start, to: start + count)
    return start + count
  }

  /// Keeps a value as its JSON text; of a text, what it means.
  private mutating func keepVerbatim(
    _ start: UnsafePointer<UInt8>, entry: Int32, key: UnsafePointer<UInt8>, depth: Int
  ) throws(JSONFlaw) -> UnsafePointer<UInt8> {
    let place = try target.begin(entry, &keys, key: key)
    if start.pointee == UInt8(ascii: "\"") { return try keepDecoded(start, at: place) }
    let end = try skipValue(start, depth: depth)
    let text = UnsafeBufferPointer(start: start, count: end - start)
    target.take(start.reads("null") ? .null : .verbatim(text), at: place, from: start, to: end)
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
}

extension UnsafePointer<UInt8> {
  /// Whether a word stands here. Stops at the first byte that differs.
  @inline(__always)
  fileprivate func reads(_ word: StaticString) -> Bool {
    for at in 0..<word.utf8CodeUnitCount where self[at] != word.utf8Start[at] { return false }
    return true
  }
}
