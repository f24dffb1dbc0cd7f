package import Basics

/// A source read once and made ready for fits with several penalties.
protocol PreparedProblem: Sendable {
  /// The fit with this penalty; iterative solvers begin at `start`.
  func fit(_ penalty: Penalty, start: Fit?, cancellation: Cancellation) throws -> Fit
  /// The smallest l1 that leaves no coefficient: the largest gradient of a column at the model without coefficients.
  func largestL1(cancellation: Cancellation) throws -> Double
}

/// Fits a linear model.
///
/// Least squares are solved by factors of the Gram matrix, escalating by estimated condition; classifiers by Newton's
/// method, or limited-memory BFGS for many coefficients, until the relative gradient norm is at most `tolerance`; sparse
/// rows stay sparse, see `SparseProblem`. Start at `start` for fewer iterations; the minimum is the same.
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
  return try prepareDense(source, settings, cancellation: cancellation)
}

/// The same by the solvers of dense rows, which sparse ones become a block at a time.
func prepareDense(
  _ source: any DesignSource, _ settings: FitSettings, cancellation: Cancellation
) throws -> any PreparedProblem {
  if settings.solver == .truncatedNewton {
    throw LearningError.invalidSetting(
      "the solver 'truncated-newton' is for sparse rows, and this design is dense: leave 'solver' to 'auto'")
  }
  guard settings.objective == .linear else { return try LossFit(source, settings, cancellation: cancellation) }
  guard source.hasOffsets else { return try leastSquares(source, settings, cancellation: cancellation) }
  do {
    return try leastSquares(TargetsLessOffsets(source), settings, cancellation: cancellation)
  } catch LearningError.nonFiniteTarget where source.hasOffsetThatIsNotFinite {
    throw LearningError.nonFiniteOffset
  }
}

private func leastSquares(
  _ source: any DesignSource, _ settings: FitSettings, cancellation: Cancellation
) throws -> any PreparedProblem {
  if source.columnCount >= source.rowCount {
    return try WideLeastSquares(source, settings, cancellation: cancellation)
  }
  return try LeastSquares(source, settings, cancellation: cancellation)
}

extension DesignSource {
  fileprivate var hasOffsetThatIsNotFinite: Bool {
    let blocks = RowBlocks(rowCount: rowCount, columnCount: 0)
    var offsets = [Double](repeating: 0, count: blocks.rowsPerBlock)
    return (0..<blocks.count).contains { index in
      let rows = blocks[index]
      offsets.withUnsafeMutableBufferPointer { readOffsets(rows, into: .init(rebasing: $0[..<rows.count])) }
      return !offsets[..<rows.count].allSatisfy(\.isFinite)
    }
  }
}

/// Least squares with known terms: the same without them for targets less those terms.
private struct TargetsLessOffsets: DesignSource {
  private let source: any DesignSource

  init(_ source: any DesignSource) { self.source = source }

  var rowCount: Int { source.rowCount }
  var columnCount: Int { source.columnCount }
  var hasWeights: Bool { source.hasWeights }

  func readDesign(_ rows: Range<Int>, into out: UnsafeMutableBufferPointer<Double>, leadingDimension: Int) {
    source.readDesign(rows, into: out, leadingDimension: leadingDimension)
  }

  func readTargets(_ rows: Range<Int>, into out: UnsafeMutableBufferPointer<Double>) {
    source.readTargets(rows, into: out)
    withUnsafeTemporaryAllocation(of: Double.self, capacity: rows.count) { offsets in
      offsets.initialize(repeating: 0)
      source.readOffsets(rows, into: offsets)
      for index in out.indices { out[index] -= offsets[index] }
    }
  }

  func readWeights(_ rows: Range<Int>, into out: UnsafeMutableBufferPointer<Double>) {
    source.readWeights(rows, into: out)
  }
}

/// Fits a path of absolute penalties, from the smallest one that leaves no coefficient down to `smallest` times it, evenly
/// spaced in the logarithm; each fit begins where the one before ended, and the rows are read once for all where the
/// objective allows.
package func fitPath(
  _ source: some DesignSource, _ settings: FitSettings, penalties: Int, smallest: Double, cancellation: Cancellation
) throws -> [Fit] {
  let problem = try prepare(source, settings, cancellation: cancellation)
  let largest = try problem.largestL1(cancellation: cancellation)
  var start: Fit?
  return try PenaltyPath.descending(from: largest, to: smallest * largest, count: penalties).map { l1 in
    let fit = try problem.fit(Penalty(l1: l1, l2: settings.penalty.l2), start: start, cancellation: cancellation)
    start = fit
    return fit
  }
}
