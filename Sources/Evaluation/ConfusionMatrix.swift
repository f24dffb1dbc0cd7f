/// How often rows of each true class were given each predicted class.
package struct ConfusionMatrix: Sendable, Hashable {
  package let classes: [String]
  /// Row by row: `counts[true × classes.count + predicted]`, whole numbers unless rows are weighted.
  package private(set) var counts: [Double]
  /// Rows by predicted class whose true class the model does not know.
  package private(set) var unknown: [Double]

  /// The matrix of `rows`, which are of classes, each counted with its weight. O(rows).
  package init(_ rows: ScoredRows) {
    self.init(rows, weights: rows.weights ?? [Double](repeating: 1, count: rows.rowCount))
  }

  init(_ rows: ScoredRows, weights: [Double]) {
    classes = rows.classes
    counts = [Double](repeating: 0, count: classes.count * classes.count)
    unknown = [Double](repeating: 0, count: classes.count)
    for (row, weight) in weights.enumerated() {
      let target = rows.targetClasses[row]
      let decision = rows.decisions[row]
      if target < 0 { unknown[decision] += weight } else { counts[target * classes.count + decision] += weight }
    }
  }

  package subscript(true target: Int, predicted decision: Int) -> Double { counts[target * classes.count + decision] }

  package var total: Double { counts.reduce(0, +) + unknown.reduce(0, +) }

  /// Rows that were given their true class.
  package var hits: Double { classes.indices.reduce(0) { $0 + self[true: $1, predicted: $1] } }

  /// Rows whose true class is `index`.
  package func support(_ index: Int) -> Double {
    classes.indices.reduce(0) { $0 + self[true: index, predicted: $1] }
  }

  /// Rows that were given class `index`.
  package func predicted(_ index: Int) -> Double {
    classes.indices.reduce(unknown[index]) { $0 + self[true: $1, predicted: index] }
  }

  /// tp / (tp + fp)
  func precision(_ index: Int) -> MetricValue {
    let divisor = predicted(index)
    if divisor == 0 { return .undefined(because: "no row was predicted as '\(classes[index])'") }
    return .value(self[true: index, predicted: index] / divisor)
  }

  /// tp / (tp + fn)
  func recall(_ index: Int) -> MetricValue {
    let divisor = support(index)
    if divisor == 0 { return .undefined(because: "no row is of the class '\(classes[index])'") }
    return .value(self[true: index, predicted: index] / divisor)
  }

  /// 2·tp / (2·tp + fp + fn)
  func f1(_ index: Int) -> MetricValue {
    let divisor = support(index) + predicted(index)
    if divisor == 0 { return .undefined(because: "no row is of the class '\(classes[index])' or predicted as it") }
    return .value(2 * self[true: index, predicted: index] / divisor)
  }

  /// Matthews' correlation coefficient for any number of classes (Gorodkin 2004, R_K):
  /// (c·s − Σ pₖ·tₖ) / √((s² − Σ pₖ²)(s² − Σ tₖ²)) with c hits, s rows, pₖ predicted and tₖ true rows of class k.
  var matthews: MetricValue {
    let s = total
    var covariance = hits * s
    var predictedSpread = s * s
    var trueSpread = s * s
    for index in classes.indices {
      let p = predicted(index)
      let t = support(index)
      covariance -= p * t
      predictedSpread -= p * p
      trueSpread -= t * t
    }
    let strangers = unknown.reduce(0, +)
    trueSpread -= strangers * strangers
    if trueSpread == 0 { return .undefined(because: "all rows are of one class") }
    if predictedSpread == 0 { return .undefined(because: "all rows were predicted as one class") }
    return .value(covariance / (predictedSpread.squareRoot() * trueSpread.squareRoot()))
  }
}
