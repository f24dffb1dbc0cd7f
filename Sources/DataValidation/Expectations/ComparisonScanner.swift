import Basics
import Tabular

/// Reads the words of a comparison from left to right.
struct ComparisonScanner {
  private let bytes: [UInt8]
  private var at = 0

  init(_ text: String) { bytes = Array(text.utf8) }

  private mutating func skipSpace() { while at < bytes.count, bytes[at] == UInt8(ascii: " ") { at += 1 } }

  var isAtEnd: Bool { bytes[at...].allSatisfy { $0 == UInt8(ascii: " ") } }

  func problem(_ expected: String) -> ComparisonProblem { ComparisonProblem(offset: at, expected: expected) }

  /// Takes a sign or a word, where it stands next.
  mutating func take(_ word: String) -> Bool {
    skipSpace()
    guard bytes[at...].starts(with: word.utf8) else { return false }
    at += word.utf8.count
    return true
  }

  /// Takes a date such as `2024-01-31` or a timestamp such as `2024-01-31T12:00:00Z`, as microseconds since
  /// 1970-01-01T00:00:00Z; a date is its first moment.
  mutating func instant() -> Int64? {
    skipSpace()
    let start = at
    // Four digits and a minus: no number goes on so.
    guard start + 10 <= bytes.count, bytes[start..<start + 4].allSatisfy({ (48...57).contains($0) }),
      bytes[start + 4] == UInt8(ascii: "-"), bytes[start + 7] == UInt8(ascii: "-")
    else { return nil }
    var end = start + 10
    if end < bytes.count, bytes[end] == UInt8(ascii: "T") {
      while end < bytes.count, bytes[end] != UInt8(ascii: " ") { end += 1 }
    }
    let text = String(decoding: bytes[start..<end], as: UTF8.self)
    let date = CalendarDate(text: text).map { Int64($0.daysSinceEpoch) * 86_400_000_000 }
    guard let instant = date ?? parseTimestamp(text), end == bytes.count || !isPartOfName(bytes[end]) else {
      return nil
    }
    at = end
    return instant
  }

  /// Takes a number in decimal digits.
  mutating func number() -> Comparison.Constant? {
    skipSpace()
    var end = at
    while end < bytes.count, (48...57).contains(bytes[end]) || bytes[end] == UInt8(ascii: ".") { end += 1 }
    // A name that begins with a digit stands in quotes.
    if end == at || end < bytes.count && isPartOfName(bytes[end]) { return nil }
    let digits = String(decoding: bytes[at..<end], as: UTF8.self)
    guard let number = Double(digits) else { return nil }
    at = end
    let isWhole = number.rounded() == number && number.magnitude <= 0x1p53
    return Comparison.Constant(value: number, whole: Int64(digits) ?? (isWhole ? Int64(number) : nil))
  }

  /// Takes the name of a column, bare or in double quotes.
  mutating func name() -> String? {
    skipSpace()
    if at < bytes.count, bytes[at] == UInt8(ascii: "\"") {
      guard let end = bytes[(at + 1)...].firstIndex(of: UInt8(ascii: "\"")) else { return nil }
      let name = String(decoding: bytes[at + 1..<end], as: UTF8.self)
      at = end + 1
      return name.isEmpty ? nil : name
    }
    if at < bytes.count, (48...57).contains(bytes[at]) { return nil }
    var end = at
    while end < bytes.count, isPartOfName(bytes[end]) { end += 1 }
    if end == at { return nil }
    let name = String(decoding: bytes[at..<end], as: UTF8.self)
    if name == "within" { return nil }
    at = end
    return name
  }

  private func isPartOfName(_ byte: UInt8) -> Bool {
    byte >= 0x80 || byte == UInt8(ascii: "_") || (48...57).contains(byte) || (65...90).contains(byte)
      || (97...122).contains(byte)
  }
}
