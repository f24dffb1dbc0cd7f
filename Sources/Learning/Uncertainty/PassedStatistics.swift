internal import LinearAlgebra

/// What a fit found on its way over the rows that its statistics would pass over them again for.
struct PassedStatistics: Sendable, Hashable {
  /// At the solution.
  let sums: RowModel.Sums
  /// `[1 | Z]ᵀ·V·[1 | Z]`, upper triangle, in the frame of the fit.
  let gram: Matrix
  let frame: EncodedRows.Frame
  let intercept: Bool

  /// The same in columns `(X − centre)·scale`, those of `active`. With z′ = f·z + b products become f·f′·zz′ + f·b′·z + b·f′·z′ + b·b′,
  /// which loses little where means are not many deviations off, as the fit saw to.
  func products(active: [Int], centre: [Double], scale: [Double]) -> DesignPasses.Products {
    let offset = intercept ? 1 : 0
    let factors = active.map { scale[$0] / frame.scale[$0] }
    let shifts = active.map { intercept ? (frame.centre[$0] - centre[$0]) * scale[$0] : 0 }
    var out = Matrix(rows: active.count + offset, columns: active.count + offset)
    if intercept { out[0, 0] = gram[0, 0] }
    for (right, column) in active.enumerated() {
      let sum = intercept ? gram[0, column + 1] : 0
      if intercept { out[0, right + 1] = factors[right] * sum + shifts[right] * gram[0, 0] }
      for (left, other) in active[...right].enumerated() {
        var product = factors[left] * factors[right] * gram[other + offset, column + offset]
        if intercept {
          product += factors[left] * shifts[right] * gram[0, other + 1] + shifts[left] * factors[right] * sum
          product += shifts[left] * shifts[right] * gram[0, 0]
        }
        out[left + offset, right + offset] = product
      }
    }
    return DesignPasses.Products(sums: sums, gram: out, information: [])
  }
}
