/// The digits of integers in two's complement, with a point among them.
enum DecimalText {
  /// The most bytes of an integer: 512 bits, more than 150 digits.
  static let mostBytes = 64

  /// `unscaled` / 10^`scale` with all its digits behind the point, as in `-12.50`. A negative scale adds zeros.
  static func text(_ unscaled: Int128, scale: Int) -> String {
    text(digits: String(unscaled.magnitude), isNegative: unscaled < 0, scale: scale)
  }

  /// The same of big-endian bytes, `mostBytes` at most.
  static func text(bigEndian bytes: UnsafeRawBufferPointer, scale: Int) -> String {
    let isNegative = (bytes.first ?? 0) & 0x80 != 0
    if bytes.count <= 16 {
      var value: Int128 = isNegative ? -1 : 0
      for byte in bytes { value = value << 8 | Int128(byte) }
      return text(value, scale: scale)
    }
    // The magnitude: of a negative number, its complement and one.
    var magnitude = bytes.map { isNegative ? ~$0 : $0 }
    if isNegative {
      for index in magnitude.indices.reversed() {
        magnitude[index] &+= 1
        if magnitude[index] != 0 { break }
      }
    }
    return text(digits: digits(magnitude), isNegative: isNegative, scale: scale)
  }

  /// Nine decimal digits at a time, by division.
  private static func digits(_ bigEndian: [UInt8]) -> String {
    var rest = bigEndian
    var parts: [String] = []
    while rest.contains(where: { $0 != 0 }) {
      var remainder: UInt64 = 0
      for index in rest.indices {
        let value = remainder << 8 | UInt64(rest[index])
        rest[index] = UInt8(value / 1_000_000_000)
        remainder = value % 1_000_000_000
      }
      let digits = String(remainder)
      parts.append(String(repeating: "0", count: 9 - digits.count) + digits)
    }
    let all = parts.reversed().joined().drop { $0 == "0" }
    return all.isEmpty ? "0" : String(all)
  }

  private static func text(digits: String, isNegative: Bool, scale: Int) -> String {
    var digits = digits
    if scale < 0, digits != "0" { digits += String(repeating: "0", count: -scale) }
    if scale > 0 {
      if digits.count <= scale { digits = String(repeating: "0", count: scale + 1 - digits.count) + digits }
      digits.insert(".", at: digits.index(digits.endIndex, offsetBy: -scale))
    }
    return isNegative ? "-" + digits : digits
  }
}
