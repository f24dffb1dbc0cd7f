internal import CLAPACK

/// The factor of a symmetric positive definite matrix, `A = Rᵀ·R`, after scaling its diagonal to ones.
///
/// Scaling with `D = diag(A)^½` first (`D⁻¹·A·D⁻¹`) makes the condition estimate blind to the units of rows and columns
/// (van der Sluis, Numer. Math. 14, 1969).
///
/// One that is a `var` factors other matrices in the same memory.
package struct Cholesky: Sendable {
  private var order = 0
  /// `order`² values, and room behind them where a larger matrix was factored before.
  private var factor: [Double] = []
  private var inverseScale: [Double] = []
  private var work: [Double] = []
  private var integers: [Int32] = []
  /// Estimate of `1 / cond₁` of the scaled matrix (LAPACK `dpocon`), from 0 to 1.
  package private(set) var reciprocalCondition = 1.0

  /// Room for matrices of up to `capacity` rows, with nothing factored.
  package init(capacity: Int) { reserve(capacity) }

  /// Factors `matrix`, of which the upper triangle is read. Nil when it is not positive definite to working precision,
  /// or not finite. O(n³/3).
  package init?(_ matrix: Matrix) {
    guard refactor(matrix) else { return nil }
  }

  private mutating func reserve(_ rows: Int) {
    func grow<Number: Numeric>(_ values: inout [Number], _ count: Int) {
      if values.count < count { values += repeatElement(0, count: count - values.count) }
    }
    grow(&factor, rows * rows)
    grow(&inverseScale, rows)
    grow(&work, 3 * rows)
    grow(&integers, rows)
  }

  /// Factors another matrix; false, and nothing to solve with, where the initialiser gives nil.
  package mutating func refactor(_ matrix: Matrix) -> Bool {
    precondition(matrix.rows == matrix.columns, "not square")
    return refactor(order: matrix.rows) { matrix[$0, $1] }
  }

  /// The same for the matrix whose upper triangle `element` gives by row and column. Allocates nothing where one as large
  /// has been factored before.
  package mutating func refactor(order size: Int, _ element: (Int, Int) -> Double) -> Bool {
    BLASLibrary.prepare()
    reserve(size)
    order = size
    for index in 0..<size {
      let value = element(index, index)
      guard value > 0, value.isFinite else { return false }
      inverseScale[index] = 1 / value.squareRoot()
    }
    for column in 0..<size {
      for row in 0..<column {
        factor[row + column * size] = element(row, column) * (inverseScale[row] * inverseScale[column])
      }
      factor[column + column * size] = 1
    }
    var norm = oneNorm()
    guard norm.isFinite else { return false }
    reciprocalCondition = 1
    guard size > 0 else { return true }
    var (order, leading, info) = (Int32(size), Int32(size), Int32(0))
    dpotrf_("U", &order, &factor, &leading, &info, 1)
    guard info == 0 else { return false }
    dpocon_("U", &order, &factor, &leading, &norm, &reciprocalCondition, &work, &integers, &info, 1)
    return true
  }

  /// The largest column sum of absolute values of the symmetric matrix whose upper triangle `factor` holds.
  private mutating func oneNorm() -> Double {
    for index in 0..<order { work[index] = 0 }
    for column in 0..<order {
      for row in 0...column {
        let size = abs(factor[row + column * order])
        work[column] += size
        if row != column { work[row] += size }
      }
    }
    var largest = 0.0
    for index in 0..<order where work[index] > largest || work[index].isNaN { largest = work[index] }
    return largest
  }

  /// `A⁻¹·b`. O(n²).
  package func solve(_ right: [Double]) -> [Double] {
    var out = right
    solve(&out)
    return out
  }

  /// `b ← A⁻¹·b`. O(n²).
  package func solve(_ right: inout [Double]) {
    precondition(right.count == order, "lengths differ")
    guard !right.isEmpty else { return }
    for index in right.indices { right[index] *= inverseScale[index] }
    var order = Int32(order)
    var one: Int32 = 1
    var info: Int32 = 0
    factor.withUnsafeBufferPointer { factor in
      dpotrs_("U", &order, &one, factor.baseAddress, &order, &right, &order, &info, 1)
    }
    for index in right.indices { right[index] *= inverseScale[index] }
  }
}
