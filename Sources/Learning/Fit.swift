package import Basics
internal import LinearAlgebra
internal import Statistics

/// A fitted linear model and the facts of its making. Linear predictors are `x · coefficients + intercepts`.
package struct Fit: Sendable, Hashable {
  /// columnCount × outputs, column-major.
  package var coefficients: [Double]
  /// One an output; zeros when the fit has no intercept.
  package var intercepts: [Double]
  /// Mean loss plus penalty at the solution.
  package var objectiveValue: Double
  /// The stopping rule's number: Euclidean norm of the gradient, in columns centred and scaled to about unit
  /// deviation, divided by the same at the model without coefficients (or, where that is smaller, by 10⁻⁴ of the root
  /// mean square of that model's residuals).
  package var gradientNorm: Double
  /// With an L1 penalty: how far the objective is from its minimum at most (primal less dual value), relative to the
  /// objective of the model without coefficients. This is then the stopping rule's number.
  package var dualityGap: Double?
  package var iterations: Int
  /// Whether `gradientNorm` came down to the tolerance at a minimum that exists.
  package var converged: Bool
  /// What ran, with escalations, such as `cholesky → pivoted qr`.
  package var solver: String
  /// Estimate of the 1-norm condition number of the last system solved, its diagonal scaled to ones; nil when none was.
  package var conditionEstimate: Double?
  /// Of fits without a penalty: the columns that were found to be combinations of others before them, for which the solution
  /// of least norm was taken. Nil where the solver had no need to know.
  package var dependencies: [FitStatistics.Dependency]?
  /// What the fit found out about the columns of its rows, where that is all that its statistics need.
  var survey: ColumnSurvey?
  /// What else its statistics need, where it was found on the way; see `FitSettings.statisticsFollow`.
  var passed: PassedStatistics?
  /// What the user should know, one lower-case phrase each: constant and aliased columns, separation, no convergence.
  package var notes: [String]
}

/// Linear predictors of every row of `source`, its offsets included: rowCount × outputs, column-major. The bits do not depend on `threads`.
package func linearPredictors(
  of fit: Fit, on source: some DesignSource, threads: Int = 1, cancellation: Cancellation
) throws -> [Double] {
  let outputs = fit.intercepts.count
  let columns = source.columnCount
  precondition(fit.coefficients.count == columns * outputs, "the fit has other columns")
  if let source = source as? any SparseDesignSource {
    return try sparsePredictors(of: fit, on: source, threads: threads, cancellation: cancellation)
  }
  let blocks = RowBlocks(rowCount: source.rowCount, columnCount: columns)
  var out = [Double](repeating: 0, count: source.rowCount * outputs)
  let pool = Pool { AlignedBuffer(count: blocks.leadingDimension * (columns + outputs)) }
  try out.withUnsafeMutableBufferPointer { buffer in
    nonisolated(unsafe) let buffer = buffer
    try parallelFor(count: blocks.count, threads: threads) { index in
      try cancellation.check()
      let rows = blocks[index]
      pool.lend { scratch in
        let design = MatrixView(
          scratch.start, rows: rows.count, columns: columns, leadingDimension: blocks.leadingDimension)
        source.readDesign(
          rows, into: UnsafeMutableBufferPointer(start: scratch.start, count: blocks.leadingDimension * columns),
          leadingDimension: blocks.leadingDimension)
        let scores = scratch.start + blocks.leadingDimension * columns
        for output in 0..<outputs {
          fit.coefficients.withUnsafeBufferPointer { coefficients in
            guard let start = coefficients.baseAddress else {
              scores.update(repeating: 0, count: rows.count)
              return
            }
            BLAS.gemv(1, design, start + output * columns, into: scores, beta: 0)
          }
          let intercept = fit.intercepts[output]
          let out = UnsafeMutableBufferPointer(
            rebasing: buffer[output * source.rowCount + rows.lowerBound..<output * source.rowCount + rows.upperBound])
          if source.hasOffsets {
            source.readOffsets(rows, into: out)
          } else {
            out.update(repeating: 0)
          }
          for row in 0..<rows.count { out[row] += scores[row] + intercept }
        }
      }
    }
  }
  return out
}

extension Fit {
  /// What `solver` says of a fit by `PreciseLeastSquares`.
  static let preciseSolver = "cholesky → double-double"
  /// What it says of a fit in an `OrthogonalBasis`.
  static let orthogonalSolver = "newton (cholesky → orthogonal columns)"
}
