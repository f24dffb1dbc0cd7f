import CParsing

/// A number as it is written: sign, digits, point, exponent. Nothing is rounded yet.
struct NumberText {
  private(set) var isNegative = false
  private(set) var hasPlus = false
  /// The first 19 significant digits.
  private(set) var mantissa: UInt64 = 0
  private(set) var significantDigits = 0
  private(set) var wholeDigits = 0
  /// More than one digit before the point, the first of them 0.
  private(set) var isZeroLed = false
  private(set) var hasPoint = false
  private(set) var hasExponent = false
  private(set) var fractionIsZero = true
  /// value = mantissa × 10^exponent, as long as there are at most 19 significant digits.
  private(set) var exponent = 0

  /// Reads `[+-] digits [. digits] [e [+-] digits]` with a digit before or behind the point; nil for anything else.
  init?(_ bytes: UnsafeBufferPointer<UInt8>) {
    var at = 0
    let end = bytes.count
    if at < end, bytes[at] == UInt8(ascii: "-") || bytes[at] == UInt8(ascii: "+") {
      isNegative = bytes[at] == UInt8(ascii: "-")
      hasPlus = !isNegative
      at += 1
    }
    let firstDigit = at
    while at < end, let digit = decimalDigit(bytes[at]) {
      append(digit)
      at += 1
    }
    wholeDigits = at - firstDigit
    isZeroLed = wholeDigits > 1 && bytes[firstDigit] == UInt8(ascii: "0")
    var fractionDigits = 0
    if at < end, bytes[at] == UInt8(ascii: ".") {
      hasPoint = true
      at += 1
      let start = at
      while at < end, let digit = decimalDigit(bytes[at]) {
        if digit != 0 { fractionIsZero = false }
        append(digit)
        at += 1
      }
      fractionDigits = at - start
    }
    guard wholeDigits + fractionDigits > 0 else { return nil }
    exponent -= fractionDigits
    if at < end, bytes[at] | 0x20 == UInt8(ascii: "e") {
      hasExponent = true
      guard let written = NumberText.exponent(bytes, from: at + 1) else { return nil }
      exponent += written
      at = end
    }
    if at != end { return nil }
  }

  private mutating func append(_ digit: UInt8) {
    if significantDigits == 0, digit == 0 { return }
    significantDigits += 1
    if significantDigits <= 19 { mantissa = mantissa * 10 + UInt64(digit) } else { exponent += 1 }
  }

  /// The exponent that fills the rest; far ones are cut to a million, which is as good as any.
  private static func exponent(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
    var at = start
    var isNegative = false
    if at < bytes.count, bytes[at] == UInt8(ascii: "-") || bytes[at] == UInt8(ascii: "+") {
      isNegative = bytes[at] == UInt8(ascii: "-")
      at += 1
    }
    if at == bytes.count { return nil }
    var value = 0
    while at < bytes.count {
      guard let digit = decimalDigit(bytes[at]) else { return nil }
      value = min(1_000_000, value * 10 + Int(digit))
      at += 1
    }
    return isNegative ? -value : value
  }

  /// Digits alone, with or without a sign.
  var isWhole: Bool { !hasPoint && !hasExponent }

  /// The value of a whole number, or of one whose fraction is all zeros; nil when 64 bits do not hold it.
  var integer: Int64? {
    guard isWhole || !hasExponent && fractionIsZero else { return nil }
    if mantissa == 0 { return 0 }
    guard significantDigits <= 19 else { return nil }
    // Without a written exponent, -exponent is the number of digits behind the point.
    var value = mantissa
    for _ in 0..<(-exponent) { value /= 10 }
    if isNegative { return value <= 1 << 63 ? Int64(truncatingIfNeeded: 0 &- value) : nil }
    return Int64(exactly: value)
  }
}

private func decimalDigit(_ byte: UInt8) -> UInt8? {
  let digit = byte &- UInt8(ascii: "0")
  return digit < 10 ? digit : nil
}

/// The double nearest to a number that `NumberText` accepts, ties to even; infinite beyond the range of doubles.
func nearestDouble(_ number: NumberText, _ bytes: UnsafeBufferPointer<UInt8>) -> Double {
  if number.significantDigits <= 19, let value = scaled(number.mantissa, number.exponent) {
    return number.isNegative ? -value : value
  }
  // The standard library rounds correctly and knows no locale.
  return Double(String(decoding: bytes, as: UTF8.self)) ?? .nan
}

/// Reads digits behind those of `mantissa`, whose value wraps around beyond 64 bits.
@inline(__always)
func readDigits(_ at: inout UnsafePointer<UInt8>, into mantissa: inout UInt64) {
  var digit = at.pointee &- UInt8(ascii: "0")
  while digit < 10 {
    mantissa = mantissa &* 10 &+ UInt64(digit)
    at += 1
    digit = at.pointee &- UInt8(ascii: "0")
  }
}

/// The double nearest to `mantissa` times ten to the power of `exponent`, ties to even, infinite beyond their range; nil in
/// the rare case that takes more digits of the power.
@inline(__always)
func scaled(_ mantissa: UInt64, _ exponent: Int) -> Double? {
  let value = parsing_scale(mantissa, Int64(exponent))
  return value.isNaN ? nil : value
}
