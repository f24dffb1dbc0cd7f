internal import Basics
internal import Statistics

/// L1 penalties, with or without L2, on sparse rows: a proximal Newton method whose steps come from coordinate descent on
/// the quadratic model of the loss, column by column (G.-X. Yuan, C.-H. Ho, C.-J. Lin, "An improved GLMNET for
/// L1-regularized logistic regression", JMLR 13, 2012).
///
/// - A step goes over the coefficients that are not 0 and those whose slope reaches the penalty; the others are looked at
///   again by the next full gradient.
/// - Where the objective has one output, columns are centred by their mean under the curvatures of the step, which takes the
///   intercept out of the model and costs one number a column: no entry is changed. Classes have their intercepts fitted
///   together after each round.
/// - It has converged when the duality gap, relative to the objective of the model without coefficients, is at most the
///   tolerance. With slopes u of the rows, summing to 0, the dual point is κ·u, κ the largest share that the penalty admits.
///
/// The descent itself is one thread's work, in the order of the columns; gradients and losses are everyone's. Memory is taken
/// at the start, but for what grows with the number of coefficients in use.
final class SparseProximalNewton {
  let loss: SparseLoss
  let columns: SparseColumns
  let penalty: Penalty
  let outputs: Int
  /// Coefficients: those of a column lie side by side.
  let width: Int
  /// By coefficient: gradient and curvature of the loss, and the change; the former two then one an intercept.
  let gradient: AlignedBuffer
  let diagonal: AlignedBuffer
  let change: AlignedBuffer
  /// The change of each intercept.
  let shift: AlignedBuffer
  /// By column: weighted sums of entries; of several outputs the slopes of the intercepts.
  let weighted: AlignedBuffer
  /// By row and output: the predictors of the change, times the curvature where there is one output.
  let curved: AlignedBuffer
  /// By row: the mean of those predictors under the probabilities. Several outputs.
  let means: AlignedBuffer
  /// Of several outputs: the Hessian of the intercepts, one that is spent, and their slopes.
  var interceptHessian: [Double]
  var spentHessian: [Double]
  var interceptSlopes: [Double]
  /// Columns, ascending, and coefficients that a step goes over.
  var activeColumns: [Int] = []
  var active: [Int] = []
  var extrapolation: ModelExtrapolation
  /// Where an extrapolation began. Several outputs.
  var spare: [Double]

  struct Outcome {
    var value: Double
    /// Norm of the smallest subgradient, in units of `scale`.
    var gradientNorm: Double
    /// Relative to the objective of the model without coefficients.
    var dualityGap: Double
    var iterations: Int
  }

  init(_ loss: SparseLoss, _ columns: SparseColumns, _ penalty: Penalty) {
    self.loss = loss
    self.columns = columns
    self.penalty = penalty
    outputs = loss.outputs
    width = loss.rows.width * outputs
    gradient = AlignedBuffer(count: loss.dimension)
    diagonal = AlignedBuffer(count: loss.dimension)
    change = AlignedBuffer(count: loss.dimension)
    shift = AlignedBuffer(count: outputs)
    weighted = AlignedBuffer(count: outputs == 1 ? width : outputs)
    spare = [Double](repeating: 0, count: outputs == 1 ? 0 : loss.dimension)
    curved = AlignedBuffer(count: loss.rows.rowCount * outputs)
    means = AlignedBuffer(count: outputs == 1 ? 0 : loss.rows.rowCount)
    interceptHessian = [Double](repeating: 0, count: outputs * outputs)
    spentHessian = interceptHessian
    interceptSlopes = [Double](repeating: 0, count: outputs)
    extrapolation = ModelExtrapolation(rowCount: outputs == 1 ? loss.rows.rowCount : 0)
  }

  /// Minimises from `point`, where the predictors are, and leaves both at the minimum. `nullValue` is the objective of the
  /// model without coefficients.
  func minimise(
    from point: AlignedBuffer, scale: AlignedBuffer, nullValue: Double, tolerance: Double, maximumIterations: Int,
    maximumSeconds: Double?
  ) throws -> Outcome {
    let watch = Stopwatch()
    mergeTwins(point)
    var value = try settleIntercepts(point) + penaltyValue(point)
    var outcome = Outcome(value: value, gradientNorm: .infinity, dualityGap: .infinity, iterations: 0)
    var share = 0.1
    while true {
      // Of the loss alone: `loss.l2` is 0 here, and the penalties are added where they are needed.
      try loss.gradient(at: point, into: gradient, diagonal: diagonal)
      let gap = dualityGap(point) / max(abs(nullValue), .leastNormalMagnitude)
      if gap > 0.1 * outcome.dualityGap { share = max(1e-6, share / 10) }
      outcome.value = value
      outcome.dualityGap = gap
      outcome.gradientNorm = subgradientNorm(point, scale)
      if gap <= tolerance || outcome.iterations >= maximumIterations { return outcome }
      if let maximumSeconds, watch.seconds > maximumSeconds { return outcome }
      outcome.iterations += 1
      chooseActive(point)
      change.start.update(repeating: 0, count: loss.dimension)
      shift.start.update(repeating: 0, count: outputs)
      curved.start.update(repeating: 0, count: loss.rows.rowCount * outputs)
      if outputs == 1 {
        try descend(from: point, share: share)
      } else {
        try descendClasses(from: point, share: share)
      }
      guard let next = try search(from: point, value: value) else { return outcome }
      value = next
    }
  }

  /// The weight of columns with the same entries goes to the first of them: predictors stay as they are.
  private func mergeTwins(_ point: AlignedBuffer) {
    for (column, twin) in columns.twins.enumerated() where twin >= 0 {
      for output in 0..<outputs {
        point.start[twin * outputs + output] += point.start[column * outputs + output]
        point.start[column * outputs + output] = 0
      }
    }
  }

  /// The coefficients that a step goes over, and their columns.
  private func chooseActive(_ point: AlignedBuffer) {
    active.removeAll(keepingCapacity: true)
    activeColumns.removeAll(keepingCapacity: true)
    for index in 0..<width where diagonal.start[index] > 0 {
      if !columns.twins.isEmpty, columns.twins[index / outputs] >= 0 { continue }
      if point.start[index] == 0, abs(gradient.start[index]) < penalty.l1 * (1 - 1e-3) { continue }
      active.append(index)
      if activeColumns.last != index / outputs { activeColumns.append(index / outputs) }
    }
  }

  /// The weight of a coefficient that minimises the model, or 0 where its pull exceeds the penalty by rounding alone: where
  /// columns depend on each other, one may take all and leave the others with a pull of just the penalty.
  func target(of weight: Double, slope: Double, curvature: Double) -> Double {
    if abs(curvature * weight - slope) <= penalty.l1 * (1 + 1e-10) { return 0 }
    return softThreshold(weight - slope / curvature, penalty.l1 / curvature)
  }

  private func softThreshold(_ value: Double, _ threshold: Double) -> Double {
    value > threshold ? value - threshold : value < -threshold ? value + threshold : 0
  }

  /// Goes along `change` and `shift` until the objective falls enough, and then fits the intercepts; nil when it falls
  /// nowhere.
  private func search(from point: AlignedBuffer, value: Double) throws -> Double? {
    try loss.setStep(change, shift: shift)
    let old = penaltyValue(point)
    let slope = innerProduct(loss.slopes.start, loss.stepScores.start, loss.rows.rowCount * outputs)
    var length = 1.0
    while length > 1e-10 {
      let (lossValue, _) = try loss.evaluate(step: length)
      let penalty = penaltyValue(point, length)
      // The decrease that the slope and the penalty promise (P. Tseng, S. Yun, 2009).
      let promised = length * slope + (penalty - old)
      if lossValue + penalty <= value + 0.01 * min(0, promised) + 4 * value.ulp {
        loss.accept()
        for index in 0..<width { point.start[index] = moved(point, index, length) }
        if loss.hasIntercept {
          for output in 0..<outputs { point.start[width + output] += length * shift.start[output] }
        }
        return try settleIntercepts(point) + penalty
      }
      length /= 2
    }
    return nil
  }

  /// A coefficient at a length along `change`: one that goes to 0 at full length is 0 there.
  private func moved(_ point: AlignedBuffer, _ index: Int, _ length: Double) -> Double {
    let (weight, change) = (point.start[index], change.start[index])
    return length == 1 && change == -weight ? 0 : weight + length * change
  }

  private func penaltyValue(_ point: AlignedBuffer, _ length: Double? = nil) -> Double {
    var absolute = 0.0
    var square = 0.0
    for index in 0..<width {
      let weight = length.map { moved(point, index, $0) } ?? point.start[index]
      absolute += abs(weight)
      square += weight * weight
    }
    return penalty.l1 * absolute + penalty.l2 / 2 * square
  }
}
