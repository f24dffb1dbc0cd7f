/// The last steps of a descent and what they did to the gradient: the curvature that limited-memory BFGS knows beyond a
/// first metric. Nocedal, "Updating Quasi-Newton Matrices with Limited Storage", Math. Comp. 35 (1980).
struct QuasiNewtonMemory {
  private let dimension: Int
  private let capacity: Int
  /// capacity × dimension each, used as a ring.
  private var steps: [Double]
  private var changes: [Double]
  private var inverseProducts: [Double]
  private var shares: [Double]
  private(set) var count = 0
  private var first = 0

  init(dimension: Int, capacity: Int) {
    self.dimension = dimension
    self.capacity = capacity
    steps = [Double](repeating: 0, count: dimension * capacity)
    changes = steps
    inverseProducts = [Double](repeating: 0, count: capacity)
    shares = inverseProducts
  }

  var isEmpty: Bool { count == 0 }

  mutating func removeAll() { count = 0 }

  /// Remembers a step, unless the gradient says that the function does not bend upwards along it.
  mutating func add(from point: [Double], to next: [Double], before: [Double], after: [Double]) {
    let slot = count < capacity ? (first + count) % capacity : first
    let start = slot * dimension
    var product = 0.0
    for index in 0..<dimension {
      let (moved, change) = (next[index] - point[index], after[index] - before[index])
      steps[start + index] = moved
      changes[start + index] = change
      product += moved * change
    }
    guard product > 0 else { return }
    inverseProducts[slot] = 1 / product
    if count < capacity { count += 1 } else { first = (first + 1) % capacity }
  }

  /// Minus the approximate inverse Hessian times the gradient, by the two-loop recursion; `metric` applies the first
  /// approximation in place.
  mutating func direction(
    _ gradient: [Double], into out: inout [Double], metric: (inout [Double]) -> Void
  ) {
    for index in 0..<dimension { out[index] = -gradient[index] }
    for age in 0..<count {
      let slot = (first + count - 1 - age) % capacity
      let start = slot * dimension
      var share = 0.0
      for index in 0..<dimension { share += steps[start + index] * out[index] }
      share *= inverseProducts[slot]
      shares[slot] = share
      for index in 0..<dimension { out[index] -= share * changes[start + index] }
    }
    metric(&out)
    for place in 0..<count {
      let slot = (first + place) % capacity
      let start = slot * dimension
      var other = 0.0
      for index in 0..<dimension { other += changes[start + index] * out[index] }
      other *= inverseProducts[slot]
      for index in 0..<dimension { out[index] += (shares[slot] - other) * steps[start + index] }
    }
  }

  /// The curvature along the latest step in a diagonal metric: (change·D⁻¹·change) / (step·change); 1 when there is none.
  func curvature(_ diagonal: [Double]) -> Double {
    guard count > 0 else { return 1 }
    let slot = (first + count - 1) % capacity
    var size = 0.0
    for index in 0..<dimension {
      let change = changes[slot * dimension + index]
      size += change * change / diagonal[index]
    }
    return size * inverseProducts[slot]
  }
}
