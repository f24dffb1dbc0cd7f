internal import Basics
internal import Statistics

/// The model of an intercept alone (of offsets alone, without an intercept): what the deviance of a fit is held against.
struct NullModel {
  let rows: WeightedRows
  let settings: FitSettings

  /// Sums at one intercept.
  private struct Sums: Sendable {
    /// Σ v by class; for counts Σ v, Σ v·y.
    var weight = 0.0
    var targets = 0.0
    var classes: [Double] = []
    /// Of the deviance at this intercept, its gradient and curvature.
    var deviance = 0.0
    var gradient = 0.0
    var curvature = 0.0

    mutating func merge(_ later: Sums) {
      weight += later.weight
      targets += later.targets
      deviance += later.deviance
      gradient += later.gradient
      curvature += later.curvature
      for index in classes.indices { classes[index] += later.classes[index] }
    }
  }

  /// Its deviance; that of least squares comes from the survey of the columns.
  func deviance(_ survey: ColumnSurvey, cancellation: Cancellation) throws -> Double {
    if settings.objective == .linear {
      let target = survey.means.count - 1
      return settings.intercept ? survey.spreads[target] : survey.squares[target]
    }
    let start = try sums(at: 0, cancellation: cancellation)
    if settings.objective.outputs > 1 {
      let total = start.weight
      guard settings.intercept else { return 2 * total * Elementary.log(Double(start.classes.count)) }
      return -2 * start.classes.reduce(0) { $0 + ($1 > 0 ? $1 * Elementary.log($1 / total) : 0) }
    }
    if !rows.hasOffsets, settings.objective == .logistic {
      let share = settings.intercept ? start.targets / start.weight : 0.5
      return -2 * start.weight * (share * Elementary.log(share) + (1 - share) * Elementary.log(1 - share))
    }
    guard settings.intercept else { return start.deviance }
    if settings.objective == .poisson {
      // The mean of the counts is that of the exposures times e^b: one step from b = 0 gets there.
      let exposure = start.targets - start.gradient
      return try sums(at: Elementary.log(start.targets / exposure), cancellation: cancellation).deviance
    }
    var intercept = 0.0
    var current = start
    for _ in 0..<100 where current.curvature > 0 {
      let step = max(-2, min(2, current.gradient / current.curvature))
      intercept += step
      current = try sums(at: intercept, cancellation: cancellation)
      if abs(step) <= 1e-12 * max(1, abs(intercept)) { break }
    }
    return current.deviance
  }

  private func sums(at intercept: Double, cancellation: Cancellation) throws -> Sums {
    let objective = settings.objective
    let outputs = objective.outputs
    let reduction = TreeReduction(
      make: { Sums(classes: [Double](repeating: 0, count: outputs > 1 ? outputs : 0)) }, merge: { $0.merge($1) })
    // Without offsets the counts of the classes say it all.
    let isCounted = !rows.hasOffsets && objective != .poisson
    return try reduction.run(count: rows.blocks.count, threads: settings.threads, cancellation: cancellation) {
      index, sums in
      sums = Sums(classes: [Double](repeating: 0, count: sums.classes.count))
      rows.withBlock(index, design: false) { block in
        for row in 0..<block.rowCount {
          let (target, weight) = (block.targets[row], block.weights[row])
          sums.weight += weight
          sums.targets += weight * target
          if outputs > 1 {
            sums.classes[max(0, min(outputs - 1, Int(target)))] += weight
            continue
          }
          if isCounted { continue }
          let score = block.offsets[row] + intercept
          if objective == .poisson {
            let mean = Elementary.exp(score)
            let logarithm = target > 0 ? target * (Elementary.log(target) - score) : 0
            sums.deviance += 2 * weight * (logarithm - (target - mean))
            sums.gradient += weight * (target - mean)
          } else {
            let share = Elementary.logistic(score)
            sums.deviance += 2 * weight * Elementary.softplus(target > 0.5 ? -score : score)
            sums.gradient += weight * (target - share)
            sums.curvature += weight * share * (1 - share)
          }
        }
      }
    }
  }
}
