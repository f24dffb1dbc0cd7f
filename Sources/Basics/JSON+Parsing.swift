/// Why some text is not JSON, and at which byte.
package struct JSONSyntaxError: Error, Sendable, Hashable {
  package var offset: Int
  package var message: String
}

extension JSON {
  /// Reads one JSON document (RFC 8259), strictly: no trailing text, no duplicate keys, at most 512 levels.
  /// Integers that fit 64 bits become `integer`, other numbers `number`; so do those beyond 2⁵³ that a double has exactly.
  package init(parsing bytes: some Sequence<UInt8>) throws(JSONSyntaxError) {
    var parser = JSONParser(bytes: Array(bytes))
    self = try parser.document()
  }

  package init(parsing text: String) throws(JSONSyntaxError) {
    try self.init(parsing: Array(text.utf8))
  }
}

private struct JSONParser {
  let bytes: [UInt8]
  var at = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func document() throws(JSONSyntaxError) -> JSON {
    let value = try self.value(depth: 0)
    skipSpace()
    if at < bytes.count { throw failure("unexpected text after the value") }
    return value
  }

  private func failure(_ message: String) -> JSONSyntaxError { JSONSyntaxError(offset: at, message: message) }

  private var next: UInt8? { at < bytes.count ? bytes[at] : nil }

  private mutating func skipSpace() {
    while let byte = next, byte == 32 || byte == 9 || byte == 10 || byte == 13 { at += 1 }
  }

  private mutating func take(_ word: String) -> Bool {
    let wanted = Array(word.utf8)
    guard at + wanted.count <= bytes.count, bytes[at..<at + wanted.count].elementsEqual(wanted) else { return false }
    at += wanted.count
    return true
  }

  private mutating func value(depth: Int) throws(JSONSyntaxError) -> JSON {
    if depth > 512 { throw failure("nested more than 512 levels deep") }
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): if take("true") { return .bool(true) }
    case UInt8(ascii: "f"): if take("false") { return .bool(false) }
    case UInt8(ascii: "n"): if take("null") { return .null }
    case .some(UInt8(ascii: "-")), .some(UInt8(ascii: "0")...UInt8(ascii: "9")): return try number()
    case nil: throw failure("unexpected end")
    default: break
    }
    throw failure("expected a value")
  }

  private mutating func object(depth: Int) throws(JSONSyntaxError) -> JSON {
    at += 1
    var members: [String: JSON] = [:]
    skipSpace()
    if take("}") { return .object(members) }
    while true {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw failure("expected a key") }
      let key = try string()
      skipSpace()
      guard take(":") else { throw failure("expected ':'") }
      guard members.updateValue(try value(depth: depth + 1), forKey: key) == nil else {
        throw failure("key '\(key)' appears twice")
      }
      skipSpace()
      if take("}") { return .object(members) }
      guard take(",") else { throw failure("expected ',' or '}'") }
    }
  }

  private mutating func array(depth: Int) throws(JSONSyntaxError) -> JSON {
    at += 1
    var values: [JSON] = []
    skipSpace()
    if take("]") { return .array(values) }
    while true {
      values.append(try value(depth: depth + 1))
      skipSpace()
      if take("]") { return .array(values) }
      guard take(",") else { throw failure("expected ',' or ']'") }
    }
  }

  private mutating func number() throws(JSONSyntaxError) -> JSON {
    let start = at
    func isDigit(_ byte: UInt8?) -> Bool { byte.map { $0 >= 48 && $0 <= 57 } ?? false }
    _ = take("-")
    guard isDigit(next) else { throw failure("expected a digit") }
    if !take("0") { while isDigit(next) { at += 1 } }
    var isInteger = true
    if take(".") {
      isInteger = false
      guard isDigit(next) else { throw failure("expected a digit after '.'") }
      while isDigit(next) { at += 1 }
    }
    if take("e") || take("E") {
      isInteger = false
      if !take("+") { _ = take("-") }
      guard isDigit(next) else { throw failure("expected a digit in the exponent") }
      while isDigit(next) { at += 1 }
    }
    let text = String(decoding: bytes[start..<at], as: UTF8.self)
    // Beyond 2⁵³ canonical text has integers as strings, so what stands there as a number was a double.
    if isInteger, let value = Int64(text), value.magnitude <= 1 << 53 || ecmaScriptText(Double(value)) != text {
      return .integer(value)
    }
    guard let value = Double(text) else { throw failure("not a number") }
    return .number(value)
  }

  private mutating func string() throws(JSONSyntaxError) -> String {
    at += 1
    var out: [UInt8] = []
    while let byte = next {
      at += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let text = String(validating: out, as: UTF8.self) else { throw failure("text is not UTF-8") }
        return text
      case UInt8(ascii: "\\"): out.append(contentsOf: try escape())
      case 0..<32: throw failure("control character in a string")
      default: out.append(byte)
      }
    }
    throw failure("unfinished string")
  }

  private mutating func escape() throws(JSONSyntaxError) -> [UInt8] {
    guard let byte = next else { throw failure("unfinished string") }
    at += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
    case UInt8(ascii: "b"): return [8]
    case UInt8(ascii: "f"): return [12]
    case UInt8(ascii: "n"): return [10]
    case UInt8(ascii: "r"): return [13]
    case UInt8(ascii: "t"): return [9]
    case UInt8(ascii: "u"):
      var code = try hexQuad()
      if (0xDC00..<0xE000).contains(code) { throw failure("lone surrogate") }
      if (0xD800..<0xDC00).contains(code) {
        guard take("\\u") else { throw failure("lone surrogate") }
        let low = try hexQuad()
        guard (0xDC00..<0xE000).contains(low) else { throw failure("lone surrogate") }
        code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(code) else { throw failure("not a Unicode scalar") }
      return Array(String(scalar).utf8)
    default: throw failure("unknown escape")
    }
  }

  private mutating func hexQuad() throws(JSONSyntaxError) -> UInt32 {
    guard at + 4 <= bytes.count, let code = UInt32(String(decoding: bytes[at..<at + 4], as: UTF8.self), radix: 16),
      bytes[at] != UInt8(ascii: "+")
    else { throw failure("expected four hex digits") }
    at += 4
    return code
  }
}
