import Statistics

/// Metrics of predicted numbers. `y` is the target, `p` the prediction, `n` the number of rows.
extension Metric {
  static let regression: [Metric] = [mse, rmse, mae, mape, r2, maxError, poissonDeviance, d2]

  private static let numbers: [AnswerKind: ClassArgument] = [.number: .never, .count: .never]

  /// Σ(y − p)² / n
  private static let mse = Metric("mse", "Mean squared error", .lowerIsBetter, numbers) { rows, _ in
    .mean(squaredErrors(rows))
  }

  /// √(Σ(y − p)² / n)
  private static let rmse = Metric("rmse", "Root of the mean squared error", .lowerIsBetter, numbers) {
    rows, _ in
    .mean(squaredErrors(rows), finish: { $0.squareRoot() })
  }

  /// Σ|y − p| / n
  private static let mae = Metric("mae", "Mean absolute error", .lowerIsBetter, numbers) { rows, _ in
    .mean(errors(rows).map(abs))
  }

  /// Σ|y − p|/|y| / n, a share (0.1 is 10 %). Undefined as soon as one target is zero.
  private static let mape = Metric(
    "mape", "Mean absolute error as a share of the target", .lowerIsBetter, numbers
  ) { rows, _ in
    let targets = rows.targets
    let shares = zip(errors(rows), targets).map { error, target in target == 0 ? 0 : abs(error / target) }
    let mean = Statistic.mean(shares)
    return Statistic(rowCount: rows.rowCount) { weights in
      for row in targets.indices where targets[row] == 0 && weights[row] > 0 {
        return .undefined(because: "a target is zero")
      }
      return mean.value(weights: weights)
    }
  }

  /// 1 − Σ(y − p)² / Σ(y − ȳ)². Undefined where the target is constant.
  private static let r2 = Metric("r2", "Share of the variance that is explained", .higherIsBetter, numbers) {
    rows, _ in
    let targets = rows.targets
    let squared = squaredErrors(rows)
    return Statistic(rowCount: rows.rowCount) { weights in
      var low = Double.infinity
      var high = -Double.infinity
      for row in targets.indices where weights[row] > 0 {
        low = min(low, targets[row])
        high = max(high, targets[row])
      }
      if low >= high { return .undefined(because: "the target is constant") }
      let mean = weightedSum(targets, weights) / weights.reduce(0, +)
      let total = weightedSum(targets.map { ($0 - mean) * ($0 - mean) }, weights)
      return .value(1 - weightedSum(squared, weights) / total)
    }
  }

  /// max |y − p|
  private static let maxError = Metric("max_error", "Largest absolute error", .lowerIsBetter, numbers) {
    rows, _ in
    let sizes = errors(rows).map(abs)
    return Statistic(rowCount: rows.rowCount) { weights in
      var largest = 0.0
      for row in sizes.indices where weights[row] > 0 { largest = max(largest, sizes[row]) }
      return .value(largest)
    }
  }
}

extension Metric {
  /// 2·Σ(y·ln(y/p) − y + p) / n, as scikit-learn's `mean_poisson_deviance`. Undefined where an expected count is 0.
  private static let poissonDeviance = Metric(
    "poisson_deviance", "Mean Poisson deviance of the expected counts", .lowerIsBetter, [.count: .never]
  ) { rows, _ in
    deviance(rows, of: rows.targets, to: rows.predictions)
  }

  /// 1 − deviance / deviance of the mean: the share of the Poisson deviance that is explained, as scikit-learn's
  /// `d2_tweedie_score` of power 1. Undefined where the target is constant.
  private static let d2 = Metric(
    "d2", "Share of the Poisson deviance that is explained", .higherIsBetter, [.count: .never]
  ) { rows, _ in
    let targets = rows.targets
    let own = deviance(rows, of: targets, to: rows.predictions)
    return Statistic(rowCount: rows.rowCount) { weights in
      let mean = weightedSum(targets, weights) / weights.reduce(0, +)
      guard mean > 0 else { return .undefined(because: "every count is 0") }
      let terms = targets.map { devianceTerm($0, mean) }
      let total = weightedSum(terms, weights) / weights.reduce(0, +)
      if !(total > 0) { return .undefined(because: "the target is constant") }
      guard let number = own.value(weights: weights).number else { return own.value(weights: weights) }
      return .value(1 - number / total)
    }
  }

  private static func deviance(_ rows: ScoredRows, of targets: [Double], to predictions: [Double]) -> Statistic {
    let mean = Statistic.mean(zip(targets, predictions).map { devianceTerm($0, $1) })
    return Statistic(rowCount: rows.rowCount) { weights in
      for row in predictions.indices where weights[row] > 0 && !(predictions[row] > 0 && targets[row] >= 0) {
        return .undefined(because: predictions[row] > 0 ? "a count is negative" : "an expected count is 0")
      }
      return mean.value(weights: weights)
    }
  }
}

/// 2·(y·ln(y/p) − y + p), where 0·ln 0 is 0; 0 where it is undefined.
private func devianceTerm(_ target: Double, _ expected: Double) -> Double {
  guard expected > 0, target >= 0 else { return 0 }
  return 2 * ((target > 0 ? target * Elementary.log(target / expected) : 0) - target + expected)
}

private func errors(_ rows: ScoredRows) -> [Double] {
  zip(rows.targets, rows.predictions).map { $0 - $1 }
}

private func squaredErrors(_ rows: ScoredRows) -> [Double] {
  errors(rows).map { $0 * $0 }
}
