/// Σ term over `count` places in eight lanes, which are then added in order, and the rest after them: the order is fixed by
/// the count. `lanes` gives the terms of eight places from one on.
@inline(__always)
func laneSum(_ count: Int, lanes: (Int) -> SIMD8<Double>, rest: (Int) -> Double) -> Double {
  var sums = SIMD8<Double>()
  let whole = count & ~7
  var place = 0
  while place < whole {
    sums += lanes(place)
    place += 8
  }
  var sum = 0.0
  for lane in 0..<8 { sum += sums[lane] }
  while place < count {
    sum += rest(place)
    place += 1
  }
  return sum
}

extension UnsafeMutablePointer<Double> {
  /// The eight values from `place` on.
  @inline(__always)
  func eight(_ place: Int) -> SIMD8<Double> {
    UnsafeRawPointer(self + place).loadUnaligned(as: SIMD8<Double>.self)
  }
}
