package import Basics
package import Tabular

/// The smallest or the largest value that a column may have, as it is stated: before the type of the column is known.
package enum ColumnLimit: Sendable, Hashable {
  case number(Double)
  /// A whole number beyond 2⁵³, which a double does not hold.
  case integer(Int64)
  /// A date, which stands for its first moment, or a timestamp: microseconds since 1970-01-01T00:00:00Z.
  case instant(microseconds: Int64)

  private static let day: Int64 = 86_400_000_000

  /// A number, a date such as `2024-01-31` or a timestamp such as `2024-01-31T12:00:00Z`; nil for anything else.
  package init?(json: JSON) {
    if let whole = json.intValue, whole.magnitude > 1 << 53 {
      self = .integer(Int64(whole))
    } else if let number = json.doubleValue {
      self = .number(number)
    } else if let date = json.stringValue.flatMap(CalendarDate.init(text:)) {
      self = .instant(microseconds: Int64(date.daysSinceEpoch) * Self.day)
    } else if let instant = json.stringValue.flatMap({ parseTimestamp($0) }) {
      self = .instant(microseconds: instant)
    } else {
      return nil
    }
  }

  /// Whether values of a column of this type have it: a time is held against times alone.
  func fits(_ type: ColumnType) -> Bool {
    if case .instant = self { type.isTime } else { !type.isTime }
  }

  /// The least whole number of what `Column.eachWhole` reads of this type that is not below the limit, or with `rule`
  /// `.down` the greatest one that is not above it.
  func whole(in type: ColumnType, _ rule: FloatingPointRoundingRule) -> Int128 {
    switch self {
    // Beyond 64 bits every value lies on one side.
    case .number(let number): Int128(min(1e20, max(-1e20, number.rounded(rule))))
    case .integer(let number): Int128(number)
    case .instant(let microseconds) where type == .date:
      Int128(
        (microseconds / Self.day)
          + (microseconds % Self.day == 0 ? 0 : rule == .up ? (microseconds > 0 ? 1 : 0) : (microseconds < 0 ? -1 : 0)))
    case .instant(let microseconds): Int128(microseconds)
    }
  }

  /// Whether a number lies below it.
  func isAbove(_ value: Double) -> Bool {
    switch self {
    case .number(let limit): value < limit
    case .integer(let limit): compare(value, limit) < 0
    case .instant: false
    }
  }

  /// Whether a number lies above it.
  func isBelow(_ value: Double) -> Bool {
    switch self {
    case .number(let limit): value > limit
    case .integer(let limit): compare(value, limit) > 0
    case .instant: false
    }
  }

  /// The sign of `value − limit`, exactly.
  private func compare(_ value: Double, _ limit: Int64) -> Int {
    if value >= 0x1p63 { return 1 }
    if value < -0x1p63 { return -1 }
    // A double beyond 2⁵³ is whole, and no nearer one lies between it and such a limit.
    let whole = Int64(value)
    return whole == limit ? 0 : whole < limit ? -1 : 1
  }

  /// As it is written of a column of this type.
  func text(in type: ColumnType) -> String {
    switch self {
    case .number(let number): ecmaScriptText(number)
    case .integer(let number): String(number)
    case .instant(let microseconds):
      microseconds % Self.day == 0 && type != .timestamp
        ? CalendarDate(daysSinceEpoch: Int(microseconds / Self.day)).text : timestampText(microseconds: microseconds)
    }
  }

  /// As an expectation is recorded.
  var json: JSON {
    switch self {
    case .number(let number): JSON(number)
    case .integer(let number): .integer(number)
    case .instant(let microseconds):
      JSON(
        microseconds % Self.day == 0
          ? CalendarDate(daysSinceEpoch: Int(microseconds / Self.day)).text
          : timestampText(microseconds: microseconds))
    }
  }

  /// A number that was read of a column of this type, as a limit of such a column is written.
  package static func text(_ value: Double, in type: ColumnType) -> String {
    let micros = Int64(exactly: (value * (type == .timestamp ? 1_000_000 : 86_400_000_000)).rounded())
    guard type.isTime, let micros else { return ecmaScriptText(value) }
    if type == .timestamp || micros % day != 0 { return timestampText(microseconds: micros) }
    return CalendarDate(daysSinceEpoch: Int(micros / day)).text
  }

  /// The same for a value that `Column.eachWhole` gave.
  static func text(whole value: Int64, in type: ColumnType) -> String {
    switch type {
    case .date: CalendarDate(daysSinceEpoch: Int(value)).text
    case .timestamp: timestampText(microseconds: value)
    default: String(value)
    }
  }

  /// The same as JSON: times as text, whole numbers beyond 2⁵³ as what keeps all their digits.
  static func json(whole value: Int64, in type: ColumnType) -> JSON {
    if type.isTime { return JSON(text(whole: value, in: type)) }
    return value.magnitude > 1 << 53 ? .integer(value) : JSON(Double(value))
  }
}

/// Inclusive limits of the values of a column, each of which may be open.
package struct ColumnRange: Sendable, Hashable {
  package var min: ColumnLimit?
  package var max: ColumnLimit?

  package init(min: ColumnLimit? = nil, max: ColumnLimit? = nil) {
    self.min = min
    self.max = max
  }
}
