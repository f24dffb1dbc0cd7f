/// The regularised incomplete beta function I_x(a, b), a, b > 0, with x and 1 − x both given, so that neither tail loses
/// digits.
///
/// The continued fraction 26.5.8 of Abramowitz and Stegun by Lentz's method, on the side where it converges fast, times
/// xᵃ(1 − x)ᵇ/B(a, b) in the form of ACM TOMS 708 (`brcomp`, Didonato and Morris 1992): deviances and Stirling errors,
/// no difference of large logarithms.
package enum IncompleteBeta {
  /// I_x(a, b) and 1 − I_x(a, b). `y` is 1 − x. O(√max(a, b)).
  package static func both(_ a: Double, _ b: Double, x: Double, y: Double) -> (lower: Double, upper: Double) {
    guard a > 0, b > 0, x >= 0, y >= 0 else { return (.nan, .nan) }
    if x == 0 { return (0, 1) }
    if y == 0 { return (1, 0) }
    // x against the mean of the distribution, without cancellation.
    if x * (b + 1) <= y * (a + 1) {
      let lower = min(1, density(a, b, x: x, y: y) * fraction(a, b, x) / a)
      return (lower, 1 - lower)
    }
    let upper = min(1, density(a, b, x: x, y: y) * fraction(b, a, y) / b)
    return (1 - upper, upper)
  }

  /// xᵃ(1 − x)ᵇ / B(a, b).
  static func density(_ a: Double, _ b: Double, x: Double, y: Double) -> Double {
    let total = a + b
    let shift = a > b ? total * y - b : a - total * x
    let deviance =
      a * GammaFunction.excess(-shift / a, ratio: x / (a / total))
      + b * GammaFunction.excess(shift / b, ratio: y / (b / total))
    let stirling =
      GammaFunction.stirlingError(total) - GammaFunction.stirlingError(a) - GammaFunction.stirlingError(b)
    return (a * (b / total)).squareRoot() * GammaFunction.inverseRootOfTwoPi * Elementary.exp(stirling - deviance)
  }

  private static func fraction(_ a: Double, _ b: Double, _ x: Double) -> Double {
    var c = 1.0
    var d = 1 / (1 - (a + b) * x / (a + 1))
    var value = d
    var m = 0.0
    while m < 1e7 {
      m += 1
      let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
      d = 1 / (1 + even * d)
      c = 1 + even / c
      value *= d * c
      let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
      d = 1 / (1 + odd * d)
      c = 1 + odd / c
      value *= d * c
      if abs(d * c - 1) <= 0x1p-52 { break }
    }
    return value
  }
}
