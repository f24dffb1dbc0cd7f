import Statistics

/// Turns the scores of a classifier into probabilities that hold what they say, as fitted on rows that the model was not.
///
/// What is calibrated is the log odds of a class, ln p/(1 − p), as the model has them: of the positive class where there
/// are two (the other one takes the rest), else of each class against the rest, after which the probabilities of a row
/// are divided by their sum (Zadrozny and Elkan, KDD 2002).
package struct Calibration: Sendable, Hashable {
  package enum Method: String, Sendable, Hashable, CaseIterable {
    /// 1 / (1 + exp(−(slope · log odds + intercept))).
    case sigmoid
    /// The best rising step function, interpolated between its steps.
    case isotonic
  }

  package enum Curve: Sendable, Hashable {
    case sigmoid(slope: Double, intercept: Double)
    /// Log odds, rising, and the probability at each; held outside of them.
    case isotonic(logOdds: [Double], probabilities: [Double])

    /// The probability of the class, and of the rest.
    func probabilities(_ logOdds: Double) -> (ofClass: Double, ofRest: Double) {
      switch self {
      case .sigmoid(let slope, let intercept):
        let score = slope * logOdds + intercept
        return (Elementary.logistic(score), Elementary.logistic(-score))
      case .isotonic(let knots, let values):
        let value = interpolated(logOdds, knots, values)
        return (value, 1 - value)
      }
    }
  }

  package var method: Method
  /// One where there are two classes, else one a class.
  package var curves: [Curve]

  package init(method: Method, curves: [Curve]) {
    self.method = method
    self.curves = curves
  }

  /// The probability of the positive one of two classes, from its log odds.
  package func probabilityOfPositive(_ logOdds: Double) -> Double { curves[0].probabilities(logOdds).ofClass }

  /// The probabilities of one row from the log odds of each curve, in the order of the classes.
  func probabilities(_ logOdds: [Double], positive: Int?) -> [Double] {
    if let positive {
      let (ofPositive, ofOther) = curves[0].probabilities(logOdds[0])
      return positive == 0 ? [ofPositive, ofOther] : [ofOther, ofPositive]
    }
    let shares = zip(curves, logOdds).map { $0.probabilities($1).ofClass }
    let sum = shares.reduce(0, +)
    // No class is possible: all are alike, as scikit-learn has it.
    return sum > 0 ? shares.map { $0 / sum } : shares.map { _ in 1 / Double(shares.count) }
  }
}

/// The value at `x` on the line through the knots, which rise; that of the nearest knot outside of them.
private func interpolated(_ x: Double, _ knots: [Double], _ values: [Double]) -> Double {
  var low = 0
  var high = knots.count
  while low < high {
    let middle = (low + high) / 2
    if knots[middle] < x { low = middle + 1 } else { high = middle }
  }
  // `low` is the first knot that is not below x.
  if low == 0 { return values[0] }
  if low == knots.count { return values[low - 1] }
  if knots[low] == x { return values[low] }
  let share = (x - knots[low - 1]) / (knots[low] - knots[low - 1])
  return values[low - 1] + share * (values[low] - values[low - 1])
}

/// The log odds that a linear model gives to the classes of one row: its score where there is one output, the difference
/// of two, and of more sₖ − ln Σ_{j≠k} exp(sⱼ) for each.
///
/// - Parameters:
///   - score: the score of an output.
///   - positive: the index of the positive class where there are two classes.
package func logOdds(outputs: Int, positive: Int?, _ score: (Int) -> Double) -> [Double] {
  if outputs == 1 { return [score(0)] }
  if let positive { return [score(positive) - score(1 - positive)] }
  var largest = 0
  for output in 1..<outputs where score(output) > score(largest) { largest = output }
  let shifted = (0..<outputs).map { Elementary.exp(score($0) - score(largest)) }
  let sum = shifted.reduce(0, +)
  return (0..<outputs).map { output in
    if output != largest { return score(output) - score(largest) - Elementary.log(sum - shifted[output]) }
    // What is left without the largest is summed anew: taking it off would lose the rest.
    var second = output == 0 ? 1 : 0
    for other in 0..<outputs where other != output && score(other) > score(second) { second = other }
    var rest = 0.0
    for other in 0..<outputs where other != output { rest += Elementary.exp(score(other) - score(second)) }
    return score(output) - score(second) - Elementary.log(rest)
  }
}
