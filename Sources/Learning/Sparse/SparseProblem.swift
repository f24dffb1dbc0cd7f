internal import Basics
internal import LinearAlgebra
internal import Statistics

/// Linear, logistic, multinomial and Poisson regression on sparse rows, which stay sparse throughout.
///
/// With an L1 penalty the solver is `SparseProximalNewton`, until the duality gap is at most `tolerance`.
///
/// Smooth problems are solved by `TruncatedNewton` until the gradient, in columns of unit curvature at the model without
/// coefficients, is at most `tolerance` times what it is there (or, where that is smaller, times 10⁻⁴ of the root mean
/// square of that model's residuals by the root of their mean curvature): the measure of `Fit.gradientNorm`, with the
/// penalty counted as curvature, so that a column that is hardly ever there does not weigh as much as a common one.
final class SparseProblem: PreparedProblem, @unchecked Sendable {
  let source: any SparseDesignSource
  let settings: FitSettings
  let rows: SparseRows

  init(_ source: any SparseDesignSource, _ settings: FitSettings, cancellation: Cancellation) throws {
    if let solver = settings.solver, solver != .truncatedNewton, solver != .coordinateDescent {
      throw LearningError.invalidSetting(
        "the solver '\(solver.rawValue)' is for dense rows, and these are sparse: leave 'solver' to 'auto'")
    }
    self.source = source
    self.settings = settings
    rows = try SparseRows(source, settings, cancellation: cancellation)
  }

  func fit(_ penalty: Penalty, start: Fit?, cancellation: Cancellation) throws -> Fit {
    let solver: SolverChoice = penalty.l1 > 0 ? .coordinateDescent : .truncatedNewton
    guard settings.solver ?? solver == solver else {
      throw LearningError.invalidSetting(
        "sparse rows are solved by truncated-newton or, with an l1 penalty, by coordinate-descent")
    }
    if penalty.l1 > 0 { return try proximalFit(penalty, start: start, cancellation: cancellation) }
    if penalty.isNone, let fit = try denseFit(cancellation) { return fit }
    // A workspace of its own, so that fits may run side by side.
    let loss = try SparseLoss(rows, source: source, settings, cancellation: cancellation)
    loss.l2 = penalty.l2
    let point = AlignedBuffer(count: loss.dimension)
    let scale = AlignedBuffer(count: loss.dimension)
    let newton = TruncatedNewton(loss)
    try loss.setNull(point)
    let reference = max(try newton.reference(at: point, scale: scale), 1e-4 * residualScale(loss))
    if let start {
      setPoint(point, from: start, loss)
      try loss.place(at: point)
    }
    let outcome = try newton.minimise(
      from: point, isReference: start == nil, scale: scale, target: settings.tolerance * reference,
      maximumIterations: settings.maximumIterations, maximumSeconds: settings.maximumSeconds,
      isUnbounded: { penalty.l2 == 0 && loss.smallestMargin > 0 && loss.smallestMargin.isFinite && $0 < 1e-6 })
    return try makeFit(loss, point, outcome, newton, reference: reference, penalty, cancellation)
  }

  /// The fit without a penalty of few rows and columns that depend on each other, or nearly so, by the solvers of dense rows,
  /// which tell columns apart by their factor and take the solution of least norm. Conjugate gradients end wherever the
  /// gradient is small. Nil for all others.
  private func denseFit(_ cancellation: Cancellation) throws -> Fit? {
    let width = Double(rows.width + 2)
    guard settings.solver == nil, Double(rows.rowCount) * width * width <= StatisticsRequest().smallProblem else {
      return nil
    }
    // Columns without entries, as most buckets of a hash may be, have no part in it.
    let used = rows.order.map { Int($0) }.sorted()
    var own = settings
    own.columnNames = used.map { settings.columnNames.indices.contains($0) ? settings.columnNames[$0] : "\($0 + 1)" }
    let dense = try prepareDense(ColumnSubset(source, columns: used), own, cancellation: cancellation)
    let isIllConditioned =
      switch dense {
      case let problem as LossFit: try problem.isIllConditioned(cancellation: cancellation)
      case let problem as LeastSquares:
        (Cholesky(problem.system(0))?.reciprocalCondition ?? 0) < 1 / LossFit.largestCondition
      default: true
      }
    guard isIllConditioned else { return nil }
    var fit = try dense.fit(Penalty(), start: nil, cancellation: cancellation)
    // It is of the columns in use alone.
    fit.survey = nil
    let found = fit.coefficients
    fit.coefficients = [Double](repeating: 0, count: rows.columnCount * fit.intercepts.count)
    for output in fit.intercepts.indices {
      for (place, column) in used.enumerated() {
        fit.coefficients[output * rows.columnCount + column] = found[output * used.count + place]
      }
    }
    fit.dependencies = fit.dependencies?.map { dependency in
      FitStatistics.Dependency(column: used[dependency.column], others: dependency.others.map { used[$0] })
    }
    return fit
  }

  /// The root mean square of residuals by the root of their mean curvature, where the loss was last evaluated.
  func residualScale(_ loss: SparseLoss) -> Double {
    let outputs = loss.outputs
    var square = CompensatedSum()
    var curvature = CompensatedSum()
    for row in 0..<rows.rowCount where loss.weights.start[row] > 0 {
      let weight = loss.weights.start[row]
      for index in row * outputs..<(row + 1) * outputs {
        square.add(loss.slopes.start[index] * loss.slopes.start[index] / weight)
        let share = loss.curvatures.start[index]
        curvature.add(outputs == 1 ? share : weight * share * (1 - share))
      }
    }
    return curvature.value > 0 ? (square.value / curvature.value).squareRoot() : 0
  }

  func setPoint(_ point: AlignedBuffer, from fit: Fit, _ loss: SparseLoss) {
    let outputs = loss.outputs
    for output in 0..<outputs {
      for (column, source) in rows.order.enumerated() {
        point.start[column * outputs + output] = fit.coefficients[output * rows.columnCount + Int(source)]
      }
      guard settings.intercept else { continue }
      var intercept = CompensatedSum()
      intercept.add(fit.intercepts[output])
      for (column, centre) in zip(loss.centred, loss.centres) {
        intercept.addProduct(point.start[column * outputs + output], centre)
      }
      point.start[rows.width * outputs + output] = intercept.value
    }
  }

  private func makeFit(
    _ loss: SparseLoss, _ point: AlignedBuffer, _ outcome: TruncatedNewton.Outcome,
    _ newton: TruncatedNewton, reference: Double, _ penalty: Penalty, _ cancellation: Cancellation
  ) throws -> Fit {
    var (coefficients, intercepts) = weights(loss, point)
    if loss.outputs > 1 { takeOffMeans(&coefficients, &intercepts) }
    let relative = reference > 0 ? outcome.gradientNorm / reference : 0
    let separation = penalty.isNone ? try separationNote(loss, coefficients, newton, relative, cancellation) : nil
    let converged = relative <= settings.tolerance && separation == nil
    var notes: [String] = []
    if let separation {
      notes.append(separation)
    } else if !converged {
      notes.append(
        "not converged after \(outcome.iterations) iterations: the relative gradient norm is above the tolerance")
    }
    return Fit(
      coefficients: coefficients, intercepts: intercepts, objectiveValue: outcome.value, gradientNorm: relative,
      iterations: outcome.iterations, converged: converged, solver: "sparse truncated newton", notes: notes)
  }

  /// Says that there is no finite minimum, and which columns are why, as `LossFit.separationNote` does of dense rows.
  private func separationNote(
    _ loss: SparseLoss, _ coefficients: [Double], _ newton: TruncatedNewton, _ gradientNorm: Double,
    _ cancellation: Cancellation
  ) throws -> String? {
    guard settings.objective != .linear else { return nil }
    var direction = coefficients
    let isComplete = loss.smallestMargin > 0 && loss.smallestMargin.isFinite
    if !isComplete {
      guard gradientNorm < 1e-4, try newton.nextMove(share: 0.1) > 0.1 else { return nil }
      guard try newton.nextMove(share: 1e-6) > 0.1 else { return nil }
      direction = weights(loss, newton.step).coefficients
    }
    return try separationDiagnosis(of: source, settings, direction: direction, cancellation: cancellation)
      ?? (isComplete ? Separation.completeNote : Separation.unexplainedNote)
  }

  /// Coefficients and intercepts of the source's columns.
  func weights(_ loss: SparseLoss, _ point: AlignedBuffer) -> (coefficients: [Double], intercepts: [Double]) {
    let outputs = loss.outputs
    var coefficients = [Double](repeating: 0, count: rows.columnCount * outputs)
    var intercepts = [Double](repeating: 0, count: outputs)
    for output in 0..<outputs {
      for (column, source) in rows.order.enumerated() {
        coefficients[output * rows.columnCount + Int(source)] = point.start[column * outputs + output]
      }
      guard settings.intercept else { continue }
      var intercept = CompensatedSum()
      intercept.add(point.start[rows.width * outputs + output])
      for (column, centre) in zip(loss.centred, loss.centres) {
        intercept.addProduct(-point.start[column * outputs + output], centre)
      }
      intercepts[output] = intercept.value
    }
    return (coefficients, intercepts)
  }

  /// Takes off what is common to all classes, which changes no probability.
  private func takeOffMeans(_ coefficients: inout [Double], _ intercepts: inout [Double]) {
    let outputs = intercepts.count
    for column in 0..<rows.columnCount {
      let places = (0..<outputs).map { $0 * rows.columnCount + column }
      let common = mean(places.map { coefficients[$0] })
      for place in places { coefficients[place] -= common }
    }
    let common = mean(intercepts)
    for output in intercepts.indices { intercepts[output] -= common }
  }
}
