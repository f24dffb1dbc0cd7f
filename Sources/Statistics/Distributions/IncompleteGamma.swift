/// The regularised incomplete gamma functions P(a, x) and Q(a, x) = 1 − P(a, x), a > 0, x ≥ 0.
///
/// Below x = a + 1 the series of P, above it the continued fraction of Q (Abramowitz and Stegun 6.5.29 and 6.5.31, the
/// latter by Lentz's method as modified by Thompson and Barnett), times xᵃ·e⁻ˣ/Γ(a) from Stirling errors. O(√a).
package enum IncompleteGamma {
  /// P(a, x): the share below.
  package static func lower(_ a: Double, _ x: Double) -> Double { both(a, x).lower }

  /// Q(a, x): the share above, accurate as far as it does not underflow.
  package static func upper(_ a: Double, _ x: Double) -> Double { both(a, x).upper }

  static func both(_ a: Double, _ x: Double) -> (lower: Double, upper: Double) {
    guard a > 0, x >= 0 else { return (.nan, .nan) }
    if x == 0 { return (0, 1) }
    if x == .infinity { return (1, 0) }
    let factor = density(a, x)
    if x < a + 1 {
      var term = 1 / a
      var sum = term
      var n = a
      repeat {
        n += 1
        term *= x / n
        sum += term
      } while term > sum * 0x1p-55
      let lower = min(1, factor * sum)
      return (lower, 1 - lower)
    }
    var b = x + 1 - a
    var c = Double.infinity
    var d = 1 / b
    var value = d
    var step = 0.0
    repeat {
      step += 1
      let numerator = -step * (step - a)
      b += 2
      d = 1 / (numerator * d + b)
      c = b + (c.isInfinite ? 0 : numerator / c)
      value *= d * c
    } while abs(d * c - 1) > 0x1p-52 && step < 1e7
    let upper = min(1, factor * value)
    return (1 - upper, upper)
  }

  /// xᵃ·e⁻ˣ / Γ(a): x times the density of the gamma distribution of shape a.
  static func density(_ a: Double, _ x: Double) -> Double {
    let ratio = x / a
    let deviance = a * GammaFunction.excess((x - a) / a, ratio: ratio)
    return (a.squareRoot() * GammaFunction.inverseRootOfTwoPi)
      * Elementary.exp(-deviance - GammaFunction.stirlingError(a))
  }
}
