package import Basics
package import Tabular

/// The smallest or the largest value that a column may have, as it is stated: before the type of the column is known.
package enum ColumnLimit: Sendable, Hashable {
  case number(Double)
  /// A date, which stands for its first moment, or a timestamp: microseconds since 1970-01-01T00:00:00Z.
  case instant(microseconds: Int64)

  /// A number, a date such as `2024-01-31` or a timestamp such as `2024-01-31T12:00:00Z`; nil for anything else.
  package init?(json: JSON) {
    if let number = json.doubleValue {
      self = .number(number)
    } else if let date = json.stringValue.flatMap(CalendarDate.init(text:)) {
      self = .instant(microseconds: Int64(date.daysSinceEpoch) * 86_400_000_000)
    } else if let instant = json.stringValue.flatMap({ parseTimestamp($0) }) {
      self = .instant(microseconds: instant)
    } else {
      return nil
    }
  }

  /// The limit as `Column.readNumbers` reads values of a column of this type.
  package func value(in type: ColumnType) -> Double {
    switch self {
    case .number(let number): number
    case .instant(let microseconds) where type == .timestamp: Double(microseconds) / 1_000_000
    case .instant(let microseconds): Double(microseconds) / 86_400_000_000
    }
  }

  /// A number that was read of a column of this type, as a limit of such a column is written.
  package static func text(_ value: Double, in type: ColumnType) -> String {
    let micros = Int64(exactly: (value * (type == .timestamp ? 1_000_000 : 86_400_000_000)).rounded())
    guard type.isTime, let micros else { return ecmaScriptText(value) }
    let day = Int64(86_400_000_000)
    if type == .timestamp || micros % day != 0 { return timestampText(microseconds: micros) }
    return CalendarDate(daysSinceEpoch: Int(micros / day)).text
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
