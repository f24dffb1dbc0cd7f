/// Anderson's extrapolation of coordinate descent: of every few iterates, the combination whose steps cancel best (Q.
/// Bertrand, M. Massias, "Anderson acceleration of coordinate descent", AISTATS 2021). It leaves at once the slow valley
/// that columns make which depend on each other; the caller takes it only where the model is lower there.
///
/// Memory grows to that of the largest model and is used again.
struct ModelExtrapolation {
  private static let depth = 5

  private var columnCount = 0
  private let rowCount: Int
  /// Iterates one after the other: of the columns, and what they make of the rows.
  private var points: [Double] = []
  private var rowPoints: [Double] = []
  private var gram = [Double](repeating: 0, count: depth * depth)
  private var shares = [Double](repeating: 0, count: depth)
  /// The combination, once `add` says that it is there.
  private(set) var columns: [Double] = []
  private(set) var rows: [Double]

  /// `rowCount` numbers of the rows are combined along; 0 for a caller that makes them anew.
  init(rowCount: Int) {
    self.rowCount = rowCount
    rowPoints.reserveCapacity(rowCount * (ModelExtrapolation.depth + 1))
    rows = [Double](repeating: 0, count: rowCount)
  }

  /// Forgets all iterates; those to come have `columnCount` numbers.
  mutating func begin(columnCount: Int) {
    self.columnCount = columnCount
    points.removeAll(keepingCapacity: true)
    points.reserveCapacity(columnCount * (ModelExtrapolation.depth + 1))
    rowPoints.removeAll(keepingCapacity: true)
    columns.removeAll(keepingCapacity: true)
    columns.append(contentsOf: repeatElement(0, count: columnCount))
  }

  /// Takes in an iterate, `column` giving its numbers; whether there are enough for a combination, and it is new.
  mutating func add(column: (Int) -> Double, rows newRows: UnsafePointer<Double>) -> Bool {
    let depth = ModelExtrapolation.depth
    for index in 0..<columnCount { points.append(column(index)) }
    rowPoints.append(contentsOf: UnsafeBufferPointer(start: newRows, count: rowCount))
    if points.count < columnCount * (depth + 1) { return false }
    let isFound = findShares()
    if isFound {
      for index in columns.indices { columns[index] = 0 }
      for index in rows.indices { rows[index] = 0 }
      for (index, share) in shares.enumerated() {
        for place in 0..<columnCount { columns[place] += share * points[(index + 1) * columnCount + place] }
        for place in 0..<rowCount { rows[place] += share * rowPoints[(index + 1) * rowCount + place] }
      }
    }
    points.removeFirst(columnCount * depth)
    rowPoints.removeFirst(rowCount * depth)
    return isFound
  }

  /// Sets `shares` to numbers that sum to 1 and make the combined step shortest: the solution of (UᵀU)·z = 1, scaled.
  private mutating func findShares() -> Bool {
    let depth = ModelExtrapolation.depth
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
    var trace = 0.0
    for index in 0..<depth { trace += gram[index * depth + index] }
    guard trace > 0 else { return false }
    for index in 0..<depth {
      gram[index * depth + index] += 1e-12 * trace
      shares[index] = 1
    }
    let isSolved = gram.withUnsafeMutableBufferPointer { matrix in
      shares.withUnsafeMutableBufferPointer { solveDefinite(matrix, $0) }
    }
    var total = 0.0
    for share in shares { total += share }
    guard isSolved, total.isFinite, abs(total) > 0 else { return false }
    for index in 0..<depth { shares[index] /= total }
    return true
  }
}
