/// Metrics of predicted numbers. `y` is the target, `p` the prediction, `n` the number of rows.
extension Metric {
  static let regression: [Metric] = [mse, rmse, mae, mape, r2, maxError]

  /// Σ(y − p)² / n
  private static let mse = Metric("mse", "Mean squared error", .lowerIsBetter, [.number: .never]) { rows, _ in
    .mean(squaredErrors(rows))
  }

  /// √(Σ(y − p)² / n)
  private static let rmse = Metric("rmse", "Root of the mean squared error", .lowerIsBetter, [.number: .never]) {
    rows, _ in
    .mean(squaredErrors(rows), finish: { $0.squareRoot() })
  }

  /// Σ|y − p| / n
  private static let mae = Metric("mae", "Mean absolute error", .lowerIsBetter, [.number: .never]) { rows, _ in
    .mean(errors(rows).map(abs))
  }

  /// Σ|y − p|/|y| / n, a share (0.1 is 10 %). Undefined as soon as one target is zero.
  private static let mape = Metric(
    "mape", "Mean absolute error as a share of the target", .lowerIsBetter, [.number: .never]
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
  private static let r2 = Metric("r2", "Share of the variance that is explained", .higherIsBetter, [.number: .never]) {
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
  private static let maxError = Metric("max_error", "Largest absolute error", .lowerIsBetter, [.number: .never]) {
    rows, _ in
    let sizes = errors(rows).map(abs)
    return Statistic(rowCount: rows.rowCount) { weights in
      var largest = 0.0
      for row in sizes.indices where weights[row] > 0 { largest = max(largest, sizes[row]) }
      return .value(largest)
    }
  }
}

private func errors(_ rows: ScoredRows) -> [Double] {
  zip(rows.targets, rows.predictions).map { $0 - $1 }
}

private func squaredErrors(_ rows: ScoredRows) -> [Double] {
  errors(rows).map { $0 * $0 }
}
