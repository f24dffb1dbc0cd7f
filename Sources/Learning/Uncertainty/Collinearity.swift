internal import Basics
internal import LinearAlgebra

/// How the columns depend on each other, under the weights of the rows.
struct Collinearity: Sendable {
  /// Places among the active columns that are no combination of those before them.
  var kept: [Int]
  /// Of `[1 | Z kept]ᵀ·V·[1 | Z kept]`; nil when that is singular nonetheless.
  var whitening: Whitening?
  /// In ([intercept] + active): combinations of columns that are 0.
  var nullDirections: [[Double]] = []
  /// By place among the active columns, those it depends on.
  var dependencies: [(place: Int, others: [Int])] = []
  var conditionNumber: Double?
  /// By place among the active columns.
  var inflation: [Double?]
  /// Residual sum of squares of the target, when a triangular factor told it.
  var residualSquares: Double?

  /// From the Gram matrix of `[1 | Z]`, upper triangle. Nil when its condition asks for a factor of the rows.
  init?(gram: Matrix, intercept: Bool, leastReciprocal: Double) throws {
    guard let whitening = Whitening(gram), whitening.reciprocalCondition >= leastReciprocal else { return nil }
    let offset = intercept ? 1 : 0
    let count = gram.rows - offset
    kept = Array(0..<count)
    self.whitening = whitening
    var correlation = Matrix(rows: count, columns: count)
    let total = intercept ? gram[0, 0] : 1
    func spread(_ row: Int, _ column: Int) -> Double {
      gram[row + offset, column + offset] - (intercept ? gram[0, row + 1] * gram[0, column + 1] / total : 0)
    }
    let spreads = (0..<count).map { spread($0, $0) }
    for column in 0..<count {
      for row in 0...column {
        correlation[row, column] =
          row == column ? 1 : spread(row, column) / (spreads[row] * spreads[column]).squareRoot()
      }
    }
    if count > 0 {
      let values = try SymmetricEigen(correlation).values
      conditionNumber = (values[count - 1] / values[0]).squareRoot()
    }
    inflation = Collinearity.inflation(spreads, whitening, offset)
  }

  /// From the triangular factor of `√V·[1 | Z | y]`. `dependent` are the places of columns that were found to depend on
  /// others before them; nil to find out.
  init(factor: Matrix, intercept: Bool, dependent: [Int]? = nil) throws {
    let offset = intercept ? 1 : 0
    let count = factor.columns - offset - 1
    let size = min(factor.rows, count + offset)
    let design = factor[0..<size, 0..<count + offset]
    residualSquares =
      factor.rows > count + offset ? factor[count + offset, count + offset] * factor[count + offset, count + offset] : 0
    let aliased =
      dependent ?? Collinearity.aliasedColumns(design).map { $0 - offset }.filter { $0 >= 0 }
    kept = (0..<count).filter { !aliased.contains($0) }
    inflation = [Double?](repeating: nil, count: count)
    let columns = (0..<offset).map { $0 } + kept.map { $0 + offset }
    let system = design.picking(columns)
    let triangle = triangularFactor(of: system)
    guard triangle.rows == columns.count, let whitening = Whitening(factor: triangle) else { return }
    self.whitening = whitening
    let spreads = (offset..<columns.count).map { column in
      (offset...column).reduce(0) { $0 + triangle[$1, column] * triangle[$1, column] }
    }
    let known = Collinearity.inflation(spreads, whitening, offset)
    for (place, value) in zip(kept, known) { inflation[place] = value }
    if aliased.isEmpty, count > 0 {
      var unit = triangle[offset..<columns.count, offset..<columns.count]
      for column in 0..<count {
        for row in 0...column { unit[row, column] /= spreads[column].squareRoot() }
      }
      let values = try SingularValues(unit).values
      conditionNumber = values[0] / values[count - 1]
    }
    if !aliased.isEmpty { conditionNumber = FitStatistics.singularCondition }
    for place in aliased { addDependency(of: place, design, columns, whitening, offset) }
  }

  /// Columns that depend on earlier ones; a condition far from that saves the search.
  private static func aliasedColumns(_ triangle: Matrix) -> [Int] {
    if triangle.rows == triangle.columns, let whitening = Whitening(factor: triangle),
      whitening.reciprocalCondition >= 1e-18
    {
      return []
    }
    return MinimumNorm.aliasedColumns(triangle)
  }

  /// Finds the combination of kept columns that a column is.
  private mutating func addDependency(
    of place: Int, _ design: Matrix, _ columns: [Int], _ whitening: Whitening, _ offset: Int
  ) {
    // W·Wᵀ·Aᵀ·a solves the least-squares problem A·c ≈ a.
    let column = Matrix(rows: design.rows, columns: 1, elements: Array(design.column(place + offset)))
    let products = design.picking(columns).times(column, transposingSelf: true)
    let solution = whitening.triangle.times(whitening.triangle.times(products, transposingSelf: true)).elements
    var direction = [Double](repeating: 0, count: design.columns)
    var others: [Int] = []
    let own = column.elements.reduce(0) { $0 + $1 * $1 }.squareRoot()
    for (index, value) in zip(columns, solution) {
      let size = design.column(index).reduce(0) { $0 + $1 * $1 }.squareRoot()
      guard abs(value) * size > 1e-8 * own else { continue }
      direction[index] = value
      if index >= offset {
        others.append(index - offset)
        inflation[index - offset] = nil
      }
    }
    direction[place + offset] = -1
    nullDirections.append(direction)
    dependencies.append((place, others))
  }

  /// The dependencies by column of the source.
  func dependencies(_ active: [Int]) -> [FitStatistics.Dependency] {
    dependencies.map { dependency in
      FitStatistics.Dependency(column: active[dependency.place], others: dependency.others.map { active[$0] })
    }
  }

  /// Below this condition of the Gram matrix its inverse has lost more digits than statistics should.
  static let leastReciprocal = 1e-5

  /// Spread times the diagonal of the inverse.
  private static func inflation(_ spreads: [Double], _ whitening: Whitening, _ offset: Int) -> [Double?] {
    spreads.indices.map { place in
      let row = place + offset
      let inverse = (row..<whitening.triangle.columns).reduce(0) {
        $0 + whitening.triangle[row, $1] * whitening.triangle[row, $1]
      }
      return max(1, spreads[place] * inverse)
    }
  }
}

extension Matrix {
  /// The rows and columns at these places.
  func pickingBoth(_ places: [Int]) -> Matrix {
    Matrix(
      rows: places.count, columns: places.count, elements: places.flatMap { column in places.map { self[$0, column] } })
  }

  /// The columns at these places.
  func picking(_ places: [Int]) -> Matrix {
    Matrix(rows: rows, columns: places.count, elements: places.flatMap { column($0) })
  }
}
