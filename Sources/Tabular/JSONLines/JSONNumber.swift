/// A number of JSON as it is read: 64-bit integers exactly, others as the nearest double.
enum JSONNumber {
  case integer(Int64)
  case number(Double)
  /// An integer beyond 64 bits.
  case huge(Double)

  /// Reads `-? (0 | [1-9] digits) [. digits] [e [+-] digits]` (RFC 8259, section 6) and what ends it. Throws for anything
  /// else, and for numbers beyond the range of doubles.
  @inline(__always)
  static func read(_ start: UnsafePointer<UInt8>) throws(JSONFlaw) -> (JSONNumber, end: UnsafePointer<UInt8>) {
    var at = start
    let isNegative = at.pointee == UInt8(ascii: "-")
    if isNegative { at += 1 }
    let digits = at
    var mantissa: UInt64 = 0
    readDigits(&at, into: &mantissa)
    var count = at - digits
    if count == 0 || count > 1 && digits.pointee == UInt8(ascii: "0") { throw JSONFlaw(kind: flaw(start), at: start) }
    let isWhole = at.pointee != UInt8(ascii: ".") && at.pointee | 0x20 != UInt8(ascii: "e")
    if isWhole, count <= 18 {
      return (.integer(isNegative ? 0 &- Int64(mantissa) : Int64(mantissa)), at)
    }
    var exponent = 0
    if at.pointee == UInt8(ascii: ".") {
      at += 1
      let first = at
      readDigits(&at, into: &mantissa)
      if at == first { throw JSONFlaw(kind: .badNumber, at: start) }
      exponent = first - at
      count += at - first
    }
    if at.pointee | 0x20 == UInt8(ascii: "e") { exponent += try readExponent(&at, start) }
    if count <= 19, !isWhole, let value = scaled(mantissa, exponent), value.isFinite {
      return (.number(isNegative ? -value : value), at)
    }
    return (try long(UnsafeBufferPointer(start: start, count: at - start)), at)
  }

  @inline(never)
  private static func long(_ text: UnsafeBufferPointer<UInt8>) throws(JSONFlaw) -> JSONNumber {
    guard let start = text.baseAddress, let number = NumberText(text) else { return .integer(0) }
    if number.isWhole, let integer = number.integer { return .integer(integer) }
    let value = nearestDouble(number, text)
    if value.isInfinite { throw JSONFlaw(kind: .notFinite, at: start) }
    return number.isWhole ? .huge(value) : .number(value)
  }

  /// The exponent at `at`, which moves behind it; far ones are cut, which is as good as any.
  private static func readExponent(
    _ at: inout UnsafePointer<UInt8>, _ start: UnsafePointer<UInt8>
  ) throws(JSONFlaw) -> Int {
    at += 1
    let isNegative = at.pointee == UInt8(ascii: "-")
    if isNegative || at.pointee == UInt8(ascii: "+") { at += 1 }
    let first = at
    var value = 0
    while at.pointee &- UInt8(ascii: "0") < 10 {
      value = min(1_000_000, value * 10 + Int(at.pointee - UInt8(ascii: "0")))
      at += 1
    }
    if at == first { throw JSONFlaw(kind: .badNumber, at: start) }
    return isNegative ? -value : value
  }

  /// Why there is no number: some programs write `-Infinity`.
  private static func flaw(_ start: UnsafePointer<UInt8>) -> JSONLinesProblem.Kind {
    start.pointee == UInt8(ascii: "-") && start[1] | 0x20 == UInt8(ascii: "i") ? .notFinite : .badNumber
  }
}
