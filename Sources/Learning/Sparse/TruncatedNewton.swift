internal import Basics

/// Newton's method whose steps come from preconditioned conjugate gradients, cut off early, with a search along each.
///
/// - The preconditioner is a block of the Hessian, `HotBlock`, and its diagonal (C.-Y. Hsia, W.-L. Chiang, C.-J. Lin,
///   "Preconditioned conjugate gradient methods in truncated Newton frameworks for large-scale linear classification",
///   ACML 2018, have the diagonal alone).
/// - The inner iteration stops when the residual, measured by the preconditioner, is a share of the gradient that falls with
///   the gradient (S. Eisenstat, H. Walker, 1996), and never below what the stopping rule asks for.
/// - The predictors of a step are a sum of those of its directions, so the search along it reads no row: the loss at any
///   length takes one exponential a row. It takes the unit step unless the slope there says that another is much better
///   (C.-Y. Hsia, Y. Zhu, C.-J. Lin, "A study on trust region update rules in Newton methods for large-scale linear
///   classification", ACML 2017, on why a search serves these losses as well as a trust region).
///
/// Each inner iteration reads the rows once, each outer one once more. No iteration allocates.
struct TruncatedNewton {
  private let loss: SparseLoss
  private let hotBlock: HotBlock
  private let gradient: AlignedBuffer
  private let diagonal: AlignedBuffer
  /// The step last solved for.
  let step: AlignedBuffer
  private let residual: AlignedBuffer
  private let direction: AlignedBuffer
  private let product: AlignedBuffer
  private var dimension: Int { loss.dimension }

  /// Where the method stopped.
  struct Outcome {
    var value: Double
    /// Norm of the gradient, in units of `scale`.
    var gradientNorm: Double
    var iterations: Int
    var innerIterations: Int
  }

  init(_ loss: SparseLoss) {
    self.loss = loss
    hotBlock = HotBlock(loss)
    func buffer() -> AlignedBuffer { AlignedBuffer(count: loss.dimension) }
    (gradient, diagonal, step) = (buffer(), buffer(), buffer())
    (residual, direction, product) = (buffer(), buffer(), buffer())
  }

  /// The norm of the gradient at `point`, where the predictors are, each element divided by the root of the curvature
  /// there, which is written to `scale`: in columns of unit curvature.
  func reference(at point: AlignedBuffer, scale: AlignedBuffer) throws -> Double {
    _ = try loss.evaluate()
    try loss.gradient(at: point, into: gradient, diagonal: scale)
    // A column of zeros has no curvature without a penalty, and no slope either.
    for index in 0..<dimension where !(scale.start[index] > 0) { scale.start[index] = 1 }
    return norm(gradient, scale)
  }

  /// Minimises from `point`, where the predictors are, and leaves both at the minimum. `isReference` says that `reference`
  /// was called here and nothing since.
  func minimise(
    from point: AlignedBuffer, isReference: Bool, scale: AlignedBuffer, target: Double, maximumIterations: Int,
    maximumSeconds: Double?, isUnbounded: (_ value: Double) -> Bool
  ) throws -> Outcome {
    let watch = Stopwatch()
    var penalty = penaltyValue(point)
    var value = try loss.evaluate() + penalty
    var outcome = Outcome(value: value, gradientNorm: .infinity, iterations: 0, innerIterations: 0)
    var first = Double.nan
    if isReference { diagonal.start.update(from: scale.start, count: dimension) }
    while true {
      if !isReference || outcome.iterations > 0 {
        try loss.gradient(at: point, into: gradient, diagonal: diagonal)
      }
      outcome.gradientNorm = norm(gradient, scale)
      outcome.value = value
      if first.isNaN { first = outcome.gradientNorm }
      if outcome.gradientNorm <= target || isUnbounded(value) { return outcome }
      if outcome.iterations >= maximumIterations { return outcome }
      if let maximumSeconds, watch.seconds > maximumSeconds { return outcome }
      let relative = outcome.gradientNorm / first
      // A quadratic function is minimised by one step that is solved far enough.
      let early = loss.loss == .squared ? 0 : min(0.1, relative.squareRoot())
      var share = max(early, min(0.1, 0.3 * target / outcome.gradientNorm))
      // The last step goes all the way.
      if share * outcome.gradientNorm < 100 * target { share = min(0.1, 0.3 * target / outcome.gradientNorm) }
      outcome.innerIterations += try solve(share: share)
      outcome.iterations += 1
      guard let moved = try search(from: point, value: value, penalty: penalty) else { return outcome }
      (value, penalty) = moved
    }
  }

  /// How far the step that would come next moves the score of any row, where `minimise` ended. `share` is how much of the
  /// gradient the step may leave.
  func nextMove(share: Double) throws -> Double {
    _ = try solve(share: share)
    var largest = 0.0
    let scores = loss.stepScores.start
    for row in 0..<loss.rows.rowCount where loss.weights.start[row] > 0 {
      let first = scores[row * loss.outputs]
      var (low, high) = loss.outputs == 1 ? (0, 0) : (first, first)
      for place in row * loss.outputs..<(row + 1) * loss.outputs {
        low = min(low, scores[place])
        high = max(high, scores[place])
      }
      largest = max(largest, high - low)
    }
    return largest
  }

  /// Conjugate gradients for H·step = −gradient, until the residual is `share` of the gradient. Returns the iterations.
  private func solve(share: Double) throws -> Int {
    for index in 0..<dimension {
      if !(diagonal.start[index] > 0) { diagonal.start[index] = 1 }
      step.start[index] = 0
      residual.start[index] = -gradient.start[index]
    }
    try hotBlock.update()
    hotBlock.solve(residual, diagonal: diagonal, into: direction)
    var square = innerProduct(residual.start, direction.start, dimension)
    let limit = share * share * square
    loss.beginStep()
    var iterations = 0
    while iterations < 10_000, square > limit {
      let curvature = try loss.product(with: direction, into: product)
      iterations += 1
      guard curvature > 0 else { break }
      let length = square / curvature
      loss.extendStep(by: length)
      add(length, direction, to: step)
      add(-length, product, to: residual)
      hotBlock.solve(residual, diagonal: diagonal, into: product)
      let next = innerProduct(residual.start, product.start, dimension)
      let ratio = next / square
      for index in 0..<dimension { direction.start[index] = product.start[index] + ratio * direction.start[index] }
      square = next
    }
    return iterations
  }

  private func add(_ factor: Double, _ vector: AlignedBuffer, to sum: AlignedBuffer) {
    let (vector, sum) = (vector.start, sum.start)
    for index in 0..<dimension { sum[index] += factor * vector[index] }
  }

  /// Goes along the step to a point that is lower; nil when rounding hides any descent. Leaves predictors and derivatives
  /// there.
  private func search(
    from point: AlignedBuffer, value: Double, penalty: Double
  ) throws -> (value: Double, penalty: Double)? {
    let width = loss.rows.width * loss.outputs
    let slope = innerProduct(gradient.start, step.start, dimension)
    guard slope < 0 else { return nil }
    // The penalty along the step is a parabola.
    let linear = loss.l2 * innerProduct(point.start, step.start, width)
    let square = loss.l2 * innerProduct(step.start, step.start, width)
    var length = 1.0
    var (low, high) = (0.0, Double.infinity)
    var best: (length: Double, value: Double, penalty: Double)?
    for _ in 0..<60 {
      let (lossValue, lossSlope) = try loss.evaluate(step: length)
      let newPenalty = penalty + length * linear + length * length / 2 * square
      let newValue = lossValue + newPenalty
      let newSlope = lossSlope + linear + length * square
      let descends = newValue <= value + 1e-4 * length * slope + 4 * value.ulp
      if descends, abs(newSlope) <= 0.5 * abs(slope) || newValue.isFinite && high - low < 1e-3 * length {
        best = (length, newValue, newPenalty)
        break
      }
      if descends, newSlope < 0 {
        low = length
        best = (length, newValue, newPenalty)
      } else {
        high = length
      }
      // The secant of the slopes where it lies within the bracket, and a safe share otherwise.
      let secant = newSlope.isFinite ? length * slope / (slope - newSlope) : .nan
      if high.isFinite {
        let width = high - low
        let isInside = secant > low + 0.1 * width && secant < high - 0.1 * width
        length = isInside ? secant : low + (newValue.isFinite ? 0.5 : 0.1) * width
      } else {
        length = secant > 1.5 * length ? min(secant, 10 * length) : 2 * length
      }
      if length < 1e-12 { break }
    }
    guard let best else { return nil }
    if best.length != length { _ = try loss.evaluate(step: best.length) }
    loss.accept()
    for index in 0..<dimension { point.start[index] += best.length * step.start[index] }
    return (best.value, best.penalty)
  }

  private func penaltyValue(_ point: AlignedBuffer) -> Double {
    loss.l2 / 2 * innerProduct(point.start, point.start, loss.rows.width * loss.outputs)
  }

  private func norm(_ gradient: AlignedBuffer, _ scale: AlignedBuffer) -> Double {
    var sum = 0.0
    for index in 0..<dimension { sum += gradient.start[index] * gradient.start[index] / scale.start[index] }
    return sum.squareRoot()
  }
}
