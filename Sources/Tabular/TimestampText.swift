import Basics

/// The microseconds since 1970-01-01T00:00:00Z of an instant as RFC 3339 and ISO 8601 write it; nil for anything else.
///
/// `YYYY-MM-DD`, `T` or a space, `hh:mm`, or `hh:mm:ss` with a fraction or without, then `Z`, `±hh:mm`, `±hhmm`, `±hh` or
/// nothing. Without a zone it is taken to be UTC. Digits beyond the microseconds are cut off. `24:00` is the midnight that
/// ends the day. A leap second, `23:59:60` UTC, is the second after it, since the count of seconds has no place for it. A
/// day alone is a date, not a timestamp.
package func parseTimestamp(_ text: UnsafeBufferPointer<UInt8>) -> Int64? {
  guard text.count >= 16, let days = daysSinceEpoch(text), let separator = text.first(at: 10),
    separator == UInt8(ascii: "T") || separator == UInt8(ascii: "t") || separator == UInt8(ascii: " "),
    let hour = text.twoDigits(at: 11), text[13] == UInt8(ascii: ":"), let minute = text.twoDigits(at: 14),
    hour <= 24, minute <= 59
  else { return nil }
  var position = 16
  var (second, micros) = (0, 0)
  if text.first(at: position) == UInt8(ascii: ":") {
    guard let digits = text.twoDigits(at: position + 1), digits <= 60 else { return nil }
    second = digits
    position += 3
    if let point = text.first(at: position), point == UInt8(ascii: ".") || point == UInt8(ascii: ",") {
      guard let fraction = text.fraction(at: position + 1) else { return nil }
      micros = fraction.micros
      position = fraction.end
    }
  }
  guard let offset = text.zoneOffset(at: position) else { return nil }
  if hour == 24, minute + second + micros > 0 { return nil }
  let seconds = days * 86_400 + hour * 3600 + minute * 60 + second - offset
  if second == 60, seconds % 86_400 != 0 { return nil }
  return Int64(seconds) * 1_000_000 + Int64(micros)
}

/// The same for a string.
package func parseTimestamp(_ text: String) -> Int64? {
  var text = text
  return text.withUTF8(parseTimestamp)
}

/// RFC 3339 in UTC, with as many digits of a fraction as it takes: `2024-01-31T12:00:00Z`, `2024-01-31T12:00:00.25Z`.
package func timestampText(microseconds: Int64) -> String {
  let (day, rest) = microseconds.dividedDown(by: 86_400_000_000)
  let (second, micros) = rest.dividedDown(by: 1_000_000)
  func padded(_ value: Int64, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
  let time = [second / 3600, second / 60 % 60, second % 60].map { padded($0, 2) }.joined(separator: ":")
  var fraction = micros == 0 ? "" : "." + padded(micros, 6)
  while fraction.last == "0" { fraction.removeLast() }
  return "\(CalendarDate(daysSinceEpoch: Int(day)).text)T\(time)\(fraction)Z"
}

extension Int64 {
  /// Quotient rounded down, and what is left, which is never negative.
  fileprivate func dividedDown(by divisor: Int64) -> (quotient: Int64, rest: Int64) {
    let (quotient, rest) = quotientAndRemainder(dividingBy: divisor)
    return rest < 0 ? (quotient - 1, rest + divisor) : (quotient, rest)
  }
}

/// The days since 1970-01-01 of the `YYYY-MM-DD` that `text` begins with.
private func daysSinceEpoch(_ text: UnsafeBufferPointer<UInt8>) -> Int? {
  guard let century = text.twoDigits(at: 0), let year = text.twoDigits(at: 2), text.first(at: 4) == UInt8(ascii: "-"),
    let month = text.twoDigits(at: 5), text.first(at: 7) == UInt8(ascii: "-"), let day = text.twoDigits(at: 8)
  else { return nil }
  return CalendarDate(year: century * 100 + year, month: month, day: day)?.daysSinceEpoch
}

extension UnsafeBufferPointer<UInt8> {
  /// The byte at a position; nil beyond the end.
  fileprivate func first(at position: Int) -> UInt8? { position < count ? self[position] : nil }

  fileprivate func twoDigits(at position: Int) -> Int? {
    guard position + 2 <= count else { return nil }
    let (tens, ones) = (self[position] &- UInt8(ascii: "0"), self[position + 1] &- UInt8(ascii: "0"))
    return tens <= 9 && ones <= 9 ? Int(tens) * 10 + Int(ones) : nil
  }

  /// One digit or more, read as a fraction of a second.
  fileprivate func fraction(at start: Int) -> (micros: Int, end: Int)? {
    var (micros, unit, position) = (0, 100_000, start)
    while position < count {
      let digit = self[position] &- UInt8(ascii: "0")
      if digit > 9 { break }
      micros += Int(digit) * unit
      unit /= 10
      position += 1
    }
    return position == start ? nil : (micros, position)
  }

  /// The seconds that the zone from `position` to the end is ahead of UTC; nil where there is something else.
  fileprivate func zoneOffset(at position: Int) -> Int? {
    if position == count { return 0 }
    switch self[position] {
    case UInt8(ascii: "Z"), UInt8(ascii: "z"): return position + 1 == count ? 0 : nil
    case UInt8(ascii: "+"), UInt8(ascii: "-"): break
    default: return nil
    }
    guard let hours = twoDigits(at: position + 1), hours <= 23 else { return nil }
    var next = position + 3
    var minutes = 0
    if next < count {
      if self[next] == UInt8(ascii: ":") { next += 1 }
      guard let digits = twoDigits(at: next), digits <= 59 else { return nil }
      minutes = digits
      next += 2
    }
    guard next == count else { return nil }
    let seconds = hours * 3600 + minutes * 60
    return self[position] == UInt8(ascii: "-") ? -seconds : seconds
  }
}
