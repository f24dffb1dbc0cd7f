package import Basics

/// A source read once and made ready for fits with several penalties.
protocol PreparedProblem: Sendable {
  /// The fit with this penalty; iterative solvers begin at `start`.
  func fit(_ penalty: Penalty, start: Fit?, cancellation: Cancellation) throws -> Fit
}

/// Fits a linear model.
///
/// Least squares are solved by factors of the Gram matrix, escalating by estimated condition; classifiers by Newton's
/// method, or limited-memory BFGS for many coefficients, until the relative gradient norm is at most `tolerance`. Start
/// at `start` for fewer iterations; the minimum is the same.
///
/// The result has the same bits for every number of threads and every memory budget.
///
/// Throws `LearningError` for data that has no fit, `Cancelled` when told to stop.
package func fit(
  _ source: some DesignSource, _ settings: FitSettings, start: Fit? = nil, cancellation: Cancellation
) throws -> Fit {
  try prepare(source, settings, cancellation: cancellation)
    .fit(settings.penalty, start: start, cancellation: cancellation)
}

func prepare(
  _ source: any DesignSource, _ settings: FitSettings, cancellation: Cancellation
) throws -> any PreparedProblem {
  try settings.validate()
  guard source.rowCount > 0 else { throw LearningError.noRows }
  if let source = source as? any SparseDesignSource {
    return try SparseProblem(source, settings, cancellation: cancellation)
  }
  switch settings.objective {
  case .linear:
    if source.columnCount >= source.rowCount {
      return try WideLeastSquares(source, settings, cancellation: cancellation)
    }
    return try LeastSquares(source, settings, cancellation: cancellation)
  case .logistic, .multinomial:
    return try Classification(source, settings, cancellation: cancellation)
  case .poisson: throw LearningError.invalidSetting("not there yet")
  }
}
