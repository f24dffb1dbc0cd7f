import Basics
import Statistics
import Tabular

/// Rules about all numbers of a column together, read from its profile: mean and deviation exactly; quantiles exactly up to
/// 2,048 rows or 4,096 different numbers, beyond with a rank error of 1.1 % (see `ColumnProfile.Numbers.rankError`), and of
/// that of `pointGap` where they are no whole percent.
extension ColumnValidation {
  func distributionRules(_ cancellation: Cancellation) throws -> [Observation] {
    if expected.mean.isOpen, expected.deviation.isOpen, expected.quantiles.isEmpty { return [] }
    guard column.type.isNumeric else {
      return [
        observation(
          expected.mean.isOpen ? expected.quantiles.isEmpty ? .deviation : .quantiles : .mean, expected: "a number",
          observed: JSON(column.type.rawValue), breach: "is of type \(column.type), which has no mean or quantiles")
      ]
    }
    let known =
      try profile
      ?? ColumnSummary.whole(column, cancellation)
      .profile(named: column.name, detail)
    guard let numbers = known.numbers else { return [] }
    var observations: [Observation] = []
    func hold(_ rule: Finding.Rule, _ name: String, _ value: Double, _ bounds: Expectations.Bounds) {
      if bounds.isOpen { return }
      observations.append(
        observation(
          rule, expected: bounds.json, observed: JSON(value),
          breach: bounds.contains(value)
            ? nil : "has \(name) \(ecmaScriptText(value)), expected \(bounds.words)"))
    }
    hold(.mean, "the mean", numbers.mean, expected.mean)
    hold(.deviation, "the deviation", numbers.deviation, expected.deviation)
    for quantile in expected.quantiles {
      let found = numbers.quantile(quantile.probability)
      let before = observations.count
      hold(.quantiles, "the \(percentage(quantile.probability)) quantile", found, quantile.bounds)
      if observations.count > before { observations[before].details = ["share": JSON(quantile.probability)] }
    }
    return observations
  }
}
