internal import CLAPACK

/// The factor of a symmetric positive definite matrix, `A = Rᵀ·R`, after scaling its diagonal to ones.
///
/// Scaling with `D = diag(A)^½` first (`D⁻¹·A·D⁻¹`) makes the condition estimate blind to the units of rows and columns
/// (van der Sluis, Numer. Math. 14, 1969).
package struct Cholesky: Sendable {
  private var factor: Matrix
  private let inverseScale: [Double]
  /// Estimate of `1 / cond₁` of the scaled matrix (LAPACK `dpocon`), from 0 to 1.
  package let reciprocalCondition: Double

  /// Factors `matrix`, of which the upper triangle is read. Nil when it is not positive definite to working precision,
  /// or not finite. O(n³/3).
  package init?(_ matrix: consuming Matrix) {
    BLASLibrary.prepare()
    precondition(matrix.rows == matrix.columns, "not square")
    let size = matrix.rows
    let diagonal = matrix.diagonal
    guard diagonal.allSatisfy({ $0 > 0 && $0.isFinite }) else { return nil }
    let inverseScale = diagonal.map { 1 / $0.squareRoot() }
    var scaled = matrix
    for column in 0..<size {
      for row in 0..<column { scaled[row, column] *= inverseScale[row] * inverseScale[column] }
      scaled[column, column] = 1
    }
    var norm = oneNorm(ofUpperTriangle: scaled)
    guard norm.isFinite else { return nil }
    var order = Int32(size)
    var leading = Int32(max(1, size))
    var info: Int32 = 0
    var reciprocal = 1.0
    if size > 0 {
      scaled.withView { dpotrf_("U", &order, $0.start, &leading, &info, 1) }
      guard info == 0 else { return nil }
      var work = [Double](repeating: 0, count: 3 * size)
      var integers = [Int32](repeating: 0, count: size)
      scaled.withView { dpocon_("U", &order, $0.start, &leading, &norm, &reciprocal, &work, &integers, &info, 1) }
    }
    factor = scaled
    self.inverseScale = inverseScale
    reciprocalCondition = reciprocal
  }

  /// `A⁻¹·b`. O(n²).
  package func solve(_ right: [Double]) -> [Double] {
    var out = right
    solve(&out)
    return out
  }

  /// `b ← A⁻¹·b`. O(n²).
  package func solve(_ right: inout [Double]) {
    precondition(right.count == inverseScale.count, "lengths differ")
    guard !right.isEmpty else { return }
    for index in right.indices { right[index] *= inverseScale[index] }
    var order = Int32(right.count)
    var one: Int32 = 1
    var info: Int32 = 0
    factor.elements.withUnsafeBufferPointer { factor in
      dpotrs_("U", &order, &one, factor.baseAddress, &order, &right, &order, &info, 1)
    }
    for index in right.indices { right[index] *= inverseScale[index] }
  }
}

/// The largest column sum of absolute values of the symmetric matrix whose upper triangle is given.
private func oneNorm(ofUpperTriangle matrix: Matrix) -> Double {
  var sums = [Double](repeating: 0, count: matrix.columns)
  for column in 0..<matrix.columns {
    for row in 0...column {
      let size = abs(matrix[row, column])
      sums[column] += size
      if row != column { sums[row] += size }
    }
  }
  return sums.reduce(0) { $1 > $0 || $1.isNaN ? $1 : $0 }
}
