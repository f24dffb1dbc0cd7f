extension JSON {
  /// The one text of this value: RFC 8785 (JSON Canonicalization Scheme). Keys are sorted by UTF-16 code units, numbers are
  /// written as ECMAScript does. Integers beyond 2⁵³ and non-finite numbers, which RFC 8785 cannot carry, become strings.
  package var canonical: String {
    var out: [UInt8] = []
    write(to: &out, indent: nil, level: 0)
    return String(decoding: out, as: UTF8.self)
  }

  package var canonicalBytes: [UInt8] {
    var out: [UInt8] = []
    write(to: &out, indent: nil, level: 0)
    return out
  }

  /// The same, indented by two spaces, with a newline at the end: for files and answers that people read.
  package var pretty: String {
    var out: [UInt8] = []
    write(to: &out, indent: 2, level: 0)
    out.append(UInt8(ascii: "\n"))
    return String(decoding: out, as: UTF8.self)
  }

  private func write(to out: inout [UInt8], indent: Int?, level: Int) {
    switch self {
    case .null: out.append(contentsOf: "null".utf8)
    case .bool(let value): out.append(contentsOf: (value ? "true" : "false").utf8)
    case .integer(let value):
      let text = String(value)
      if value.magnitude > 1 << 53 { writeString(text, to: &out) } else { out.append(contentsOf: text.utf8) }
    case .number(let value):
      if value.isFinite {
        writeNumber(value, to: &out)
      } else {
        writeString(value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity", to: &out)
      }
    case .string(let text): writeString(text, to: &out)
    case .array(let values):
      writeList(values, open: "[", close: "]", to: &out, indent: indent, level: level) { value, out in
        value.write(to: &out, indent: indent, level: level + 1)
      }
    case .object(let members):
      let sorted = members.sorted { $0.key.utf16.lexicographicallyPrecedes($1.key.utf16) }
      writeList(sorted, open: "{", close: "}", to: &out, indent: indent, level: level) { member, out in
        writeString(member.key, to: &out)
        out.append(contentsOf: (indent == nil ? ":" : ": ").utf8)
        member.value.write(to: &out, indent: indent, level: level + 1)
      }
    }
  }
}

private func writeList<Element>(
  _ elements: [Element], open: String, close: String, to out: inout [UInt8], indent: Int?, level: Int,
  _ write: (Element, inout [UInt8]) -> Void
) {
  func newline(_ level: Int) {
    guard let indent, !elements.isEmpty else { return }
    out.append(UInt8(ascii: "\n"))
    out.append(contentsOf: repeatElement(UInt8(ascii: " "), count: indent * level))
  }
  out.append(contentsOf: open.utf8)
  for (index, element) in elements.enumerated() {
    if index > 0 { out.append(UInt8(ascii: ",")) }
    newline(level + 1)
    write(element, &out)
  }
  newline(level)
  out.append(contentsOf: close.utf8)
}

private func writeString(_ text: String, to out: inout [UInt8]) {
  out.append(UInt8(ascii: "\""))
  for byte in text.utf8 {
    switch byte {
    case UInt8(ascii: "\""): out.append(contentsOf: "\\\"".utf8)
    case UInt8(ascii: "\\"): out.append(contentsOf: "\\\\".utf8)
    case 8: out.append(contentsOf: "\\b".utf8)
    case 9: out.append(contentsOf: "\\t".utf8)
    case 10: out.append(contentsOf: "\\n".utf8)
    case 12: out.append(contentsOf: "\\f".utf8)
    case 13: out.append(contentsOf: "\\r".utf8)
    case 0..<32:
      let digits = String(byte, radix: 16)
      out.append(contentsOf: ("\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits).utf8)
    default: out.append(byte)
    }
  }
  out.append(UInt8(ascii: "\""))
}

/// ECMA-262 `Number::toString` of a finite number: the shortest digits that read back as the same double, plain for
/// exponents from -7 to 20, scientific beyond.
package func ecmaScriptText(_ value: Double) -> String {
  var out: [UInt8] = []
  writeNumber(value, to: &out)
  return String(decoding: out, as: UTF8.self)
}

/// Appends `ecmaScriptText` of a finite number.
private func writeNumber(_ value: Double, to out: inout [UInt8]) {
  let (zero, point) = (UInt8(ascii: "0"), UInt8(ascii: "."))
  if value == 0 { return out.append(zero) }
  if value < 0 { out.append(UInt8(ascii: "-")) }
  // Swift's description has the shortest round-trip digits too; only the layout differs. value = 0.digits × 10^exponent
  var digits: [UInt8] = []
  digits.reserveCapacity(24)
  var exponent = 0
  var written = 0
  var (isFraction, isExponent, isDown) = (false, false, false)
  for byte in value.magnitude.description.utf8 {
    switch byte {
    case point: isFraction = true
    case UInt8(ascii: "e"), UInt8(ascii: "E"): isExponent = true
    case UInt8(ascii: "-"): isDown = true
    case UInt8(ascii: "+"): break
    default:
      if isExponent {
        written = written * 10 + Int(byte - zero)
      } else if !digits.isEmpty || byte != zero {
        digits.append(byte)
        if !isFraction { exponent += 1 }
      } else if isFraction {
        exponent -= 1
      }
    }
  }
  exponent += isDown ? -written : written
  while digits.last == zero { digits.removeLast() }
  if exponent > 0, exponent <= 21 {
    out += digits.prefix(exponent)
    for _ in 0..<max(0, exponent - digits.count) { out.append(zero) }
    if digits.count > exponent {
      out.append(point)
      out += digits[exponent...]
    }
  } else if exponent <= 0, exponent > -6 {
    out.append(zero)
    out.append(point)
    for _ in 0..<(-exponent) { out.append(zero) }
    out += digits
  } else {
    out.append(digits[0])
    if digits.count > 1 {
      out.append(point)
      out += digits[1...]
    }
    out.append(UInt8(ascii: "e"))
    out.append(UInt8(ascii: exponent - 1 < 0 ? "-" : "+"))
    out += String((exponent - 1).magnitude).utf8
  }
}
