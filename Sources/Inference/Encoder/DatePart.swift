import Basics
import Tabular

/// A number that is read off a date or off a timestamp, in UTC.
package enum DatePart: String, Sendable, Hashable, CaseIterable {
  case year
  /// 1 to 4
  case quarter
  /// 1 to 12
  case month
  /// 1 to 31
  case day
  /// 1 (Monday) to 7, as ISO 8601
  case weekday
  /// 1 to 366
  case dayOfYear = "day_of_year"
  /// 0 to 23; 0 of a date
  case hour
  /// Days since 1970-01-01, of a timestamp with a fraction
  case days

  /// Puts the part in place of each number that was read of a column of dates or timestamps.
  func replace(_ values: UnsafeMutableBufferPointer<Double>, of type: ColumnType) {
    let perDay = type == .timestamp ? 86_400.0 : 1
    for index in values.indices { values[index] = value(daysSinceEpoch: values[index] / perDay) }
  }

  /// The part of the date that lies `days` after 1970-01-01; NaN stays NaN.
  func value(daysSinceEpoch days: Double) -> Double {
    guard let whole = Int(exactly: days.rounded(.down)) else { return .nan }
    switch self {
    case .days: return days
    case .hour:
      // Whole seconds first: a day's fraction is not exact.
      return min(23, (((days - Double(whole)) * 86_400).rounded() / 3600).rounded(.down))
    case .weekday:
      // 1970-01-01 was a Thursday.
      let shifted = (whole + 3) % 7
      return Double((shifted + 7) % 7 + 1)
    case .year: return Double(CalendarDate(daysSinceEpoch: whole).year)
    case .month: return Double(CalendarDate(daysSinceEpoch: whole).month)
    case .day: return Double(CalendarDate(daysSinceEpoch: whole).day)
    case .quarter: return Double((CalendarDate(daysSinceEpoch: whole).month + 2) / 3)
    case .dayOfYear:
      let year = CalendarDate(daysSinceEpoch: whole).year
      let first = CalendarDate(year: year, month: 1, day: 1)?.daysSinceEpoch ?? whole
      return Double(whole - first + 1)
    }
  }
}
