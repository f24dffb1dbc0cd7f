internal import Basics
internal import LinearAlgebra
internal import Statistics

/// What the passes over a finished fit need of each row: residual, curvature and likelihood, by objective.
struct RowModel: Sendable {
  let objective: Objective
  /// Coefficients of `[1 | Z]`, output after output.
  let point: [Double]
  let outputs: Int
  private let width: Int

  /// The fit's coefficients in the rows' columns: w / scale, and the intercept at the centre.
  init(_ fit: Fit, _ objective: Objective, rows: WeightedRows, centre: [Double], scale: [Double]) {
    self.objective = objective
    outputs = fit.intercepts.count
    width = rows.width
    let columns = centre.count
    var point: [Double] = []
    for output in 0..<outputs {
      let weights = fit.coefficients[output * columns..<(output + 1) * columns]
      if rows.intercept {
        var intercept = CompensatedSum()
        intercept.add(fit.intercepts[output])
        for (weight, centre) in zip(weights, centre) { intercept.addProduct(weight, centre) }
        point.append(intercept.value)
      }
      point += rows.active.map { weights[output * columns + $0] / scale[$0] }
    }
    self.point = point
  }

  /// Linear predictors of a block, with offsets, a column an output.
  func predict(_ block: WeightedRows.Block, into scores: MatrixView) {
    point.withUnsafeBufferPointer { point in
      if width > 0, let start = point.baseAddress {
        RowKernels.scores(block.design, start, stride: width, into: scores)
      } else {
        for output in 0..<outputs { scores.column(output).update(repeating: 0, count: block.rowCount) }
      }
    }
    for output in 0..<outputs {
      let out = scores.column(output)
      for row in 0..<block.rowCount { out[row] += block.offsets[row] }
    }
  }

  /// Sums over rows that do not involve the design.
  struct Sums: Sendable, Hashable {
    var deviance = 0.0
    var logLikelihood = 0.0
    var pearson = 0.0

    mutating func merge(_ later: Sums) {
      deviance += later.deviance
      logLikelihood += later.logLikelihood
      pearson += later.pearson
    }
  }

  /// For one output: from scores, the residual y − mean (into `residuals`) and the variance of the mean's family (over
  /// `scores`), and the sums. Rows of weight 0 add nothing.
  func evaluate(
    _ block: WeightedRows.Block, scores: UnsafeMutablePointer<Double>, residuals: UnsafeMutablePointer<Double>
  ) -> Sums {
    var sums = Sums()
    for row in 0..<block.rowCount {
      let (score, target, weight) = (scores[row], block.targets[row], block.weights[row])
      var variance = 1.0
      var residual = 0.0
      switch objective {
      case .linear:
        residual = target - score
        sums.deviance += weight * residual * residual
      case .logistic, .multinomial:
        let mean = Elementary.logistic(score)
        let rest = Elementary.logistic(-score)
        residual = target > 0.5 ? rest : -mean
        variance = mean * rest
        let loss = Elementary.softplus(target > 0.5 ? -score : score)
        sums.deviance += 2 * weight * loss
        sums.logLikelihood -= weight * loss
      case .poisson:
        let mean = Elementary.exp(score)
        residual = target - mean
        variance = mean
        let logarithm = target > 0 ? target * (Elementary.log(target) - score) : 0
        sums.deviance += 2 * weight * (logarithm - residual)
        sums.logLikelihood += weight * (target * score - mean - logFactorial(target))
      }
      if weight > 0, variance > 0 { sums.pearson += weight * residual * residual / variance }
      residuals[row] = residual
      scores[row] = variance
    }
    return sums
  }

  /// For several outputs: probabilities over `scores`, and the sums.
  func evaluate(_ block: WeightedRows.Block, shares: MatrixView) -> Sums {
    var sums = Sums()
    for row in 0..<block.rowCount {
      let place = max(0, min(outputs - 1, Int(block.targets[row])))
      let own = shares.column(place)[row]
      let total = Elementary.softmax(shares.start + row, count: outputs, stride: shares.leadingDimension)
      sums.logLikelihood -= block.weights[row] * (total - own)
    }
    sums.deviance = -2 * sums.logLikelihood
    return sums
  }
}

/// ln y! for a count, which need not be whole.
func logFactorial(_ count: Double) -> Double {
  if count >= 0, count < 256, count == count.rounded() { return smallLogFactorials[Int(count)] }
  return GammaFunction.logarithm(count + 1)
}

private let smallLogFactorials = (0..<256).map { GammaFunction.logarithm(Double($0) + 1) }
