/// Anderson's extrapolation of coordinate descent: of every few iterates, the combination whose steps cancel best (Q.
/// Bertrand, M. Massias, "Anderson acceleration of coordinate descent", AISTATS 2021). It leaves at once the slow valley
/// that columns make which depend on each other; the caller takes it only where the model is lower there.
struct ModelExtrapolation {
  private static let depth = 5

  private let columnCount: Int
  private let rowCount: Int
  /// Iterates one after the other: of the columns, and what they make of the rows.
  private var points: [Double] = []
  private var rows: [Double] = []

  init(columnCount: Int, rowCount: Int) {
    self.columnCount = columnCount
    self.rowCount = rowCount
    points.reserveCapacity(columnCount * (ModelExtrapolation.depth + 1))
    rows.reserveCapacity(rowCount * (ModelExtrapolation.depth + 1))
  }

  /// Takes in an iterate; gives the combination of columns and rows when there are enough.
  mutating func add(
    columns: [Double], rows newRows: UnsafePointer<Double>
  ) -> (columns: [Double], rows: [Double])? {
    let depth = ModelExtrapolation.depth
    points += columns
    rows += UnsafeBufferPointer(start: newRows, count: rowCount)
    if points.count < columnCount * (depth + 1) { return nil }
    defer {
      points.removeFirst(columnCount * depth)
      rows.removeFirst(rowCount * depth)
    }
    guard let shares = shares() else { return nil }
    var column = [Double](repeating: 0, count: columnCount)
    var row = [Double](repeating: 0, count: rowCount)
    for (index, share) in shares.enumerated() {
      for place in 0..<columnCount { column[place] += share * points[(index + 1) * columnCount + place] }
      for place in 0..<rowCount { row[place] += share * rows[(index + 1) * rowCount + place] }
    }
    return (column, row)
  }

  /// Numbers that sum to 1 and make the combined step shortest: the solution of (UᵀU)·z = 1, scaled.
  private func shares() -> [Double]? {
    let depth = ModelExtrapolation.depth
    var gram = [Double](repeating: 0, count: depth * depth)
    for first in 0..<depth {
      for second in 0...first {
        var sum = 0.0
        for place in 0..<columnCount {
          let left = points[(first + 1) * columnCount + place] - points[first * columnCount + place]
          let right = points[(second + 1) * columnCount + place] - points[second * columnCount + place]
          sum += left * right
        }
        gram[first * depth + second] = sum
        gram[second * depth + first] = sum
      }
    }
    let trace = (0..<depth).reduce(0) { $0 + gram[$1 * depth + $1] }
    guard trace > 0 else { return nil }
    for index in 0..<depth { gram[index * depth + index] += 1e-12 * trace }
    var shares = [Double](repeating: 1, count: depth)
    // Gaussian elimination without pivots: the matrix is definite.
    for pivot in 0..<depth {
      guard gram[pivot * depth + pivot] > 0 else { return nil }
      for row in pivot + 1..<max(pivot + 1, depth) {
        let factor = gram[row * depth + pivot] / gram[pivot * depth + pivot]
        for column in pivot..<depth { gram[row * depth + column] -= factor * gram[pivot * depth + column] }
        shares[row] -= factor * shares[pivot]
      }
    }
    for row in (0..<depth).reversed() {
      for column in row + 1..<max(row + 1, depth) { shares[row] -= gram[row * depth + column] * shares[column] }
      shares[row] /= gram[row * depth + row]
    }
    let total = shares.reduce(0, +)
    guard total.isFinite, abs(total) > 0 else { return nil }
    return shares.map { $0 / total }
  }
}
