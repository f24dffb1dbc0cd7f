/// How two numbers move together over rows that go by, in pieces that are merged.
///
/// Pébay, "Formulas for robust, one-pass parallel computation of covariances" (Sandia 2008), equation 3.1.
package struct CoMoments: Sendable, Hashable {
  package private(set) var count = 0.0
  private var (meanX, meanY) = (0.0, 0.0)
  private var (squaresX, squaresY, products) = (0.0, 0.0, 0.0)

  package init() {}

  /// Of some pairs, both of which are numbers. O(n), two passes.
  package init(_ xs: UnsafeBufferPointer<Double>, _ ys: UnsafeBufferPointer<Double>) {
    guard let (x0, y0) = xs.first.flatMap({ x in ys.first.map { (x, $0) } }) else { return }
    count = Double(xs.count)
    var (sumX, sumY) = (0.0, 0.0)
    for index in xs.indices {
      sumX += xs[index] - x0
      sumY += ys[index] - y0
    }
    (meanX, meanY) = (x0 + sumX / count, y0 + sumY / count)
    for index in xs.indices {
      let (x, y) = (xs[index] - meanX, ys[index] - meanY)
      squaresX += x * x
      squaresY += y * y
      products += x * y
    }
  }

  /// Adds what another piece has seen.
  package mutating func merge(_ other: CoMoments) {
    if other.count == 0 { return }
    if count == 0 { return self = other }
    let total = count + other.count
    let (x, y) = (other.meanX - meanX, other.meanY - meanY)
    let share = count * other.count / total
    squaresX += other.squaresX + x * x * share
    squaresY += other.squaresY + y * y * share
    products += other.products + x * y * share
    meanX += x * (other.count / total)
    meanY += y * (other.count / total)
    count = total
  }

  /// Pearson's correlation; nil where one of the two does not vary, or is too large to be squared.
  package var correlation: Double? {
    let value = products / (squaresX.squareRoot() * squaresY.squareRoot())
    return value.isFinite ? min(1, max(-1, value)) : nil
  }
}
