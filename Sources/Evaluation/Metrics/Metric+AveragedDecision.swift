/// Precision, recall and F1 averaged over the classes: `macro_` counts each class alike, `weighted_` by its rows.
extension Metric {
  static let averagedDecision: [Metric] = [
    average("precision", "precision of the classes", { $0.precision($1) }),
    average("recall", "recall of the classes", { $0.recall($1) }),
    average("f1", "F1 of the classes", { $0.f1($1) }),
  ].flatMap { $0 }

  /// The two means of a class metric. The macro mean is undefined where any class is; the weighted mean where any class that
  /// has rows is. (scikit-learn counts such a class as 0.)
  private static func average(
    _ name: String, _ words: String, _ ofClass: @escaping @Sendable (ConfusionMatrix, Int) -> MetricValue
  ) -> [Metric] {
    let kinds: [AnswerKind: ClassArgument] = [.binary: .never, .multiClass: .never]
    return [
      Metric("macro_\(name)", "Mean \(words), each class alike", .higherIsBetter, kinds) { rows, _ in
        fromMatrix(rows) { matrix in weightedMean(matrix, { _ in 1 }, ofClass) }
      },
      Metric("weighted_\(name)", "Mean \(words), by the rows of each class", .higherIsBetter, kinds) { rows, _ in
        fromMatrix(rows) { matrix in weightedMean(matrix, { matrix.support($0) }, ofClass) }
      },
    ]
  }
}

private func weightedMean(
  _ matrix: ConfusionMatrix, _ weight: (Int) -> Double, _ ofClass: (ConfusionMatrix, Int) -> MetricValue
) -> MetricValue {
  var sum = 0.0
  var total = 0.0
  for index in matrix.classes.indices where weight(index) > 0 {
    guard let value = ofClass(matrix, index).number else { return ofClass(matrix, index) }
    sum += weight(index) * value
    total += weight(index)
  }
  return total == 0 ? .undefined(because: "no row is of a class that the model knows") : .value(sum / total)
}
