/// Metrics of the class that the model settled on. All come from the confusion matrix; `tp`, `fp`, `fn` are of one
/// class.
extension Metric {
  static let decision: [Metric] = [accuracy, balancedAccuracy, precision, recall, f1, mcc]

  private static let bothKinds: [AnswerKind: ClassArgument] = [.binary: .never, .multiClass: .never]
  private static let ofOneClass: [AnswerKind: ClassArgument] = [.binary: .optional, .multiClass: .required]

  /// Rows given their true class / rows.
  private static let accuracy = Metric(
    "accuracy", "Share of rows given their true class", .higherIsBetter, bothKinds,
    trials: { rows, _ in rows.weights?.reduce(0, +) ?? Double(rows.rowCount) }
  ) { rows, _ in
    .mean(zip(rows.targetClasses, rows.decisions).map { $0 == $1 ? 1 : 0 })
  }

  /// The mean recall over the classes that occur, as scikit-learn's `balanced_accuracy_score`.
  private static let balancedAccuracy = Metric(
    "balanced_accuracy", "Mean recall of the classes that occur", .higherIsBetter, bothKinds
  ) { rows, _ in
    fromMatrix(rows) { matrix in
      let recalls = matrix.classes.indices.compactMap { matrix.recall($0).number }
      if recalls.isEmpty { return .undefined(because: "no row is of a class that the model knows") }
      if recalls.count == 1 { return .undefined(because: "all rows are of one class") }
      return .value(recalls.reduce(0, +) / Double(recalls.count))
    }
  }

  /// tp / (tp + fp)
  private static let precision = Metric(
    "precision", "Share of the rows predicted as the class that are of it", .higherIsBetter, ofOneClass,
    trials: { rows, classIndex in classIndex.map { ConfusionMatrix(rows).predicted($0) } ?? 0 }
  ) { rows, classIndex in ofClass(rows, classIndex) { $0.precision($1) } }

  /// tp / (tp + fn)
  private static let recall = Metric(
    "recall", "Share of the rows of the class that were predicted as it", .higherIsBetter, ofOneClass,
    trials: { rows, classIndex in classIndex.map { ConfusionMatrix(rows).support($0) } ?? 0 }
  ) { rows, classIndex in ofClass(rows, classIndex) { $0.recall($1) } }

  /// 2·tp / (2·tp + fp + fn), the harmonic mean of precision and recall.
  private static let f1 = Metric("f1", "Harmonic mean of precision and recall", .higherIsBetter, ofOneClass) {
    rows, classIndex in ofClass(rows, classIndex) { $0.f1($1) }
  }

  /// Matthews' correlation coefficient; undefined where all rows are of one class or were given one.
  private static let mcc = Metric("mcc", "Matthews' correlation coefficient", .higherIsBetter, bothKinds) { rows, _ in
    fromMatrix(rows) { $0.matthews }
  }
}

/// A statistic of the confusion matrix.
func fromMatrix(
  _ rows: ScoredRows, _ compute: @escaping @Sendable (ConfusionMatrix) -> MetricValue
) -> Statistic {
  Statistic(rowCount: rows.rowCount) { weights in compute(ConfusionMatrix(rows, weights: weights)) }
}

private func ofClass(
  _ rows: ScoredRows, _ classIndex: Int?, _ compute: @escaping @Sendable (ConfusionMatrix, Int) -> MetricValue
) -> Statistic {
  guard let index = classIndex ?? rows.positive else { return .undefined(rows, because: "no class was named") }
  return fromMatrix(rows) { compute($0, index) }
}
