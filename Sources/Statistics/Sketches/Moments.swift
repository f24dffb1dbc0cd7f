/// Count, mean and deviation of numbers that go by, in pieces that are merged.
///
/// Each piece is read twice while it is near; pieces are joined as in Chan, Golub and LeVeque, "Updating formulae and a pairwise
/// algorithm for computing sample variances" (1979). What is kept is the deviation, not its square, so that numbers up to
/// the largest double neither overflow nor vanish. Equal numbers have a deviation of exactly 0.
package struct Moments: Sendable, Hashable {
  package private(set) var count = 0
  package private(set) var mean = 0.0
  /// With divisor n.
  package private(set) var deviation = 0.0

  package init() {}

  package init(count: Int, mean: Double, deviation: Double) {
    (self.count, self.mean, self.deviation) = (count, mean, deviation)
  }

  /// Of some numbers, neither NaN nor infinite; `extent` is theirs. O(n), two passes, one where the extent is known.
  package init(_ values: UnsafeBufferPointer<Double>, _ extent: Extent? = nil) {
    guard let first = values.first else { return }
    let extent = extent ?? Extent(values)
    count = values.count
    if extent.shiftedSum.isFinite {
      mean = first + extent.shiftedSum / Double(count)
      let squares = Extent.squares(values, around: mean)
      let isSound = squares > 1e-290 || squares == 0 && extent.minimum == extent.maximum
      if mean.isFinite, squares.isFinite, isSound {
        deviation = (squares / Double(count)).squareRoot()
        return
      }
    }
    var whole = Moments()
    for value in values { whole.merge(Moments(count: 1, mean: value, deviation: 0)) }
    self = whole
  }

  /// Adds what another piece has seen.
  package mutating func merge(_ other: Moments) {
    if other.count == 0 { return }
    if count == 0 { return self = other }
    let (mine, theirs) = (Double(count), Double(other.count))
    let total = mine + theirs
    let halfGap = other.mean / 2 - mean / 2
    let scale = max(deviation, other.deviation, abs(halfGap))
    let joined = scale == 0 ? 0 : scale * (unitSquares(other, halfGap, scale) / total).squareRoot()
    mean = halfGap == 0 ? mean : mean + halfGap * (theirs / total) * 2
    deviation = joined
    count += other.count
  }

  /// The sum of squares around the common mean, in units of the square of `scale`.
  private func unitSquares(_ other: Moments, _ halfGap: Double, _ scale: Double) -> Double {
    let (mine, theirs) = (Double(count), Double(other.count))
    let left = deviation / scale
    let right = other.deviation / scale
    let gap = halfGap / scale * 2
    return mine * left * left + theirs * right * right + mine * (theirs / (mine + theirs)) * gap * gap
  }
}
