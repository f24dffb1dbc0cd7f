import Basics

/// Reads scalars as shapes want them. Each returns nil where the text is not of that form.
///
/// `JSON` has a nil literal of its own, so no value here is an expression that chooses between JSON and `nil`.
enum Scalars {
  static func boolean(_ text: String) -> JSON? {
    switch text {
    case "true": .bool(true)
    case "false": .bool(false)
    default: .none
    }
  }

  static func text(_ text: String) -> JSON? {
    guard !text.isEmpty, !text.utf8.contains(0) else { return .none }
    return JSON(text)
  }

  static func integer(_ text: String, in range: ClosedRange<Int>) -> JSON? {
    guard let value = Int(text), range.contains(value) else { return nil }
    return JSON(value)
  }

  static func number(_ text: String, in range: ClosedRange<Double>) -> JSON? {
    guard let value = double(text), range.contains(value) else { return nil }
    // A whole number that no double holds is kept as it stands.
    if let whole = Int64(text), whole.magnitude > 1 << 53 { return .integer(whole) }
    return JSON(value)
  }

  /// `5%` and `0.05` are both 0.05.
  static func share(_ text: String) -> JSON? {
    guard let value = fraction(text) ?? double(text), (0...1).contains(value) else { return nil }
    return JSON(value)
  }

  /// A share strictly between 0 and 1, or a whole number from 1 that is written as one.
  static func shareOrCount(_ text: String) -> JSON? {
    if let count = Int(text) { return integer(text, in: 1...max(1, count)) }
    guard let value = fraction(text) ?? double(text), value > 0, value < 1 else { return nil }
    return JSON(value)
  }

  /// Seconds.
  static func duration(_ text: String) -> JSON? {
    for (unit, seconds) in [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("d", 86_400)] as [(String, Double)]
    where text.hasSuffix(unit) {
      guard let value = double(String(text.dropLast(unit.count))), value >= 0, value * seconds <= 1e9 else {
        return nil
      }
      return JSON(unit == "ms" ? value / 1000 : value * seconds)
    }
    return nil
  }

  /// The value of `12.5%` as 0.125, read as one decimal so that `5%` is the double nearest 0.05.
  private static func fraction(_ text: String) -> Double? {
    guard text.hasSuffix("%") else { return nil }
    let digits = String(text.dropLast())
    return digits.contains(where: { $0 == "e" || $0 == "E" }) ? nil : double(digits + "e-2")
  }

  /// A finite number in decimal digits; Swift's other spellings (`nan`, `0x1p3`) are refused.
  private static func double(_ text: String) -> Double? {
    let isDecimal = text.utf8.allSatisfy { byte in
      (48...57).contains(byte) || "+-.eE".utf8.contains(byte)
    }
    guard isDecimal, let value = Double(text), value.isFinite else { return nil }
    return value
  }
}
