internal import Basics
internal import Statistics

extension SparseProblem {
  /// The largest gradient of a column at the model without coefficients.
  func largestL1(cancellation: Cancellation) throws -> Double {
    let loss = try SparseLoss(rows, source: source, settings, centres: false, cancellation: cancellation)
    let point = AlignedBuffer(count: loss.dimension)
    let gradient = AlignedBuffer(count: loss.dimension)
    let diagonal = AlignedBuffer(count: loss.dimension)
    try loss.setNull(point)
    _ = try loss.evaluate()
    try loss.gradient(at: point, into: gradient, diagonal: diagonal)
    return (0..<rows.width * loss.outputs).reduce(0) { max($0, abs(gradient.start[$1])) }
  }

  /// The fit with an L1 penalty.
  func proximalFit(_ penalty: Penalty, start: Fit?, cancellation: Cancellation) throws -> Fit {
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
    let columns = try SparseColumns(
      rows, bytes: max(settings.memory - rows.keptBytes, SparseColumns.leastBytes),
      findsTwins: penalty.l2 == 0, cancellation: cancellation)
    let outcome = try SparseProximalNewton(loss, columns, penalty).minimise(
      from: point, scale: scale, nullValue: nullValue, tolerance: settings.tolerance,
      maximumIterations: settings.maximumIterations, maximumSeconds: settings.maximumSeconds)
    let (coefficients, found) = weights(loss, point)
    var intercepts = found
    // The penalty fixes the coefficients; what is common to all intercepts changes no probability.
    if loss.outputs > 1 { intercepts = found.map { $0 - mean(found) } }
    let converged = outcome.dualityGap <= settings.tolerance
    return Fit(
      coefficients: coefficients, intercepts: intercepts, objectiveValue: outcome.value,
      gradientNorm: reference > 0 ? outcome.gradientNorm / reference : 0, dualityGap: outcome.dualityGap,
      iterations: outcome.iterations, converged: converged, solver: "sparse proximal newton",
      notes: converged
        ? [] : ["not converged after \(outcome.iterations) iterations: the duality gap is above the tolerance"])
  }
}
