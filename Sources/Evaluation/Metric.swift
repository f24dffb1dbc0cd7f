import Statistics

/// The value of a metric, or why it has none. Never 0 or NaN in place of "undefined".
package enum MetricValue: Sendable, Hashable {
  case value(Double)
  /// A phrase that ends the sentence "it is undefined because …".
  case undefined(because: String)

  package var number: Double? {
    guard case .value(let number) = self else { return nil }
    return number
  }

  package var reason: String? {
    guard case .undefined(let reason) = self else { return nil }
    return reason
  }
}

/// A metric prepared on some rows, ready to be computed for any weights of them.
///
/// What does not depend on the weights (sorting by score, the loss of each row) is done once; a computation is then one
/// pass over the rows. So a bootstrap resample, which is a vector of whole-number weights, costs O(rows) for every
/// metric.
package struct Statistic: Sendable {
  package let rowCount: Int
  private let whenEmpty: MetricValue
  private let compute: @Sendable ([Double]) -> MetricValue
  /// The weights of the rows themselves; nil where all count alike.
  private var own: [Double]?

  /// `compute` is called with at least one row, else the value is `whenEmpty`.
  package init(
    rowCount: Int, whenEmpty: MetricValue = .undefined(because: "there are no rows"),
    _ compute: @escaping @Sendable (_ weights: [Double]) -> MetricValue
  ) {
    self.rowCount = rowCount
    self.whenEmpty = whenEmpty
    self.compute = compute
  }

  /// The same where row i counts `weights[i]` times as much; nil changes nothing.
  func weighted(by weights: [Double]?) -> Statistic {
    var copy = self
    copy.own = weights
    return copy
  }

  /// The metric with each row taken `weights[row]` times, with its own weight each time.
  package func value(weights: [Double]) -> MetricValue {
    precondition(weights.count == rowCount, "one weight a row")
    if rowCount == 0 { return whenEmpty }
    guard let own else { return compute(weights) }
    let product = zip(own, weights).map { $0 * $1 }
    if !product.contains(where: { $0 > 0 }) { return .undefined(because: "all rows have weight 0") }
    return compute(product)
  }

  /// The metric with each row taken once.
  package var value: MetricValue { value(weights: [Double](repeating: 1, count: rowCount)) }

  /// A metric that has no value on these rows whatever their weights.
  static func undefined(_ rows: ScoredRows, because reason: String) -> Statistic {
    Statistic(rowCount: rows.rowCount) { _ in .undefined(because: reason) }
  }

  /// `finish(Σ w·term / Σ w·base)`, undefined where the divisor is zero.
  static func ratio(
    _ terms: [Double], over base: [Double], undefined reason: String,
    finish: @escaping @Sendable (Double) -> Double = { $0 }
  ) -> Statistic {
    Statistic(rowCount: terms.count) { weights in
      let divisor = weightedSum(base, weights)
      if divisor == 0 { return .undefined(because: reason) }
      return .value(finish(weightedSum(terms, weights) / divisor))
    }
  }

  /// `finish(Σ w·term / Σ w)`.
  static func mean(_ terms: [Double], finish: @escaping @Sendable (Double) -> Double = { $0 }) -> Statistic {
    ratio(
      terms, over: [Double](repeating: 1, count: terms.count), undefined: "there are no rows", finish: finish)
  }
}

/// One number that says how good answers are. `MetricCatalogue` lists them all.
package struct Metric: Sendable {
  package enum Direction: String, Sendable, Hashable {
    case higherIsBetter = "higher"
    case lowerIsBetter = "lower"
  }

  /// Whether the metric is of one class, `recall(Adelie)`.
  package enum ClassArgument: Sendable, Hashable {
    case never
    /// Without a class it speaks of the positive class (binary) or of all (multi-class).
    case optional
    case required
  }

  package let name: String
  /// One line for people.
  package let summary: String
  package let direction: Direction
  /// The kinds of answer that it can judge, and whether it takes a class there.
  package let kinds: [AnswerKind: ClassArgument]
  /// Makes the statistic. The index is of the class asked for; nil where none was named.
  private let prepare: @Sendable (ScoredRows, Int?) -> Statistic
  /// For a metric that is a share of rows: the weight of all of them.
  private let countTrials: (@Sendable (ScoredRows, Int?) -> Double)?
  /// Whether rows count with their weights.
  private let isWeighted: Bool

  init(
    _ name: String, _ summary: String, _ direction: Direction, _ kinds: [AnswerKind: ClassArgument],
    isWeighted: Bool = true, trials: (@Sendable (ScoredRows, Int?) -> Double)? = nil,
    prepare: @escaping @Sendable (ScoredRows, Int?) -> Statistic
  ) {
    countTrials = trials
    self.isWeighted = isWeighted
    self.name = name
    self.summary = summary
    self.direction = direction
    self.kinds = kinds
    self.prepare = prepare
  }

  /// The metric on `rows`, of one class where `className` is given. Undefined, with the reason, where it does not
  /// apply.
  package func statistic(_ rows: ScoredRows, className: String? = nil) -> Statistic {
    guard let argument = kinds[rows.kind] else {
      return .undefined(rows, because: "\(name) does not judge \(rows.kind.rawValue) answers")
    }
    guard let className else {
      if argument == .required { return .undefined(rows, because: "\(name) needs a class here") }
      return prepare(rows, nil).weighted(by: isWeighted ? rows.weights : nil)
    }
    if argument == .never { return .undefined(rows, because: "\(name) takes no class") }
    guard let index = rows.classes.firstIndex(of: className) else {
      return .undefined(rows, because: "the model has no class '\(className)'")
    }
    return prepare(rows, index).weighted(by: isWeighted ? rows.weights : nil)
  }

  /// For a metric that is the share of some of `rows`, how many they are; nil for other metrics. With weights, how many
  /// equally weighted rows tell as much: (Σw)² / Σw² (Kish, Survey Sampling, 1965).
  func trials(_ rows: ScoredRows, className: String?) -> Double? {
    guard let countTrials else { return nil }
    let count = countTrials(rows, className.flatMap { rows.classes.firstIndex(of: $0) } ?? rows.positive)
    guard let weights = rows.weights else { return count }
    let squares = weights.reduce(0) { $0 + $1 * $1 }
    return squares > 0 ? count * weights.reduce(0, +) / squares : 0
  }

  package func value(_ rows: ScoredRows, className: String? = nil) -> MetricValue {
    statistic(rows, className: className).value
  }
}

/// Σ values·weights, compensated, in the order of the rows.
func weightedSum(_ values: [Double], _ weights: [Double]) -> Double {
  values.withUnsafeBufferPointer { values in
    weights.withUnsafeBufferPointer { weights in
      var sum = CompensatedSum()
      for row in 0..<values.count { sum.add(values[row] * weights[row]) }
      return sum.value
    }
  }
}
