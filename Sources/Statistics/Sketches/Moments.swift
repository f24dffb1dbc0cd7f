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

  /// Of some numbers, neither NaN nor infinite. O(n), two passes.
  package init(_ values: UnsafeBufferPointer<Double>) {
    guard let first = values.first else { return }
    count = values.count
    let shifted = Self.sum(values, minus: first)
    if shifted.isFinite {
      mean = first + shifted / Double(count)
      let squares = Self.squares(values, around: mean)
      let isSound = squares > 1e-290 || squares == 0 && values.allSatisfy { $0 == first }
      if mean.isFinite, squares.isFinite, isSound {
        deviation = (squares / Double(count)).squareRoot()
        return
      }
    }
    var whole = Moments()
    for value in values { whole.merge(Moments(count: 1, mean: value, deviation: 0)) }
    self = whole
  }

  /// Eight sums side by side, added in one order.
  private static func sum(_ values: UnsafeBufferPointer<Double>, minus shift: Double) -> Double {
    var sums = SIMD8<Double>(repeating: 0)
    let bytes = UnsafeRawBufferPointer(values)
    let whole = values.count & ~7
    for index in stride(from: 0, to: whole, by: 8) {
      sums += bytes.loadUnaligned(fromByteOffset: index * 8, as: SIMD8<Double>.self) - shift
    }
    return values[whole...].reduce(sums.sum()) { $0 + ($1 - shift) }
  }

  private static func squares(_ values: UnsafeBufferPointer<Double>, around mean: Double) -> Double {
    var sums = SIMD8<Double>(repeating: 0)
    let bytes = UnsafeRawBufferPointer(values)
    let whole = values.count & ~7
    for index in stride(from: 0, to: whole, by: 8) {
      let gaps = bytes.loadUnaligned(fromByteOffset: index * 8, as: SIMD8<Double>.self) - mean
      sums += gaps * gaps
    }
    return values[whole...].reduce(sums.sum()) { $0 + ($1 - mean) * ($1 - mean) }
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
