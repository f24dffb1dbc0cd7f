/// Why some text is not a condition, and where: byte offset and length in its UTF-8.
package struct ConditionProblem: Error, Sendable, Hashable {
  package var offset: Int
  package var length: Int
  /// One lower-case phrase without a full stop.
  package var message: String
  /// What to do about it, one sentence a line.
  package var help: [String]
}

/// Reads the words of a condition from its bytes. What a word may hold depends on where it stands, so the parser asks.
struct ConditionScanner {
  private let bytes: [UInt8]
  private(set) var at = 0

  init(_ text: String) {
    bytes = Array(text.utf8)
  }

  var isAtEnd: Bool { at == bytes.count }

  mutating func skipSpace() {
    while at < bytes.count, bytes[at] == 32 || bytes[at] == 9 || bytes[at] == 10 || bytes[at] == 13 { at += 1 }
  }

  /// A problem from `start` to the current place, one byte at least.
  func problem(from start: Int, _ message: String, help: [String] = []) -> ConditionProblem {
    ConditionProblem(offset: start, length: max(1, at - start), message: message, help: help)
  }

  /// A problem with the word that comes next.
  func problemHere(_ message: String, help: [String] = []) -> ConditionProblem {
    var copy = self
    copy.skipSpace()
    let start = copy.at
    while copy.at < bytes.count, isWordByte(bytes[copy.at]) || bytes[copy.at] >= 0x80 { copy.at += 1 }
    return copy.problem(from: start, message, help: help)
  }

  /// Takes `symbol` if it comes next, with the spaces before it; else stays where it is.
  mutating func take(_ symbol: String) -> Bool {
    let start = at
    skipSpace()
    let wanted = Array(symbol.utf8)
    if bytes[at...].starts(with: wanted) {
      at += wanted.count
      return true
    }
    at = start
    return false
  }

  /// Takes `word` if it comes next as a whole word.
  mutating func take(word: String) -> Bool {
    let start = at
    if take(word), at == bytes.count || !isWordByte(bytes[at]) { return true }
    at = start
    return false
  }

  /// A name: ASCII letters, digits and `_`, not starting with a digit; nil where none comes next.
  mutating func name() -> String? {
    skipSpace()
    let start = at
    while at < bytes.count, isWordByte(bytes[at]), bytes[at] != UInt8(ascii: "-"), bytes[at] != UInt8(ascii: ".") {
      at += 1
    }
    guard at > start, !(48...57).contains(bytes[start]) else {
      at = start
      return nil
    }
    return text(start..<at)
  }

  /// An unsigned number; nil where none comes next.
  mutating func number() -> Double? {
    skipSpace()
    let start = at
    var count = digits()
    if at < bytes.count, bytes[at] == UInt8(ascii: ".") {
      at += 1
      count += digits()
    }
    if count > 0, at < bytes.count, bytes[at] | 32 == UInt8(ascii: "e") {
      let mark = at
      at += 1
      if at < bytes.count, bytes[at] == UInt8(ascii: "+") || bytes[at] == UInt8(ascii: "-") { at += 1 }
      if digits() == 0 { at = mark }
    }
    guard count > 0, let value = Double(text(start..<at)) else {
      at = start
      return nil
    }
    return value
  }

  /// Skips decimal digits and says how many.
  private mutating func digits() -> Int {
    let start = at
    while at < bytes.count, (48...57).contains(bytes[at]) { at += 1 }
    return at - start
  }

  /// Text in single or double quotes, or bare up to a byte of `stops`, spaces at its end left out.
  mutating func value(upTo stops: String, called what: String) throws(ConditionProblem) -> String {
    skipSpace()
    let start = at
    if at < bytes.count, bytes[at] == UInt8(ascii: "\"") || bytes[at] == UInt8(ascii: "'") { return try quotedValue() }
    while at < bytes.count, !stops.utf8.contains(bytes[at]) { at += 1 }
    var end = at
    while end > start, bytes[end - 1] == 32 || bytes[end - 1] == 9 { end -= 1 }
    if end == start { throw problem(from: start, "expected \(what)") }
    return text(start..<end)
  }

  private mutating func quotedValue() throws(ConditionProblem) -> String {
    let start = at
    let quote = bytes[at]
    at += 1
    var out: [UInt8] = []
    while at < bytes.count {
      var byte = bytes[at]
      at += 1
      if byte == quote { return String(decoding: out, as: UTF8.self) }
      if byte == UInt8(ascii: "\\"), at < bytes.count {
        byte = bytes[at]
        at += 1
      }
      out.append(byte)
    }
    throw problem(from: start, "this quote is never closed")
  }

  private func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
}
