internal import LinearAlgebra

/// What remains when columns depend on each other: the solution of least norm, and which columns could be left out.
enum MinimumNorm {
  /// What is left of a column beside those before it, relative to its deviation, at which it counts as a combination of them:
  /// the one decision on rank that solvers and statistics share. Rounding in the columns' own doubles leaves some 1e-16.
  static let rankTolerance = 1e-11

  /// The least-squares solution of `A·x ≈ b` that is shortest in `‖metric · x‖`, by the SVD of A with columns scaled
  /// to unit length: the rank does not depend on the units of the columns. `rank` is what it is known to be at most.
  static func solve(_ matrix: Matrix, _ right: [Double], metric: [Double], rank known: Int? = nil) throws -> (
    solution: [Double], rank: Int, reciprocalCondition: Double
  ) {
    let (scaled, lengths) = withUnitColumns(matrix)
    let decomposition = try SingularValues(scaled)
    let rank = known.map { min($0, decomposition.values.count) } ?? decomposition.rank(tolerance: rankTolerance)
    let size = matrix.columns
    let projected = decomposition.left.times(
      Matrix(rows: right.count, columns: 1, elements: right), transposingSelf: true)
    var weights = Matrix(rows: decomposition.values.count, columns: 1)
    for index in 0..<rank { weights[index, 0] = projected[index, 0] / decomposition.values[index] }
    let scaledSolution = decomposition.rightTransposed.times(weights, transposingSelf: true).elements
    let inverse = lengths.map { $0 > 0 ? 1 / $0 : 0 }
    var solution = zip(scaledSolution, inverse).map { $0 * $1 }
    if rank < size {
      let null = decomposition.rightTransposed[rank..<decomposition.values.count, 0..<size].transposed
      solution = shortest(solution, nullSpace: null, scaling: inverse, metric: metric)
    }
    let smallest = rank > 0 ? decomposition.values[rank - 1] / decomposition.values[0] : 1
    return (solution, rank, smallest)
  }

  /// `x` less its part in the span of `diag(scaling) · nullSpace`, orthogonal in the metric `‖metric · x‖`.
  static func shortest(_ x: [Double], nullSpace: Matrix, scaling: [Double], metric: [Double]) -> [Double] {
    guard nullSpace.columns > 0 else { return x }
    var directions = nullSpace
    for column in 0..<directions.columns {
      for row in 0..<directions.rows { directions[row, column] *= scaling[row] * metric[row] }
    }
    let (unit, _) = withUnitColumns(directions)
    let measured = zip(x, metric).map { $0 * $1 }
    let along = PivotedQR(unit).solve(measured)
    let part = unit.times(Matrix(rows: along.count, columns: 1, elements: along)).elements
    return x.indices.map { metric[$0] > 0 ? (measured[$0] - part[$0]) / metric[$0] : x[$0] }
  }

  /// Columns that depend on earlier ones, as R's `lm` would name them: Gram–Schmidt in order, twice for accuracy.
  static func aliasedColumns(_ matrix: Matrix) -> [Int] {
    let (unit, lengths) = withUnitColumns(matrix)
    let size = unit.rows
    var basis = Matrix(rows: size, columns: min(size, unit.columns))
    var along = [Double](repeating: 0, count: basis.columns)
    var rank = 0
    var aliased: [Int] = []
    for column in 0..<unit.columns {
      var rest = Array(unit.column(column))
      basis.withView { basis in
        let known = basis.columns(from: 0, count: rank)
        for _ in 0..<2 where rank > 0 {
          BLAS.gemv(1, known, transposed: true, rest, into: &along, beta: 0)
          BLAS.gemv(-1, known, along, into: &rest, beta: 1)
        }
      }
      let length = rest.reduce(0) { $0 + $1 * $1 }.squareRoot()
      if lengths[column] == 0 || length <= rankTolerance || rank == size {
        aliased.append(column)
      } else {
        for index in rest.indices { basis[index, rank] = rest[index] / length }
        rank += 1
      }
    }
    return aliased
  }

  /// Columns divided by their lengths, and these; columns of zeros stay.
  static func withUnitColumns(_ matrix: Matrix) -> (Matrix, [Double]) {
    var out = matrix
    let lengths = (0..<matrix.columns).map { column in
      matrix.column(column).reduce(0) { $0 + $1 * $1 }.squareRoot()
    }
    for (column, length) in lengths.enumerated() where length > 0 {
      for row in 0..<out.rows { out[row, column] /= length }
    }
    return (out, lengths)
  }
}
