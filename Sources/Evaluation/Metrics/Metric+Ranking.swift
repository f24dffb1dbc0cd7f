/// Metrics of the order that scores put rows into.
extension Metric {
  static let ranking: [Metric] = [auc, averagePrecision]

  /// Area under the ROC curve: the probability that a row of the class scores above a row of the rest, ties counting
  /// one half (Mann–Whitney with midranks). Multi-class without a class: the mean over classes, one against the rest.
  private static let auc = Metric(
    "auc", "Area under the ROC curve", .higherIsBetter, [.binary: .optional, .multiClass: .optional]
  ) { rows, classIndex in
    oneVersusRest(rows, classIndex) { groups, weights in
      var below = 0.0
      var positives = 0.0
      var pairs = 0.0
      groups.forEach(weights) { positive, negative in
        pairs += positive * (below + negative / 2)
        below += negative
        positives += positive
      }
      if positives == 0 { return .undefined(because: "no row is of the class") }
      if below == 0 { return .undefined(because: "every row is of the class") }
      return .value(pairs / (positives * below))
    }
  }

  /// Σ (Rₖ − Rₖ₋₁)·Pₖ over the distinct scores from the highest down, as scikit-learn's `average_precision_score` (no
  /// interpolation). Multi-class without a class: the mean over classes, one against the rest.
  private static let averagePrecision = Metric(
    "average_precision", "Area under the precision-recall curve", .higherIsBetter,
    [.binary: .optional, .multiClass: .optional]
  ) { rows, classIndex in
    oneVersusRest(rows, classIndex) { groups, weights in
      // From the lowest score up: what is left at a score is what a cut at that score would select.
      var totals = (positive: 0.0, negative: 0.0)
      groups.forEach(weights) { positive, negative in
        totals.positive += positive
        totals.negative += negative
      }
      if totals.positive == 0 { return .undefined(because: "no row is of the class") }
      var left = totals
      var area = 0.0
      groups.forEach(weights) { positive, negative in
        if positive > 0 { area += positive / totals.positive * (left.positive / (left.positive + left.negative)) }
        left.positive -= positive
        left.negative -= negative
      }
      // Rounding may add up to a hair above 1.
      return .value(min(1, area))
    }
  }
}

/// A ranking statistic of one class, of the positive class of two, or the mean over all classes, undefined where it is
/// undefined for any.
private func oneVersusRest(
  _ rows: ScoredRows, _ classIndex: Int?,
  _ compute: @escaping @Sendable (ScoreGroups, [Double]) -> MetricValue
) -> Statistic {
  let wanted = (classIndex ?? rows.positive).map { [$0] } ?? Array(rows.classes.indices)
  let groups = wanted.map { rows.scoreGroups(of: $0) }
  let names = wanted.map { rows.classes[$0] }
  return Statistic(rowCount: rows.rowCount) { weights in
    var sum = 0.0
    for (groups, name) in zip(groups, names) {
      switch compute(groups, weights) {
      case .value(let value): sum += value
      case .undefined(let reason): return .undefined(because: "\(reason) '\(name)'")
      }
    }
    return .value(sum / Double(names.count))
  }
}
