internal import Basics
internal import Statistics

/// L1 penalties, with or without L2, on sparse rows: a proximal Newton method whose steps come from coordinate descent on
/// the quadratic model of the loss, column by column (G.-X. Yuan, C.-H. Ho, C.-J. Lin, "An improved GLMNET for
/// L1-regularized logistic regression", JMLR 13, 2012).
///
/// - Columns are centred by their mean under the curvatures of the step, which takes the intercept out of the model and
///   costs one number a column: no entry is changed.
/// - A step goes over the columns with a coefficient and those whose slope reaches the penalty; the others are looked at
///   again by the next full gradient.
/// - It has converged when the duality gap, relative to the objective of the model without coefficients, is at most the
///   tolerance. With slopes u of the rows, summing to 0, the dual point is κ·u, κ the largest share that the penalty admits.
///
/// The descent itself is one thread's work, in the order of the columns; gradients and losses are everyone's.
struct SparseProximalNewton {
  private let loss: SparseLoss
  private let columns: SparseColumns
  private let penalty: Penalty
  private let width: Int
  /// By column: gradient and curvature of the loss, weighted sums of entries, and the change of the coefficient.
  private let gradient: AlignedBuffer
  private let diagonal: AlignedBuffer
  private let weighted: AlignedBuffer
  private let change: AlignedBuffer
  /// By row: curvature times the predictor of the change.
  private let curved: AlignedBuffer

  struct Outcome {
    var value: Double
    /// Norm of the smallest subgradient, in units of `scale`.
    var gradientNorm: Double
    /// Relative to the objective of the model without coefficients.
    var dualityGap: Double
    var iterations: Int
  }

  init(_ loss: SparseLoss, _ penalty: Penalty, cancellation: Cancellation) throws {
    self.loss = loss
    self.penalty = penalty
    width = loss.rows.width
    columns = try SparseColumns(loss.rows, cancellation: cancellation)
    gradient = AlignedBuffer(count: loss.dimension)
    diagonal = AlignedBuffer(count: loss.dimension)
    weighted = AlignedBuffer(count: max(1, width))
    change = AlignedBuffer(count: loss.dimension)
    curved = AlignedBuffer(count: loss.rows.rowCount)
  }

  /// Minimises from `point`, where the predictors are, and leaves both at the minimum. `nullValue` is the objective of the
  /// model without coefficients.
  func minimise(
    from point: AlignedBuffer, scale: AlignedBuffer, nullValue: Double, tolerance: Double, maximumIterations: Int,
    maximumSeconds: Double?
  ) throws -> Outcome {
    let watch = Stopwatch()
    var value = try settleIntercept(point) + penaltyValue(point)
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
      let shift = descend(from: point, share: share)
      guard let next = try search(from: point, value: value, shift: shift) else { return outcome }
      value = next
    }
  }

  // MARK: The quadratic model

  /// Coordinate descent on the quadratic model; fills `change` and returns the change of the intercept.
  private func descend(from point: AlignedBuffer, share: Double) -> Double {
    let (l1, l2) = (penalty.l1, penalty.l2)
    let curvatures = loss.curvatures.start
    change.start.update(repeating: 0, count: loss.dimension)
    curved.start.update(repeating: 0, count: loss.rows.rowCount)
    let hasIntercept = loss.hasIntercept && diagonal.start[width] > 0
    let totalCurvature = hasIntercept ? diagonal.start[width] : 1
    let totalSlope = hasIntercept ? gradient.start[width] : 0
    var active: [Int] = []
    for column in 0..<width where diagonal.start[column] > 0 {
      if point.start[column] == 0, abs(gradient.start[column]) < l1 * (1 - 1e-3) { continue }
      active.append(column)
      guard hasIntercept else { continue }
      let sum = columns.product(column, curvatures)
      weighted.start[column] = sum
      diagonal.start[column] = max(diagonal.start[column] - sum * sum / totalCurvature, 1e-10 * diagonal.start[column])
      gradient.start[column] -= sum / totalCurvature * totalSlope
    }
    // Σ over columns of weighted mean · change: what centring takes off every row.
    var centring = 0.0
    var first = 0.0
    var extrapolation = ModelExtrapolation(columnCount: active.count, rowCount: loss.rows.rowCount)
    for pass in 0..<1000 {
      var moved = 0.0
      for column in active {
        let (curvature, weight) = (diagonal.start[column] + l2, point.start[column] + change.start[column])
        var slope = gradient.start[column] + columns.product(column, curved.start) + l2 * weight
        if hasIntercept { slope -= weighted.start[column] * centring }
        let target = softThreshold(weight - slope / curvature, l1 / curvature)
        let step = target - weight
        if step == 0 { continue }
        change.start[column] = target - point.start[column]
        columns.add(column, step, scale: curvatures, to: curved.start)
        if hasIntercept { centring += step * weighted.start[column] / totalCurvature }
        moved += curvature * step * step
      }
      if pass == 0 { first = moved }
      if moved <= share * share * first || moved == 0 { break }
      let iterate = active.map { change.start[$0] }
      guard let other = extrapolation.add(columns: iterate, rows: curved.start) else { continue }
      let current = modelValue(active, iterate, curved.start, from: point)
      if other.rows.withUnsafeBufferPointer({ rows in
        rows.baseAddress.map { modelValue(active, other.columns, $0, from: point) < current } ?? false
      }) {
        for (column, value) in zip(active, other.columns) { change.start[column] = value }
        for row in 0..<loss.rows.rowCount { curved.start[row] = other.rows[row] }
        if hasIntercept { centring = active.reduce(0) { $0 + change.start[$1] * weighted.start[$1] } / totalCurvature }
      }
    }
    return hasIntercept ? -centring - totalSlope / totalCurvature : 0
  }

  /// The quadratic model with its penalties, for the active columns, where their changes make `rows` of the rows.
  private func modelValue(
    _ active: [Int], _ changes: [Double], _ rows: UnsafePointer<Double>, from point: AlignedBuffer
  ) -> Double {
    var value = 0.0
    var centring = 0.0
    for (column, change) in zip(active, changes) {
      let weight = point.start[column] + change
      value += gradient.start[column] * change + penalty.l1 * abs(weight) + penalty.l2 / 2 * weight * weight
      centring += change * weighted.start[column]
    }
    let curvatures = loss.curvatures.start
    var square = 0.0
    for row in 0..<loss.rows.rowCount where curvatures[row] > 0 { square += rows[row] * rows[row] / curvatures[row] }
    if loss.hasIntercept, diagonal.start[width] > 0 { square -= centring * centring / diagonal.start[width] }
    return value + square / 2
  }

  private func softThreshold(_ value: Double, _ threshold: Double) -> Double {
    value > threshold ? value - threshold : value < -threshold ? value + threshold : 0
  }

  /// Goes along `change` until the objective falls enough, and then fits the intercept; nil when it falls nowhere.
  private func search(from point: AlignedBuffer, value: Double, shift: Double) throws -> Double? {
    try loss.setStep(change, shift: shift)
    let old = penaltyValue(point)
    let slope = innerProduct(loss.slopes.start, loss.stepScores.start, loss.rows.rowCount)
    var length = 1.0
    while length > 1e-10 {
      let (lossValue, _) = try loss.evaluate(step: length)
      let penalty = penaltyValue(point, length)
      // The decrease that the slope and the penalty promise (P. Tseng, S. Yun, 2009).
      let promised = length * slope + (penalty - old)
      if lossValue + penalty <= value + 0.01 * min(0, promised) + 4 * value.ulp {
        loss.accept()
        for column in 0..<width { point.start[column] = moved(point, column, length) }
        if loss.hasIntercept { point.start[width] += length * shift }
        return try settleIntercept(point) + penalty
      }
      length /= 2
    }
    return nil
  }

  /// A coefficient at a length along `change`: one that goes to 0 at full length is 0 there.
  private func moved(_ point: AlignedBuffer, _ column: Int, _ length: Double) -> Double {
    let (weight, change) = (point.start[column], change.start[column])
    return length == 1 && change == -weight ? 0 : weight + length * change
  }

  /// Fits the intercept alone, so that the slopes of the rows sum to 0 as the dual asks for; gives the mean loss.
  private func settleIntercept(_ point: AlignedBuffer) throws -> Double {
    var value = try loss.evaluate()
    guard loss.hasIntercept else { return value }
    let slopes = UnsafeBufferPointer(start: loss.slopes.start, count: loss.rows.rowCount)
    let curvatures = UnsafeBufferPointer(start: loss.curvatures.start, count: loss.rows.rowCount)
    for _ in 0..<50 {
      let slope = compensatedSum(slopes)
      let size = slopes.reduce(0) { $0 + abs($1) }
      let curvature = compensatedSum(curvatures)
      if abs(slope) <= 1e-14 * size || !(curvature > 0) { break }
      let step = max(-1, min(1, -slope / curvature))
      loss.shiftScores(by: step)
      point.start[width] += step
      value = try loss.evaluate()
    }
    return value
  }

  // MARK: Values

  private func penaltyValue(_ point: AlignedBuffer, _ length: Double? = nil) -> Double {
    var absolute = 0.0
    var square = 0.0
    for column in 0..<width {
      let weight = length.map { moved(point, column, $0) } ?? point.start[column]
      absolute += abs(weight)
      square += weight * weight
    }
    return penalty.l1 * absolute + penalty.l2 / 2 * square
  }

  /// Primal less dual value, as a sum of terms none of which is negative (Fenchel and Young).
  private func dualityGap(_ point: AlignedBuffer) -> Double {
    let (l1, l2) = (penalty.l1, penalty.l2)
    var largest = 0.0
    for column in 0..<width { largest = max(largest, abs(gradient.start[column])) }
    let admitted = largest > l1 ? l1 / largest : 1
    var gaps: [Double] = []
    for share in l2 > 0 && admitted < 1 ? [1, admitted] : [admitted] {
      var gap = CompensatedSum()
      for column in 0..<width {
        let (weight, slope) = (point.start[column], share * gradient.start[column])
        let excess = l2 > 0 ? max(0, abs(slope) - l1) : 0
        if weight == 0, excess == 0 { continue }
        let conjugate = l2 > 0 ? excess * excess / (2 * l2) : 0
        gap.add(max(0, l1 * abs(weight) + l2 / 2 * weight * weight + conjugate + weight * slope))
      }
      if share < 1 { gap.add(rowGap(share)) }
      gaps.append(gap.value)
    }
    return gaps.min() ?? .infinity
  }

  /// Σ f(z) + f*(κu) − κ·u·z over the rows: what a dual point that was shortened by κ loses.
  private func rowGap(_ share: Double) -> Double {
    guard let kind = loss.loss else { return 0 }
    var sum = CompensatedSum()
    for row in 0..<loss.rows.rowCount where loss.weights.start[row] > 0 {
      sum.add(
        kind.conjugateGap(
          share: share, score: loss.scores.start[row], target: loss.targets.start[row],
          weight: loss.weights.start[row]))
    }
    return sum.value
  }

  private func subgradientNorm(_ point: AlignedBuffer, _ scale: AlignedBuffer) -> Double {
    var sum = 0.0
    for column in 0..<width {
      let weight = point.start[column]
      let slope = gradient.start[column] + penalty.l2 * weight
      let part =
        weight == 0
        ? max(0, abs(slope) - penalty.l1) : weight > 0 ? slope + penalty.l1 : slope - penalty.l1
      sum += part * part / scale.start[column]
    }
    return sum.squareRoot()
  }
}
