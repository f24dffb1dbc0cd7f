import Basics
import Statistics
import Tabular

extension WorkflowDraft {
  /// What can be had without a model: always the most frequent class, and the shares of the classes as probabilities.
  private var chance: (accuracy: Double, logLoss: Double) {
    var counts: [String: Double] = [:]
    for row in 0..<roles.target.rowCount {
      if let text = roles.target.text(row) { counts[text, default: 0] += 1 }
    }
    let total = counts.values.reduce(0, +)
    let shares = counts.values.map { $0 / total }.sorted()
    return (shares.last ?? 0, -shares.reduce(0) { $0 + $1 * Elementary.log($1) })
  }

  /// Whether what a first fit reached on its test part is worth more than chance.
  package func isWorthReleasing(_ reached: [String: Double]) -> Bool {
    if objective == "linear" { return (reached["r2"] ?? 0) > 0.05 }
    if objective == "poisson" { return (reached["d2"] ?? 0) > 0.05 }
    // Of few rows the log loss differs by so much from draw to draw.
    let testRows = max(1, Double(roles.target.rowCount) / 4)
    return (reached["log_loss"] ?? .infinity) < (1 - max(0.02, 0.5 / testRows.squareRoot())) * chance.logLoss
  }

  /// Bounds a little below what a first fit reached on its test part, and never below chance.
  package func bounds(reached: [String: Double]) -> [Bound] {
    func down(_ value: Double) -> Double { (value * 100).rounded(.down) / 100 }
    guard isWorthReleasing(reached) else { return [] }
    var bounds: [Bound] = []
    if objective == "linear" {
      if let r2 = reached["r2"] {
        bounds.append(
          Bound(condition: "r2 >= \(down(max(0.01, r2 - 0.1)))", reason: "A first fit reached \(shortNumber(r2))."))
      }
      if let rmse = reached["rmse"] {
        let reason = "Not worse than what is served by more than 5 % (a first fit: \(shortNumber(rmse)))."
        bounds.append(Bound(condition: "rmse <= 1.05 * champion.rmse", reason: reason))
      }
      return bounds
    }
    if objective == "poisson" {
      if let d2 = reached["d2"] {
        bounds.append(
          Bound(
            condition: "d2 >= \(down(max(0.01, d2 - 0.1)))",
            reason: "A first fit explained \(shortNumber(d2)) of the deviance."))
      }
      if let deviance = reached["poisson_deviance"] {
        let reason = "Not worse than what is served by more than 5 % (a first fit: \(shortNumber(deviance)))."
        bounds.append(Bound(condition: "poisson_deviance <= 1.05 * champion.poisson_deviance", reason: reason))
      }
      return bounds
    }
    return bounds + classBounds(reached)
  }

  /// Of classes: log loss always, accuracy where the classes are balanced enough for it to say something, the ranking of
  /// rows where one of two is rare.
  private func classBounds(_ reached: [String: Double]) -> [Bound] {
    var bounds: [Bound] = []
    let chance = chance
    let isBalanced = chance.accuracy <= 0.8
    if isBalanced, let accuracy = reached["accuracy"],
      let bound = Self.bound(
        max(chance.accuracy, accuracy - 0.05), within: chance.accuracy...max(chance.accuracy, accuracy))
    {
      let reason =
        "A first fit reached \(shortNumber(accuracy)); always telling the most frequent class reaches \(shortNumber(chance.accuracy))."
      bounds.append(Bound(condition: "accuracy >= \(bound)", reason: reason))
    }
    if !isBalanced, objective == "logistic", let area = reached["auc"], area > 0.5,
      let bound = Self.bound(max(0.5, area - 0.05), within: 0.5...area)
    {
      let rare = roles.target.rowCount - Int((chance.accuracy * Double(roles.target.rowCount)).rounded())
      let reason =
        "Only \(rare) rows are of the rarer class, so that accuracy says little. A first fit puts rows of it above others with \(shortNumber(area)); chance reaches 0.5."
      bounds.append(Bound(condition: "auc >= \(bound)", reason: reason))
    }
    if let loss = reached["log_loss"], loss <= chance.logLoss,
      let bound = Self.bound(min(chance.logLoss, loss * 1.25 + 0.02), within: loss...chance.logLoss, .up)
    {
      let reason =
        "A first fit reached \(shortNumber(loss)); the shares of the classes alone reach \(shortNumber(chance.logLoss))."
      bounds.append(Bound(condition: "log_loss <= \(bound)", reason: reason))
      bounds.append(
        Bound(condition: "log_loss <= champion.log_loss + 0.05", reason: "Not clearly worse than what is served."))
    }
    return bounds
  }

  /// A bound near `value` with as few decimals as it takes to lie between chance and what was reached, so that a fit that is
  /// as good passes; nil where there is no room between them.
  private static func bound(
    _ value: Double, within range: ClosedRange<Double>, _ rule: FloatingPointRoundingRule = .down
  ) -> String? {
    var scale = 100.0
    while scale <= 1e6 {
      for rule in [rule, rule == .down ? .up : .down] {
        let rounded = (value * scale).rounded(rule) / scale
        if range.contains(rounded) { return ecmaScriptText(rounded) }
      }
      scale *= 10
    }
    return nil
  }
}
