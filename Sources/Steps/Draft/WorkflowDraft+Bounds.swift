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
    return (reached["log_loss"] ?? .infinity) < 0.98 * chance.logLoss
  }

  /// Bounds a little below what a first fit reached on its test part, and never below chance.
  package func bounds(reached: [String: Double]) -> [Bound] {
    func down(_ value: Double) -> Double { (value * 100).rounded(.down) / 100 }
    func up(_ value: Double) -> Double { (value * 100).rounded(.up) / 100 }
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
    let chance = chance
    if let accuracy = reached["accuracy"], accuracy > chance.accuracy {
      let reason =
        "A first fit reached \(shortNumber(accuracy)); always telling the most frequent class reaches \(shortNumber(chance.accuracy))."
      bounds.append(Bound(condition: "accuracy >= \(max(up(chance.accuracy), down(accuracy - 0.05)))", reason: reason))
    }
    if let loss = reached["log_loss"] {
      let reason =
        "A first fit reached \(shortNumber(loss)); the shares of the classes alone reach \(shortNumber(chance.logLoss))."
      bounds.append(
        Bound(condition: "log_loss <= \(min(down(chance.logLoss), up(loss * 1.25 + 0.02)))", reason: reason))
      bounds.append(
        Bound(condition: "log_loss <= champion.log_loss + 0.05", reason: "Not clearly worse than what is served."))
    }
    return bounds
  }
}
