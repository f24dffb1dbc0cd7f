import Statistics

/// Metrics of predicted probabilities.
extension Metric {
  static let probability: [Metric] = [logLoss, brier]

  /// −Σ log p(true class) / n, natural logarithm. Probabilities are held within [ε, 1 − ε], ε = 2⁻⁵², as scikit-learn does
  /// from 1.5 on for doubles; they are not scaled to sum to one again. A class unknown to the model had probability 0.
  private static let logLoss = Metric(
    "log_loss", "Mean negative log of the probability given to the true class", .lowerIsBetter,
    [.binary: .never, .multiClass: .never]
  ) { rows, _ in
    let width = rows.classes.count
    let losses = rows.targetClasses.enumerated().map { row, target in
      let probability = target < 0 ? 0 : rows.predictions[row * width + target]
      return -Elementary.log(min(max(probability, .ulpOfOne), 1 - .ulpOfOne))
    }
    return .mean(losses)
  }

  /// Binary: Σ(p(positive) − y)² / n. Multi-class: Σ over classes of (p(class) − y(class))², mean over rows, as scikit-learn
  /// from 1.7 on; from 0 to 2. A class unknown to the model counts as a squared error of 1 beside those of the known ones.
  private static let brier = Metric(
    "brier", "Mean squared error of the probabilities", .lowerIsBetter, [.binary: .never, .multiClass: .never]
  ) { rows, _ in
    let width = rows.classes.count
    let losses = rows.targetClasses.enumerated().map { row, target in
      if let positive = rows.positive, target >= 0 {
        let error = rows.predictions[row * width + positive] - (target == positive ? 1 : 0)
        return error * error
      }
      var loss = target < 0 ? 1.0 : 0.0
      for index in 0..<width {
        let error = rows.predictions[row * width + index] - (target == index ? 1 : 0)
        loss += error * error
      }
      return rows.kind == .binary ? loss / 2 : loss
    }
    return .mean(losses)
  }
}
