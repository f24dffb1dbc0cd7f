internal import LinearAlgebra

/// Minimises `½·wᵀBw − qᵀw + Σ l1ⱼ·|wⱼ|` coordinate by coordinate.
///
/// Sweeps over the coordinates that are not zero until they settle, then over all (Friedman, Hastie and Tibshirani, J. Stat.
/// Softw. 33, 2010). Where sweeps are slow, as for columns that depend on each other, the equations of the coordinates
/// that are not zero are solved by Cholesky for the signs they have, going only as far as no sign changes; what would change
/// it leaves, and the rest are solved again. That ends at the minimum to rounding. Memory is taken at the start, and for
/// systems of the coordinates that are not zero as these grow.
struct CoordinateDescent {
  /// Symmetric, both triangles.
  private(set) var matrix: Matrix
  /// Weight of each coordinate's absolute value; 0 leaves it free.
  let l1: [Double]
  /// By coordinate: an earlier one that has the same row of the matrix and the same l1, so that it stands for both; -1 for
  /// none.
  private var twins: [Int]
  /// q − B·w.
  private var rest: [Double]
  /// By coordinate: what a pull may exceed its l1 by and still be no more than rounding.
  private var slack: [Double]
  private var support: [Int] = []
  /// The system of the support, and its right side and solution.
  private var factor = Cholesky(capacity: 0)
  private var right: [Double] = []

  /// Room for matrices of so many rows; `take` gives one.
  init(l1: [Double]) {
    matrix = Matrix(rows: l1.count, columns: l1.count)
    self.l1 = l1
    rest = [Double](repeating: 0, count: l1.count)
    slack = rest
    twins = [Int](repeating: -1, count: l1.count)
    support.reserveCapacity(l1.count)
    right.reserveCapacity(l1.count)
  }

  /// `matrix` is given by its upper triangle.
  init(upperTriangle matrix: Matrix, l1: [Double]) {
    self.init(l1: l1)
    take(upperTriangle: matrix)
  }

  /// Makes the matrix one that is given by its upper triangle.
  mutating func take(upperTriangle other: Matrix) {
    for column in 0..<other.columns {
      for row in 0...column {
        matrix[row, column] = other[row, column]
        matrix[column, row] = other[row, column]
      }
    }
    findTwins()
  }

  /// Columns that are equal have products that are, but for rounding.
  private mutating func findTwins() {
    for column in twins.indices {
      twins[column] = -1
      let own = matrix[column, column]
      guard own > 0, l1[column] > 0 else { continue }
      let least = own * (1 - 1e-13)
      for other in 0..<column where matrix[other, column] >= least {
        let theirs = matrix[other, other]
        if twins[other] < 0, theirs <= own * (1 + 1e-13), theirs >= least, l1[other] == l1[column] {
          twins[column] = other
          break
        }
      }
    }
  }

  /// The weight of equal columns goes to the first of them.
  private func mergeTwins(_ point: inout [Double]) {
    for (column, twin) in twins.enumerated() where twin >= 0 && point[column] != 0 {
      point[twin] += point[column]
      point[column] = 0
    }
  }

  /// Moves `point` to the minimum. `tolerance` is the largest change of a sweep that counts as none, in units of the
  /// coordinates' curvature, relative to the largest coordinate. Returns whether that was reached.
  mutating func minimise(_ linear: [Double], from point: inout [Double], tolerance: Double) -> Bool {
    mergeTwins(&point)
    findRest(linear, point)
    for round in 0..<200 {
      // A few cheap sweeps, then the equations of what is left.
      for _ in 0..<10 {
        let change = sweep(&point, over: support)
        if change <= tolerance * size(of: point) { break }
      }
      // Where sweeps do not settle, as with more columns than rows, coordinates leave one by one until the rest keep signs.
      var attempts = round < 5 ? 1 : support.count + 1
      var isSolved = false
      while attempts > 0, !isSolved, let signsHeld = solveSupport(linear, &point) {
        isSolved = signsHeld
        attempts -= 1
      }
      collectSupport(point)
      let change = sweepAll(&point)
      collectSupport(point)
      if change <= tolerance * size(of: point), isSolved || change == 0 { return true }
    }
    return false
  }

  private mutating func findRest(_ linear: [Double], _ point: [Double]) {
    for index in linear.indices { rest[index] = linear[index] }
    for column in point.indices where point[column] != 0 { subtract(column, point[column]) }
    collectSupport(point)
    // By Cauchy and Schwarz no product B·w is larger than these together.
    let reach = size(of: point)
    for index in linear.indices {
      slack[index] = 1e-13 * (abs(linear[index]) + matrix[index, index].squareRoot() * reach)
    }
  }

  private mutating func subtract(_ column: Int, _ amount: Double) {
    let count = rest.count
    matrix.elements.withUnsafeBufferPointer { elements in
      rest.withUnsafeMutableBufferPointer { rest in
        let start = column * count
        for row in 0..<count { rest[row] -= amount * elements[start + row] }
      }
    }
  }

  private mutating func collectSupport(_ point: [Double]) {
    support.removeAll(keepingCapacity: true)
    for index in point.indices where isFree(index, point) { support.append(index) }
  }

  private func isFree(_ index: Int, _ point: [Double]) -> Bool {
    matrix[index, index] > 0 && (point[index] != 0 || l1[index] == 0)
  }

  /// The largest coordinate, in units of curvature.
  private func size(of point: [Double]) -> Double {
    var largest = 0.0
    for index in support { largest = max(largest, abs(point[index]) * matrix[index, index].squareRoot()) }
    return largest
  }

  private mutating func sweepAll(_ point: inout [Double]) -> Double {
    var largest = 0.0
    for index in point.indices { largest = max(largest, update(index, &point)) }
    return largest
  }

  private mutating func sweep(_ point: inout [Double], over indices: [Int]) -> Double {
    var largest = 0.0
    for index in indices { largest = max(largest, update(index, &point)) }
    return largest
  }

  /// Puts one coordinate to its minimum; returns how far it moved.
  @inline(__always)
  private mutating func update(_ index: Int, _ point: inout [Double]) -> Double {
    let curvature = matrix[index, index]
    guard curvature > 0, twins[index] < 0 else { return 0 }
    let old = point[index]
    let pull = rest[index] + curvature * old
    let size = abs(pull) - l1[index]
    // Where columns depend on each other, one may take all and leave the others with a pull of just l1.
    let new = size <= (l1[index] > 0 ? slack[index] : 0) ? 0 : (pull < 0 ? -size : size) / curvature
    if new == old { return 0 }
    point[index] = new
    subtract(index, new - old)
    return abs(new - old) * curvature.squareRoot()
  }

  /// Solves the equations of the support for the signs it has; where a sign would change, goes as far as the first that does
  /// and leaves that coordinate at 0. Returns whether all signs held, nil where the equations have no solution.
  private mutating func solveSupport(_ linear: [Double], _ point: inout [Double]) -> Bool? {
    collectSupport(point)
    guard !support.isEmpty else { return true }
    right.removeAll(keepingCapacity: true)
    for index in support {
      right.append(rest[index] - (point[index] < 0 ? -l1[index] : point[index] > 0 ? l1[index] : 0))
    }
    guard factorSupport() else { return nil }
    // The step from here, not the solution: what the factor is off by shrinks with it.
    factor.solve(&right)
    var length = 1.0
    var first: Int?
    for (place, index) in support.enumerated() where l1[index] > 0 && point[index] * (point[index] + right[place]) <= 0
    {
      let share = -point[index] / right[place]
      if share < length { (length, first) = (share, index) }
    }
    for (place, index) in support.enumerated() { point[index] += length * right[place] }
    if let first { point[first] = 0 }
    findRest(linear, point)
    return first == nil
  }

  /// Factors the system of the support, which may be flat in some directions: these get a little curvature. Along them the
  /// absolute values decide, so that the next sign to change is not far.
  private mutating func factorSupport() -> Bool {
    let isDefinite = factor.refactor(order: support.count) { matrix[support[$0], support[$1]] }
    if isDefinite, factor.reciprocalCondition > 1e-14 { return true }
    return factor.refactor(order: support.count) { row, column in
      matrix[support[row], support[column]] * (row == column ? 1 + 1e-10 : 1)
    }
  }
}
