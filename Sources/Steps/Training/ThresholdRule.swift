import Basics
import Statistics

/// Above which probability the positive class is decided for: given, or chosen on held-out rows.
enum ThresholdRule: Sendable, Hashable {
  /// Metrics of a decision between two classes, of the positive one where they are of one.
  enum Measure: String, Sendable, CaseIterable {
    case f1, accuracy
    case balancedAccuracy = "balanced_accuracy"
    case macroF1 = "macro_f1"
    case mcc
  }

  case fixed(Double)
  case maximise(Measure)
  case costs(falsePositive: Double, falseNegative: Double)

  init?(_ json: JSON?) {
    guard let json else { return nil }
    if let value = json.doubleValue {
      self = .fixed(value)
    } else if let measure = json["maximise"]?.stringValue.flatMap(Measure.init(rawValue:)) {
      self = .maximise(measure)
    } else if let positive = json["costs"]?["false_positive"]?.doubleValue,
      let negative = json["costs"]?["false_negative"]?.doubleValue
    {
      self = .costs(falsePositive: positive, falseNegative: negative)
    } else {
      return nil
    }
  }

  var isChosen: Bool { fixed == nil }

  var fixed: Double? { if case .fixed(let value) = self { value } else { nil } }

  var json: JSON {
    switch self {
    case .fixed(let value): .number(value)
    case .maximise(let measure): ["maximise": .string(measure.rawValue)]
    case .costs(let positive, let negative):
      ["costs": ["false_positive": .number(positive), "false_negative": .number(negative)]]
    }
  }

  /// What a decision is worth, larger being better; costs are a mean over the rows, below 0. Nil where it is undefined.
  func worth(_ table: DecisionTable) -> Double? {
    let (tp, fp, fn, tn) = (table.tp, table.fp, table.fn, table.tn)
    func ratio(_ above: Double, _ below: Double) -> Double? { below > 0 ? above / below : nil }
    switch self {
    case .fixed: return nil
    case .costs(let positive, let negative): return ratio(-(positive * fp + negative * fn), tp + fp + fn + tn)
    case .maximise(.f1): return ratio(2 * tp, 2 * tp + fp + fn)
    case .maximise(.accuracy): return ratio(tp + tn, tp + fp + fn + tn)
    case .maximise(.balancedAccuracy):
      guard let first = ratio(tp, tp + fn), let second = ratio(tn, tn + fp) else { return nil }
      return (first + second) / 2
    case .maximise(.macroF1):
      guard let first = ratio(2 * tp, 2 * tp + fp + fn), let second = ratio(2 * tn, 2 * tn + fp + fn) else {
        return nil
      }
      return (first + second) / 2
    case .maximise(.mcc):
      let spread = ((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)).squareRoot()
      return ratio(tp * tn - fp * fn, spread)
    }
  }
}

/// How much weight of rows was decided which way: true and false, positive and negative.
struct DecisionTable: Sendable, Hashable {
  var tp = 0.0
  var fp = 0.0
  var fn = 0.0
  var tn = 0.0
}

/// A threshold chosen on held-out rows.
struct ChosenThreshold: Sendable {
  var rule: ThresholdRule
  var value: Double
  /// What decisions at the threshold, and at one half, are worth.
  var worth: Double
  var worthAtHalf: Double?
  /// Up to 21 points of the curve, from the lowest threshold up.
  var curve: [(threshold: Double, worth: Double)]

  /// The best of all cuts between the probabilities of held-out rows, half way between two of them; of equally good ones
  /// that nearest to one half. Nil where the measure is undefined for every cut. O(n log n).
  ///
  /// - Parameters:
  ///   - probabilities: of the positive class.
  ///   - isPositive: whether a row is of it.
  init?(_ rule: ThresholdRule, probabilities: [Double], isPositive: [Bool], weights: [Double]?) {
    let order = probabilities.indices.sorted { (probabilities[$0], $0) < (probabilities[$1], $1) }
    func weight(_ row: Int) -> Double { weights?[row] ?? 1 }
    var table = DecisionTable()
    var half = DecisionTable()
    for row in order {
      if isPositive[row] { table.tp += weight(row) } else { table.fp += weight(row) }
      switch (isPositive[row], probabilities[row] > 0.5) {
      case (true, true): half.tp += weight(row)
      case (true, false): half.fn += weight(row)
      case (false, true): half.fp += weight(row)
      case (false, false): half.tn += weight(row)
      }
    }
    var cuts: [(threshold: Double, worth: Double)] = []
    func note(_ threshold: Double) {
      if let worth = rule.worth(table) { cuts.append((threshold, worth)) }
    }
    // Below all of them, unless a probability is 0 itself.
    if let first = order.first, probabilities[first] > 0 { note(probabilities[first] / 2) }
    for place in order.indices {
      let row = order[place]
      if isPositive[row] {
        table.tp -= weight(row)
        table.fn += weight(row)
      } else {
        table.fp -= weight(row)
        table.tn += weight(row)
      }
      let next = place + 1 < order.count ? probabilities[order[place + 1]] : 1
      guard next > probabilities[row] || place + 1 == order.count else { continue }
      note(probabilities[row] + (next - probabilities[row]) / 2)
    }
    guard
      let best = cuts.min(by: { left, right in
        (-left.worth, abs(left.threshold - 0.5), left.threshold) < (
          -right.worth, abs(right.threshold - 0.5), right.threshold
        )
      })
    else { return nil }
    self.rule = rule
    value = best.threshold
    worth = best.worth
    worthAtHalf = rule.worth(half)
    let count = min(21, cuts.count)
    curve = (0..<count).map { cuts[count == 1 ? 0 : $0 * (cuts.count - 1) / (count - 1)] }
  }

  /// `{rule, value, worth, worth_at_half, closed_form?, curve: [[threshold, worth]]}`. A worth of costs is the mean cost of
  /// a row, as a negative number; the closed form is what it would be if the probabilities were true.
  var json: JSON {
    var out: JSON = [
      "rule": rule.json, "value": .number(value), "worth": .number(worth),
      "curve": .array(curve.map { JSON([$0.threshold, $0.worth]) }),
    ]
    out["worth_at_half"] = worthAtHalf.map { .number($0) }
    if case .costs(let positive, let negative) = rule { out["closed_form"] = .number(positive / (positive + negative)) }
    return out
  }
}
