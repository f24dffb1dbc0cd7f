/// The χ² distribution, of the sum of squared standard normal variables.
package struct ChiSquared: Sendable, Hashable {
  /// Above 0.
  package let degreesOfFreedom: Double

  package init(degreesOfFreedom: Double) { self.degreesOfFreedom = degreesOfFreedom }

  /// P(X ≥ x), accurate as far as it does not underflow.
  package func upper(_ x: Double) -> Double {
    x <= 0 ? 1 : IncompleteGamma.upper(degreesOfFreedom / 2, x / 2)
  }

  /// P(X ≤ x).
  package func cumulative(_ x: Double) -> Double {
    x <= 0 ? 0 : IncompleteGamma.lower(degreesOfFreedom / 2, x / 2)
  }

  /// The x with P(X ≤ x) = p.
  package func quantile(_ p: Double) -> Double {
    guard p >= 0, p <= 1, degreesOfFreedom > 0 else { return .nan }
    if p == 0 { return 0 }
    if p == 1 { return .infinity }
    return quantileOfTail(1 - p, orShare: p, start: degreesOfFreedom) {
      IncompleteGamma.both(degreesOfFreedom / 2, $0 / 2)
    }
  }
}
