/// Student's t distribution.
package struct StudentT: Sendable, Hashable {
  /// Above 0; infinite for the normal distribution.
  package let degreesOfFreedom: Double

  package init(degreesOfFreedom: Double) { self.degreesOfFreedom = degreesOfFreedom }

  /// P(|T| ≥ |t|), to about 1e-12 relative down to the smallest numbers: I(ν/2, ½) at ν / (ν + t²).
  package func twoSided(_ t: Double) -> Double {
    let nu = degreesOfFreedom
    if t.isNaN || !(nu > 0) { return .nan }
    let size = abs(t)
    if nu == .infinity { return 2 * Normal.cumulative(-size) }
    if size == 0 { return 1 }
    if size == .infinity { return 0 }
    // ν / (ν + t²) and its complement, without overflow.
    let ratio = size > nu.squareRoot() ? nu.squareRoot() / size : size / nu.squareRoot()
    let square = ratio * ratio
    let (x, y) =
      size > nu.squareRoot() ? (square / (1 + square), 1 / (1 + square)) : (1 / (1 + square), square / (1 + square))
    return IncompleteBeta.both(nu / 2, 0.5, x: x, y: y).lower
  }

  /// P(T ≤ t).
  package func cumulative(_ t: Double) -> Double {
    let half = twoSided(t) / 2
    return t > 0 ? 1 - half : half
  }

  /// The t with P(T ≤ t) = p.
  package func quantile(_ p: Double) -> Double {
    guard p >= 0, p <= 1, degreesOfFreedom > 0 else { return .nan }
    if p == 0.5 { return 0 }
    return p < 0.5 ? -twoSidedQuantile(2 * p) : twoSidedQuantile(2 * (1 - p))
  }

  /// The t ≥ 0 with P(|T| ≥ t) = p, such as 1.96 for 5% and many degrees of freedom.
  package func twoSidedQuantile(_ p: Double) -> Double {
    guard p >= 0, p <= 1, degreesOfFreedom > 0 else { return .nan }
    if p == 1 { return 0 }
    if p == 0 { return .infinity }
    if degreesOfFreedom == .infinity { return -Normal.quantile(p / 2) }
    return quantileOfTail(p, start: max(1e-8, -Normal.quantile(p / 2))) { twoSided($0) }
  }
}
