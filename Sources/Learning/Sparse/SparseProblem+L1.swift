internal import Basics

extension SparseProblem {
  /// The largest gradient of a column at the model without coefficients.
  func largestL1(cancellation: Cancellation) throws -> Double {
    try refuseSeveralOutputs()
    let loss = try SparseLoss(rows, source: source, settings, centres: false, cancellation: cancellation)
    let point = AlignedBuffer(count: loss.dimension)
    let gradient = AlignedBuffer(count: loss.dimension)
    let diagonal = AlignedBuffer(count: loss.dimension)
    try loss.setNull(point)
    _ = try loss.evaluate()
    try loss.gradient(at: point, into: gradient, diagonal: diagonal)
    return (0..<rows.width).reduce(0) { max($0, abs(gradient.start[$1])) }
  }

  private func refuseSeveralOutputs() throws {
    if settings.objective.outputs > 1 {
      throw LearningError.invalidSetting(
        "an l1 penalty is not supported for a multinomial model with hashed, sparse or more than 1,000 one-hot columns")
    }
  }

  /// The fit with an L1 penalty.
  func proximalFit(_ penalty: Penalty, start: Fit?, cancellation: Cancellation) throws -> Fit {
    try refuseSeveralOutputs()
    let loss = try SparseLoss(rows, source: source, settings, centres: false, cancellation: cancellation)
    let point = AlignedBuffer(count: loss.dimension)
    let scale = AlignedBuffer(count: loss.dimension)
    try loss.setNull(point)
    let nullNorm = try TruncatedNewton(loss).reference(at: point, scale: scale)
    let reference = max(nullNorm, 1e-4 * residualScale(loss))
    let nullValue = try loss.evaluate()
    if let start {
      setPoint(point, from: start, loss)
      try loss.place(at: point)
    }
    let outcome = try SparseProximalNewton(loss, penalty, cancellation: cancellation).minimise(
      from: point, scale: scale, nullValue: nullValue, tolerance: settings.tolerance,
      maximumIterations: settings.maximumIterations, maximumSeconds: settings.maximumSeconds)
    let (coefficients, intercepts) = weights(loss, point)
    let converged = outcome.dualityGap <= settings.tolerance
    return Fit(
      coefficients: coefficients, intercepts: intercepts, objectiveValue: outcome.value,
      gradientNorm: reference > 0 ? outcome.gradientNorm / reference : 0, dualityGap: outcome.dualityGap,
      iterations: outcome.iterations, converged: converged, solver: "sparse proximal newton",
      notes: converged
        ? [] : ["not converged after \(outcome.iterations) iterations: the duality gap is above the tolerance"])
  }
}
