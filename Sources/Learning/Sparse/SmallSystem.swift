/// Solves `matrix · x = right` in place for a definite matrix of a few rows, by elimination without pivots; false where it is
/// not definite. Row-major, both triangles; the matrix is spent.
func solveDefinite(
  _ matrix: UnsafeMutableBufferPointer<Double>, _ right: UnsafeMutableBufferPointer<Double>
) -> Bool {
  let count = right.count
  for pivot in 0..<count {
    guard matrix[pivot * count + pivot] > 0 else { return false }
    for row in pivot + 1..<max(pivot + 1, count) {
      let factor = matrix[row * count + pivot] / matrix[pivot * count + pivot]
      for column in pivot..<count { matrix[row * count + column] -= factor * matrix[pivot * count + column] }
      right[row] -= factor * right[pivot]
    }
  }
  for row in (0..<count).reversed() {
    for column in row + 1..<max(row + 1, count) { right[row] -= matrix[row * count + column] * right[column] }
    right[row] /= matrix[row * count + row]
  }
  return true
}
