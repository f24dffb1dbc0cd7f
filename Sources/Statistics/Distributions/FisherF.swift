/// The F distribution, of the ratio of two independent mean squares.
package struct FisherF: Sendable, Hashable {
  package let numerator: Double
  package let denominator: Double

  /// Degrees of freedom above 0; an infinite denominator gives χ² over its degrees of freedom.
  package init(numerator: Double, denominator: Double) {
    self.numerator = numerator
    self.denominator = denominator
  }

  /// P(F ≥ f), accurate as far as it does not underflow.
  package func upper(_ f: Double) -> Double { both(f).upper }

  /// P(F ≤ f).
  package func cumulative(_ f: Double) -> Double { both(f).lower }

  /// The f with P(F ≤ f) = p.
  package func quantile(_ p: Double) -> Double {
    guard p >= 0, p <= 1 else { return .nan }
    if p == 0 { return 0 }
    if p == 1 { return .infinity }
    return quantileOfTail(1 - p, orShare: p, start: 1) { both($0) }
  }

  private func both(_ f: Double) -> (lower: Double, upper: Double) {
    guard numerator > 0, denominator > 0, !f.isNaN else { return (.nan, .nan) }
    if f <= 0 { return (0, 1) }
    if f == .infinity { return (1, 0) }
    if denominator == .infinity { return IncompleteGamma.both(numerator / 2, f * numerator / 2) }
    // d₁f / (d₁f + d₂) and its complement, without overflow.
    let ratio = f * (numerator / denominator)
    let (x, y) = ratio < 1 ? (ratio / (1 + ratio), 1 / (1 + ratio)) : (1 / (1 + 1 / ratio), 1 / (1 + ratio))
    return IncompleteBeta.both(numerator / 2, denominator / 2, x: x, y: y)
  }
}
