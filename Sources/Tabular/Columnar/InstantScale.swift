/// Turns ticks since 1970-01-01T00:00:00Z into the microseconds of a table.
struct InstantScale {
  private let multiplier: Int64
  private let divisor: Int64

  /// `perSecond` is 1 or a power of 1000 up to 10⁹.
  init(perSecond: Int64) {
    multiplier = perSecond <= 1_000_000 ? 1_000_000 / perSecond : 1
    divisor = perSecond <= 1_000_000 ? 1 : perSecond / 1_000_000
  }

  /// Rounded down, so that no instant moves into the future; nil beyond the range.
  func microseconds(_ ticks: Int64) -> Int64? {
    if divisor > 1 {
      let (quotient, rest) = ticks.quotientAndRemainder(dividingBy: divisor)
      return rest < 0 ? quotient - 1 : quotient
    }
    let (product, overflow) = ticks.multipliedReportingOverflow(by: multiplier)
    return overflow ? nil : product
  }

  /// The instant so long after the midnight that begins a day of astronomers' count, in UTC; nil beyond the range.
  static func microseconds(julianDay day: Int64, nanoseconds: Int64) -> Int64? {
    // 2,440,588 is the number of 1970-01-01.
    let (midnight, isFar) = (day - 2_440_588).multipliedReportingOverflow(by: 86_400_000_000)
    guard !isFar, let time = InstantScale(perSecond: 1_000_000_000).microseconds(nanoseconds) else { return nil }
    let (instant, overflow) = midnight.addingReportingOverflow(time)
    return overflow ? nil : instant
  }
}
