/// What a model answers with, and so which metrics can judge it.
package enum AnswerKind: String, Sendable, Hashable, CaseIterable {
  /// A number: regression.
  case number
  /// The expected number of events: regression of counts.
  case count
  /// One of two classes.
  case binary
  /// One of three or more classes.
  case multiClass = "multi-class"
}

/// The truth and a model's answer for some rows: all that a metric sees.
package struct ScoredRows: Sendable {
  package let kind: AnswerKind
  /// The true numbers; empty for classes.
  package let targets: [Double]
  /// The true classes as indices into `classes`, -1 for a class that the model does not know; empty for numbers.
  package let targetClasses: [Int]
  /// The predicted numbers, or the class probabilities row by row: `rowCount × classes.count`.
  package let predictions: [Double]
  /// The predicted classes as indices into `classes`; empty for numbers.
  package let decisions: [Int]
  package let classes: [String]
  /// Which of two classes counts as positive; nil unless `kind` is `binary`.
  package let positive: Int?
  /// How much each row counts, 0 or more; nil where all count alike.
  package let weights: [Double]?
  let knownGroups = KnownGroups()

  /// Whether the answers are numbers rather than classes.
  package var hasNumbers: Bool { kind == .number || kind == .count }

  package var rowCount: Int { hasNumbers ? targets.count : targetClasses.count }

  /// Rows of a regression, of counts where `ofCounts`. All arrays have one element a row.
  package init(targets: [Double], predictions: [Double], ofCounts: Bool = false, weights: [Double]? = nil) {
    precondition(targets.count == predictions.count, "one prediction a row")
    precondition(weights.map { $0.count == targets.count } ?? true, "one weight a row")
    kind = ofCounts ? .count : .number
    self.weights = weights
    self.targets = targets
    self.predictions = predictions
    targetClasses = []
    decisions = []
    classes = []
    positive = nil
  }

  /// Rows of a classification.
  ///
  /// - Parameters:
  ///   - classes: at least two names; two make it binary.
  ///   - targets: indices into `classes`, or -1 for a class that the model does not know.
  ///   - probabilities: row by row, `targets.count × classes.count`.
  ///   - decisions: the class that the model settled on for each row; when nil the most probable one, the first of
  ///     several.
  ///   - positive: the positive class of two; the last one when nil.
  ///   - weights: how much each row counts.
  package init(
    classes: [String], targets: [Int], probabilities: [Double], decisions: [Int]? = nil, positive: Int? = nil,
    weights: [Double]? = nil
  ) {
    precondition(weights.map { $0.count == targets.count } ?? true, "one weight a row")
    self.weights = weights
    precondition(classes.count >= 2, "a classification has at least two classes")
    precondition(probabilities.count == targets.count * classes.count, "one probability a row and class")
    precondition(targets.allSatisfy { $0 >= -1 && $0 < classes.count }, "a target is an index into the classes")
    kind = classes.count == 2 ? .binary : .multiClass
    self.targets = []
    targetClasses = targets
    predictions = probabilities
    self.decisions = decisions ?? mostProbable(probabilities, classCount: classes.count)
    precondition(self.decisions.count == targets.count, "one decision a row")
    self.classes = classes
    self.positive = classes.count == 2 ? positive ?? 1 : nil
  }

  /// The rows where `mask` is true, in order. `mask` has one element a row.
  package func selecting(_ mask: [Bool]) -> ScoredRows {
    precondition(mask.count == rowCount, "one mask element a row")
    let rows = mask.indices.filter { mask[$0] }
    let chosenWeights = weights.map { weights in rows.map { weights[$0] } }
    switch kind {
    case .number, .count:
      return ScoredRows(
        targets: rows.map { targets[$0] }, predictions: rows.map { predictions[$0] }, ofCounts: kind == .count,
        weights: chosenWeights)
    case .binary, .multiClass:
      let width = classes.count
      return ScoredRows(
        classes: classes, targets: rows.map { targetClasses[$0] },
        probabilities: rows.flatMap { predictions[$0 * width..<($0 + 1) * width] },
        decisions: rows.map { decisions[$0] }, positive: positive, weights: chosenWeights)
    }
  }

  /// The predicted probability of one class, row by row.
  package func probabilities(of classIndex: Int) -> [Double] {
    (0..<rowCount).map { predictions[$0 * classes.count + classIndex] }
  }
}

private func mostProbable(_ probabilities: [Double], classCount: Int) -> [Int] {
  stride(from: 0, to: probabilities.count, by: classCount).map { start in
    var best = 0
    for index in 1..<classCount where probabilities[start + index] > probabilities[start + best] { best = index }
    return best
  }
}
