internal import LinearAlgebra

/// The covariance of the coefficients of a fit, kept as factors, so that the variance of any combination of them, such as
/// the intercept of other units, is a sum of squares and loses no digits.
///
/// Inside, coefficients are those of centred and scaled columns z = (x − centre)·scale, one block an output that is free:
/// one, or for K classes the differences of the others to the first, of which centred coefficients are combinations.
package struct CoefficientCovariance: Sendable {
  /// Columns of the source that have a coefficient.
  let active: [Int]
  /// Those among the active ones that `whitening` knows, in order; the others depend on them.
  let kept: [Int]
  let centre: [Double]
  let scale: [Double]
  let intercept: Bool
  let columnCount: Int
  /// Outputs of the fit.
  let outputs: Int
  /// W with covariance `W·core·Wᵀ`, square over free outputs × ([intercept] + kept).
  let whitening: Matrix
  /// Nil for `scaleFactor · I`.
  let core: Matrix?
  let scaleFactor: Double
  /// Directions in ([intercept] + active) along which predictions do not change, by dependence of columns.
  let nullDirections: [[Double]]

  private var freeOutputs: Int { max(1, outputs - 1) }
  private var offset: Int { intercept ? 1 : 0 }

  /// Standard errors by output, the intercept first, then the columns. With `offsets` and `factors`, those of the
  /// coefficients of the columns x′ that the source's x = (x′ − offset)·factor are made of. Nil for what the rows do not determine, and for coefficients that are 0 by definition. O(k³).
  package func standardErrors(offsets: [Double]? = nil, factors: [Double]? = nil) -> [Double?] {
    let width = columnCount + 1
    let keptWidth = kept.count + offset
    let size = freeOutputs * keptWidth
    var isDefined = [Bool](repeating: false, count: width)
    var combinations = [[Double]](repeating: [], count: width)
    for entry in 0..<width {
      guard let direction = direction(entry, offsets, factors) else { continue }
      isDefined[entry] = isEstimable(direction)
      combinations[entry] = (0..<offset).map { direction[$0] } + keptPlaces.map { direction[offset + $0] }
    }
    // One row a coefficient.
    var rows = Matrix(rows: outputs * width, columns: size)
    for output in 0..<outputs {
      for entry in 0..<width where isDefined[entry] {
        for free in 0..<freeOutputs {
          let share = share(of: free, in: output)
          for (index, value) in combinations[entry].enumerated() {
            rows[output * width + entry, free * keptWidth + index] = share * value
          }
        }
      }
    }
    let whitened = rows.times(whitening)
    let weighted = core.map { whitened.times($0) }
    return (0..<outputs * width).map { row in
      guard isDefined[row % width] else { return nil }
      var variance = 0.0
      for column in 0..<size {
        variance += whitened[row, column] * (weighted?[row, column] ?? whitened[row, column])
      }
      return (core == nil ? variance * scaleFactor : variance).squareRoot()
    }
  }

  private var keptPlaces: [Int] {
    var places: [Int] = []
    for (place, column) in active.enumerated() where kept.contains(column) { places.append(place) }
    return places
  }

  /// The coefficient of `entry` (0 is the intercept) as a combination of those of ([intercept] + active) inside.
  private func direction(_ entry: Int, _ offsets: [Double]?, _ factors: [Double]?) -> [Double]? {
    var out = [Double](repeating: 0, count: active.count + offset)
    if entry == 0 {
      guard intercept else { return nil }
      out[0] = 1
      for (place, column) in active.enumerated() {
        let shift = centre[column] + (offsets?[column] ?? 0) * (factors?[column] ?? 1)
        out[1 + place] = -shift * scale[column]
      }
      return out
    }
    guard let place = active.firstIndex(of: entry - 1) else { return nil }
    out[offset + place] = scale[entry - 1] * (factors?[entry - 1] ?? 1)
    return out
  }

  /// Whether a combination does not change along any null direction: by more than rounding of its terms, or of a term as large
  /// as combination and direction are (means of centred columns are nothing but rounding).
  private func isEstimable(_ direction: [Double]) -> Bool {
    nullDirections.allSatisfy { null in
      var along = 0.0
      var size = 0.0
      let whole = euclideanNorm(direction) * euclideanNorm(null)
      for (left, right) in zip(direction, null) {
        along += left * right
        size += abs(left * right)
      }
      return abs(along) <= max(1e-8 * size, MinimumNorm.rankTolerance * whole)
    }
  }

  /// How much of a free output is in an output: classes are centred over all, of which the first is the reference.
  private func share(of free: Int, in output: Int) -> Double {
    if outputs == 1 { return 1 }
    return (output == free + 1 ? 1 : 0) - 1 / Double(outputs)
  }
}
