internal import CLAPACK

/// The thin singular value decomposition `A = U·diag(s)·Vᵀ` (LAPACK `dgesdd`), with k = min(m, n).
package struct SingularValues: Sendable {
  /// m × k.
  package let left: Matrix
  /// Largest first, k of them.
  package let values: [Double]
  /// Vᵀ, k × n.
  package let rightTransposed: Matrix

  /// Throws `LinearAlgebraError.noConvergence` when the iteration fails, as on values that are not finite.
  /// O(m·n·min(m,n)).
  package init(_ matrix: consuming Matrix) throws(LinearAlgebraError) {
    BLASLibrary.prepare()
    var working = matrix
    let count = min(working.rows, working.columns)
    var left = Matrix(rows: working.rows, columns: count)
    var right = Matrix(rows: count, columns: working.columns)
    var values = [Double](repeating: 0, count: count)
    if count > 0 {
      var rows = Int32(working.rows)
      var columns = Int32(working.columns)
      var leadingRight = Int32(count)
      var integers = [Int32](repeating: 0, count: 8 * count)
      var info: Int32 = 0
      working.withView { a in
        left.withView { u in
          right.withView { vt in
            withWorkspace { work, size in
              dgesdd_(
                "S", &rows, &columns, a.start, &rows, &values, u.start, &rows, vt.start, &leadingRight, work, &size,
                &integers, &info, 1)
            }
          }
        }
      }
      guard info == 0, values.allSatisfy(\.isFinite) else { throw .noConvergence("singular values") }
    }
    self.left = left
    self.values = values
    rightTransposed = right
  }

  /// How many singular values exceed `tolerance` times the largest.
  package func rank(tolerance: Double) -> Int {
    guard let first = values.first, first > 0 else { return 0 }
    return values.firstIndex { $0 <= tolerance * first } ?? values.count
  }
}

/// The eigenvalues and orthonormal eigenvectors of a symmetric matrix (LAPACK `dsyevd`).
package struct SymmetricEigen: Sendable {
  /// Smallest first.
  package let values: [Double]
  /// One a column, in the order of the values.
  package let vectors: Matrix

  /// Reads the upper triangle. Throws `LinearAlgebraError.noConvergence` when the iteration fails. O(n³).
  package init(_ matrix: consuming Matrix) throws(LinearAlgebraError) {
    BLASLibrary.prepare()
    precondition(matrix.rows == matrix.columns, "not square")
    var working = matrix
    var values = [Double](repeating: 0, count: working.rows)
    if working.rows > 0 {
      var order = Int32(working.rows)
      var info: Int32 = 0
      var wantedIntegers: Int32 = 3 + 5 * order
      var integers = [Int32](repeating: 0, count: Int(wantedIntegers))
      working.withView { a in
        withWorkspace { work, size in
          // LAPACK answers a query when either length is -1, and then touches nothing else.
          dsyevd_(
            "V", "U", &order, a.start, &order, &values, work, &size, &integers, &wantedIntegers, &info, 1, 1)
        }
      }
      guard info == 0, values.allSatisfy(\.isFinite) else { throw .noConvergence("eigenvalues") }
    }
    self.values = values
    vectors = working
  }
}
