internal import LinearAlgebra

/// A factored Hessian: by Cholesky after scaling its diagonal to ones; where that fails or its reciprocal condition is below
/// 1e-13, by eigenvalues, leaving out directions in which the function is flat.
///
/// One that is a `var` takes other Hessians in the same memory; only eigenvalues take more.
struct NewtonSystem {
  private var factor: Cholesky
  private var eigen: SymmetricEigen?
  private var inverseScale: [Double]
  private var firstKept = 0
  private(set) var condition: Double?

  var isSingular: Bool { eigen != nil }

  /// Room for Hessians of so many rows.
  init(dimension: Int) {
    factor = Cholesky(capacity: dimension)
    inverseScale = [Double](repeating: 0, count: dimension)
  }

  init(_ hessian: Matrix) throws {
    self.init(dimension: hessian.rows)
    try take(hessian)
  }

  /// Factors a Hessian of as many rows.
  mutating func take(_ hessian: Matrix) throws {
    for index in inverseScale.indices {
      let curvature = hessian[index, index]
      inverseScale[index] = curvature > 0 ? 1 / curvature.squareRoot() : 0
    }
    eigen = nil
    firstKept = 0
    if factor.refactor(hessian), factor.reciprocalCondition >= 1e-13 {
      condition = 1 / factor.reciprocalCondition
      return
    }
    var scaled = hessian
    for column in 0..<scaled.columns {
      for row in 0...column { scaled[row, column] *= inverseScale[row] * inverseScale[column] }
    }
    let eigen = try SymmetricEigen(scaled)
    let largest = eigen.values.last ?? 0
    let cut = largest * 1e-13 * Double(max(1, eigen.values.count)).squareRoot()
    firstKept = eigen.values.firstIndex { $0 > cut } ?? eigen.values.count
    condition = firstKept < eigen.values.count ? largest / eigen.values[firstKept] : nil
    self.eigen = eigen
  }

  /// Minus the inverse times a gradient.
  func direction(_ gradient: [Double], into step: inout [Double]) {
    for index in step.indices { step[index] = -gradient[index] }
    solve(&step)
  }

  func solve(_ right: inout [Double]) {
    guard let eigen else { return factor.solve(&right) }
    let scaled = zip(right, inverseScale).map { $0 * $1 }
    var along = eigen.vectors.times(
      Matrix(rows: scaled.count, columns: 1, elements: scaled), transposingSelf: true)
    for index in 0..<along.rows { along[index, 0] = index < firstKept ? 0 : along[index, 0] / eigen.values[index] }
    for (index, value) in eigen.vectors.times(along).elements.enumerated() {
      right[index] = value * inverseScale[index]
    }
  }

  var flatDirections: (basis: Matrix, scaling: [Double])? {
    guard let eigen, firstKept > 0 else { return nil }
    return (eigen.vectors[0..<eigen.vectors.rows, 0..<firstKept], inverseScale)
  }
}
