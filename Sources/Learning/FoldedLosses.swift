internal import Basics
internal import LinearAlgebra
internal import Statistics

/// Logistic and Poisson models on shared folds: all folds and all penalties at once.
///
/// Each pass over the rows serves every fit that has not converged, as one product with many columns. Each fit goes its own
/// way by limited-memory BFGS over a Hessian that it shares with the other folds of its penalty: taken from all rows at the
/// mean of their points, which are close to each other, as folds share most of their rows.
struct FoldedLosses {
  let folds: SharedFolds
  let settings: FitSettings
  let loss: Loss
  let rows: EncodedRows
  let columns: [FoldColumns]
  let references: [Double]
  let nulls: [Double]

  var width: Int { rows.designWidth }

  init(_ folds: SharedFolds, _ settings: FitSettings, cancellation: Cancellation) throws {
    self.folds = folds
    self.settings = settings
    let loss = Loss(settings.objective)
    self.loss = loss
    let pilot = Pilot(folds.source, intercept: true, targetCentred: false)
    let rows = EncodedRows(folds.source, frame: pilot.frame, intercept: true, memory: settings.memory)
    self.rows = rows
    let surveys = try Self.surveys(folds, rows, loss, settings, cancellation: cancellation)
    var columns: [FoldColumns] = []
    var references: [Double] = []
    var nulls: [Double] = []
    for survey in surveys {
      try survey.validate(rows, settings, cancellation: cancellation)
      let sums = survey.sums(loss)
      let own = FoldColumns(
        count: survey.weight, means: sums.map { $0 / survey.weight },
        deviations: survey.squares.indices.map { [sums] column in
          let mean = sums[column] / survey.weight
          let variance = survey.squares[column] / survey.weight - mean * mean
          return column == 0 || variance <= 1e-24 * survey.squares[column] / survey.weight ? 0 : variance.squareRoot()
        })
      columns.append(own)
      // The model without coefficients: e^b, or the share of the positive class.
      let level = survey.responses[1] / (loss == .poisson ? survey.responses[0] : survey.weight)
      nulls.append(loss == .poisson ? Elementary.log(level) : Elementary.log(level) - Elementary.log(1 - level))
      let gradient = (0..<sums.count).map { column in
        (level * (loss == .poisson ? survey.products[column, 0] : sums[column]) - survey.products[column, 1])
          / survey.weight
      }
      let square = loss == .poisson ? survey.responses[1] / survey.weight : level * (1 - level)
      references.append(max(own.norm(gradient), 1e-4 * square.squareRoot()))
    }
    self.columns = columns
    self.references = references
    self.nulls = nulls
  }

  private static func surveys(
    _ folds: SharedFolds, _ rows: EncodedRows, _ loss: Loss, _ settings: FitSettings, cancellation: Cancellation
  ) throws -> [LossSurvey] {
    let width = rows.designWidth
    let count = folds.count
    let responses = loss == .poisson ? 3 : 2
    let stride = rows.blocks.leadingDimension
    let make: @Sendable () -> [LossSurvey] = { (0..<count).map { _ in LossSurvey(width: width, responses: responses) } }
    let reduction = TreeReduction<[LossSurvey]>(
      make: make,
      merge: { sums, later in for fold in sums.indices { sums[fold].merge(later[fold]) } })
    let pool = Pool { AlignedBuffer(count: stride * (responses + 2)) }
    return try reduction.run(
      over: rows, .all(rows.blocks), leaves: 32, threads: settings.threads, cancellation: cancellation,
      clear: { $0 = make() },
      add: { block, sums in
        pool.lend { scratch in
          let mask = scratch.start + stride * (responses + 1)
          for fold in 0..<count {
            for row in 0..<block.rowCount {
              mask[row] = folds.assignment[block.firstRow + row] == UInt8(fold) ? 0 : 1
            }
            let weighted = EncodedRows.Block(
              all: block.all, firstRow: block.firstRow, intercept: block.intercept, weights: mask,
              offsets: block.offsets)
            sums[fold].add(
              weighted, loss, ones: scratch.start,
              MatrixView(
                scratch.start + stride, rows: block.rowCount, columns: responses, leadingDimension: stride))
          }
        }
      })
  }
}

extension FoldColumns {
  /// The length of a gradient in columns of mean 0 and deviation 1.
  func norm(_ gradient: [Double]) -> Double {
    var sum = gradient[0] * gradient[0]
    for column in 1..<gradient.count where deviations[column] > 0 {
      let part = (gradient[column] - means[column] * gradient[0]) / deviations[column]
      sum += part * part
    }
    return sum.squareRoot()
  }
}
