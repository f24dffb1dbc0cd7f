internal import CLAPACK

/// The change of variables that makes a symmetric positive definite matrix the identity: an upper triangle W with
/// `Wᵀ·A·W = I`, so that `A⁻¹ = W·Wᵀ` and its diagonal is that of sums of squares.
package struct Whitening: Sendable {
  package let triangle: Matrix
  /// Estimate of `1 / cond₁` of the matrix with its diagonal scaled to ones, from 0 to 1.
  package let reciprocalCondition: Double

  /// Of a matrix whose upper triangle is given, by Cholesky after scaling the diagonal to ones (as in `Cholesky`). Nil
  /// when it is not positive definite to working precision. O(n³).
  package init?(_ matrix: consuming Matrix) {
    BLASLibrary.prepare()
    precondition(matrix.rows == matrix.columns, "not square")
    let size = matrix.rows
    let diagonal = matrix.diagonal
    guard diagonal.allSatisfy({ $0 > 0 && $0.isFinite }) else { return nil }
    let inverse = diagonal.map { 1 / $0.squareRoot() }
    var factor = matrix
    var sums = [Double](repeating: 1, count: size)
    for column in 0..<size {
      for row in 0..<column {
        factor[row, column] *= inverse[row] * inverse[column]
        factor[column, row] = 0
        sums[row] += abs(factor[row, column])
        sums[column] += abs(factor[row, column])
      }
      factor[column, column] = 1
    }
    var norm = sums.max() ?? 1
    guard norm.isFinite else { return nil }
    var reciprocal = 1.0
    if size > 0 {
      var order = Int32(size)
      var info: Int32 = 0
      factor.withView { dpotrf_("U", &order, $0.start, &order, &info, 1) }
      guard info == 0 else { return nil }
      var work = [Double](repeating: 0, count: 3 * size)
      var integers = [Int32](repeating: 0, count: size)
      factor.withView { dpocon_("U", &order, $0.start, &order, &norm, &reciprocal, &work, &integers, &info, 1) }
    }
    guard reciprocal > 0 else { return nil }
    var triangle = inverseOfTriangle(factor)
    for column in 0..<size {
      for row in 0...column { triangle[row, column] *= inverse[row] }
    }
    self.triangle = triangle
    reciprocalCondition = reciprocal
  }

  /// Of `RᵀR`, for a nonsingular upper triangle R: its inverse. The estimate is of `RᵀR` with columns of R scaled to
  /// unit length, which is the square of R's own.
  package init?(factor: Matrix) {
    precondition(factor.rows == factor.columns, "not square")
    let size = factor.rows
    var unit = factor
    var inverse = [Double](repeating: 1, count: size)
    for column in 0..<size {
      let length = factor.column(column).reduce(0) { $0 + $1 * $1 }.squareRoot()
      guard length > 0, length.isFinite, factor[column, column] != 0 else { return nil }
      inverse[column] = 1 / length
      for row in 0...column { unit[row, column] /= length }
    }
    var triangle = inverseOfTriangle(unit)
    guard triangle.elements.allSatisfy(\.isFinite) else { return nil }
    let norms = [unit, triangle].map { matrix in
      (0..<size).map { matrix.column($0).reduce(0) { $0 + abs($1) } }.max() ?? 1
    }
    for column in 0..<size {
      for row in 0...column { triangle[row, column] *= inverse[row] }
    }
    self.triangle = triangle
    let reciprocal = 1 / (norms[0] * norms[1])
    reciprocalCondition = reciprocal * reciprocal
  }
}

/// `R⁻¹` of an upper triangle without zeros on its diagonal. O(n³).
private func inverseOfTriangle(_ factor: Matrix) -> Matrix {
  var factor = factor
  var out = Matrix.identity(factor.rows)
  factor.withView { r in out.withView { BLAS.trsm(r, into: $0) } }
  return out
}
