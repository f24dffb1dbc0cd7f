internal import CLAPACK

/// Householder QR with column pivoting, `A·P = Q·R` (LAPACK `dgeqp3`).
package struct PivotedQR: Sendable {
  private let factors: Matrix
  private let reflectors: [Double]
  /// Position in the factor → column of `A`.
  package let order: [Int]

  /// Factors a matrix of any shape. O(m·n·min(m,n)).
  package init(_ matrix: consuming Matrix) {
    BLASLibrary.prepare()
    var working = matrix
    var rows = Int32(working.rows)
    var columns = Int32(working.columns)
    var reflectors = [Double](repeating: 0, count: min(working.rows, working.columns))
    var pivots = [Int32](repeating: 0, count: working.columns)
    if !reflectors.isEmpty {
      var info: Int32 = 0
      var leading = rows
      working.withView { view in
        withWorkspace { work, size in
          dgeqp3_(&rows, &columns, view.start, &leading, &pivots, &reflectors, work, &size, &info)
        }
      }
      precondition(info == 0, "dgeqp3 refused its arguments: a bug")
    }
    factors = working
    self.reflectors = reflectors
    order = reflectors.isEmpty ? Array(0..<working.columns) : pivots.map { Int($0) - 1 }
  }

  /// The absolute diagonal of R, which does not increase.
  package var pivotSizes: [Double] { (0..<reflectors.count).map { abs(factors[$0, $0]) } }

  /// How many pivots exceed `tolerance` times the first.
  package func rank(tolerance: Double) -> Int {
    let sizes = pivotSizes
    guard let first = sizes.first, first > 0 else { return 0 }
    return sizes.firstIndex { $0 <= tolerance * first } ?? sizes.count
  }

  /// `1 / cond₁` of R, estimated (LAPACK `dtrcon`). For as many rows as columns or more.
  package var reciprocalCondition: Double {
    var size = Int32(reflectors.count)
    guard size > 0 else { return 1 }
    var leading = Int32(factors.rows)
    var work = [Double](repeating: 0, count: 3 * reflectors.count)
    var integers = [Int32](repeating: 0, count: reflectors.count)
    var reciprocal = 0.0
    var info: Int32 = 0
    factors.elements.withUnsafeBufferPointer {
      dtrcon_("1", "U", "N", &size, $0.baseAddress, &leading, &reciprocal, &work, &integers, &info, 1, 1, 1)
    }
    return reciprocal
  }

  /// The least-squares solution of `A·x ≈ b` for a matrix of full column rank. O(m·n).
  package func solve(_ right: [Double]) -> [Double] {
    let columns = factors.columns
    precondition(right.count == factors.rows && columns <= factors.rows, "shapes differ")
    var rotated = right
    var triangle = factors
    guard columns > 0 else { return [] }
    var rows = Int32(factors.rows)
    var one: Int32 = 1
    var count = Int32(reflectors.count)
    var info: Int32 = 0
    triangle.withView { view in
      reflectors.withUnsafeBufferPointer { reflectors in
        lend(&rotated) { rotated in
          withWorkspace { work, size in
            dormqr_(
              "L", "T", &rows, &one, &count, view.start, &rows, reflectors.baseAddress, rotated, &rows, work, &size,
              &info, 1, 1)
          }
          BLAS.trsm(
            MatrixView(view.start, rows: columns, columns: columns, leadingDimension: view.leadingDimension),
            into: MatrixView(rotated, rows: columns, columns: 1, leadingDimension: view.rows))
        }
      }
    }
    var out = [Double](repeating: 0, count: columns)
    for (position, column) in order.enumerated() { out[column] = rotated[position] }
    return out
  }
}

/// The upper triangle (or trapezium) R of `A = Q·R` without pivoting (LAPACK `dgeqrf`): min(m, n) × n. O(m·n·min(m,n)).
package func triangularFactor(of matrix: consuming Matrix) -> Matrix {
  BLASLibrary.prepare()
  var working = matrix
  let count = min(working.rows, working.columns)
  guard count > 0 else { return Matrix(rows: 0, columns: working.columns) }
  var rows = Int32(working.rows)
  var columns = Int32(working.columns)
  var leading = rows
  var reflectors = [Double](repeating: 0, count: count)
  var info: Int32 = 0
  working.withView { view in
    withWorkspace { work, size in
      dgeqrf_(&rows, &columns, view.start, &leading, &reflectors, work, &size, &info)
    }
  }
  precondition(info == 0, "dgeqrf refused its arguments: a bug")
  var out = working[0..<count, 0..<working.columns]
  for column in 0..<count {
    for row in column + 1..<max(count, column + 1) { out[row, column] = 0 }
  }
  return out
}

/// Asks a LAPACK routine how much scratch memory it wants (`lwork = -1`), then calls it with that much.
func withWorkspace(_ call: (UnsafeMutablePointer<Double>, inout Int32) -> Void) {
  var wanted = 0.0
  var size: Int32 = -1
  call(&wanted, &size)
  size = max(1, Int32(wanted))
  var work = [Double](repeating: 0, count: Int(size))
  call(&work, &size)
}
