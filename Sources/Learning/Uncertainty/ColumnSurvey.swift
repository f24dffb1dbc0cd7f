internal import Basics
internal import LinearAlgebra
internal import Statistics

/// Weighted means and spreads of the columns and of the target less its offset, from one pass over the rows.
///
/// Each block is centred on its own means and blocks are merged as in Chan, Golub and LeVeque (1979).
struct ColumnSurvey: Sendable, Hashable {
  /// Σ v.
  var weight = 0.0
  /// Rows of a weight above 0, and Σ ln v over them.
  var rows = 0
  var logWeights = 0.0
  /// By column, the target less its offset last.
  var means: [Double]
  /// Σ v·(x − mean)².
  var spreads: [Double]
  /// Σ v·x², for fits without an intercept.
  var squares: [Double]

  init(width: Int) {
    means = [Double](repeating: 0, count: width)
    spreads = means
    squares = means
  }

  /// The power of two that brings each column's deviation (its root mean square, without an intercept) to about 1; 0 for
  /// a constant column.
  func scale(_ settings: FitSettings) -> [Double] {
    let spreads = settings.intercept ? spreads : squares
    return spreads.dropLast().map { inversePowerOfTwo(($0 / weight).squareRoot()) }
  }

  static func run(_ source: any DesignSource, _ settings: FitSettings, cancellation: Cancellation) throws
    -> ColumnSurvey
  {
    let columns = source.columnCount
    let rows = WeightedRows(
      source, intercept: false, active: Array(0..<columns), centre: [Double](repeating: 0, count: columns),
      scale: [Double](repeating: 1, count: columns))
    let reduction = TreeReduction(make: { ColumnSurvey(width: columns + 1) }, merge: { $0.merge($1) })
    return try reduction.run(count: rows.blocks.count, threads: settings.threads, cancellation: cancellation) {
      index, survey in
      rows.withBlock(index) { survey.take($0, isWeighted: rows.hasWeights) }
    }
  }

  private mutating func take(_ block: WeightedRows.Block, isWeighted: Bool) {
    let count = block.rowCount
    weight = 0
    rows = 0
    logWeights = 0
    for row in 0..<count where block.weights[row] > 0 {
      weight += block.weights[row]
      rows += 1
      if isWeighted { logWeights += Elementary.log(block.weights[row]) }
    }
    for row in 0..<count { block.targets[row] -= block.offsets[row] }
    for column in means.indices {
      let values = column == means.count - 1 ? block.targets : block.design.column(column)
      let weights = block.weights
      let origin = values[0]
      let sum = laneSum(
        count, lanes: { weights.eight($0) * (values.eight($0) - origin) },
        rest: { weights[$0] * (values[$0] - origin) })
      let mean = weight > 0 ? origin + sum / weight : 0
      spreads[column] = laneSum(
        count,
        lanes: {
          let distance = values.eight($0) - mean
          return weights.eight($0) * distance * distance
        }, rest: { weights[$0] * (values[$0] - mean) * (values[$0] - mean) })
      squares[column] = laneSum(
        count, lanes: { weights.eight($0) * values.eight($0) * values.eight($0) },
        rest: { weights[$0] * values[$0] * values[$0] })
      means[column] = mean
    }
  }

  private mutating func merge(_ later: ColumnSurvey) {
    let total = weight + later.weight
    for column in means.indices {
      squares[column] += later.squares[column]
      if total > 0 {
        let shift = later.means[column] - means[column]
        let share = later.weight / total
        spreads[column] += later.spreads[column] + weight * share * shift * shift
        means[column] += shift * share
      }
    }
    weight = total
    rows += later.rows
    logWeights += later.logWeights
  }
}
