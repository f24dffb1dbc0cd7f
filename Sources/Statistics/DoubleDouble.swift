/// An unevaluated sum of two doubles, the second at most half a unit in the last place of the first: 106 bits.
///
/// Dekker, Numer. Math. 18 (1971); Hida, Li and Bailey, "Library for Double-Double and Quad-Double Arithmetic" (2007).
/// Sums and products are right to about 2⁻¹⁰⁴. Values that are not finite come out as some value that is not finite.
package struct DoubleDouble: Sendable, Hashable {
  package let high: Double
  package let low: Double

  package init(_ value: Double) {
    high = value
    low = 0
  }

  /// `high + low` for |high| ≥ |low|.
  private init(ordered high: Double, _ low: Double) {
    self.high = high + low
    self.low = low - (self.high - high)
  }

  private init(high: Double, low: Double) {
    self.high = high
    self.low = low
  }

  /// `left + right`, exactly.
  @inline(__always)
  package static func sum(_ left: Double, _ right: Double) -> DoubleDouble {
    let high = left + right
    let part = high - left
    return DoubleDouble(high: high, low: (left - (high - part)) + (right - part))
  }

  /// `left − right`, exactly.
  @inline(__always)
  package static func difference(_ left: Double, _ right: Double) -> DoubleDouble { sum(left, -right) }

  /// `left · right`, exactly unless it underflows.
  @inline(__always)
  package static func product(_ left: Double, _ right: Double) -> DoubleDouble {
    let high = left * right
    return DoubleDouble(high: high, low: (-high).addingProduct(left, right))
  }

  @inline(__always)
  package static func + (left: DoubleDouble, right: DoubleDouble) -> DoubleDouble {
    let high = sum(left.high, right.high)
    let low = sum(left.low, right.low)
    let first = DoubleDouble(ordered: high.high, high.low + low.high)
    return DoubleDouble(ordered: first.high, first.low + low.low)
  }

  @inline(__always)
  package static prefix func - (value: DoubleDouble) -> DoubleDouble {
    DoubleDouble(high: -value.high, low: -value.low)
  }

  @inline(__always)
  package static func - (left: DoubleDouble, right: DoubleDouble) -> DoubleDouble { left + -right }

  @inline(__always)
  package static func * (left: DoubleDouble, right: DoubleDouble) -> DoubleDouble {
    let first = product(left.high, right.high)
    return DoubleDouble(ordered: first.high, first.low + (left.high * right.low + left.low * right.high))
  }

  package static func / (left: DoubleDouble, right: DoubleDouble) -> DoubleDouble {
    let first = left.high / right.high
    let rest = left - right * DoubleDouble(first)
    let second = rest.high / right.high
    let last = (rest - right * DoubleDouble(second)).high / right.high
    return DoubleDouble(ordered: first, second) + DoubleDouble(last)
  }

  @inline(__always)
  package static func += (left: inout DoubleDouble, right: DoubleDouble) { left = left + right }

  @inline(__always)
  package static func -= (left: inout DoubleDouble, right: DoubleDouble) { left = left - right }

  /// Times a power of two, exactly.
  package func scaled(by powerOfTwo: Double) -> DoubleDouble {
    DoubleDouble(high: high * powerOfTwo, low: low * powerOfTwo)
  }
}
