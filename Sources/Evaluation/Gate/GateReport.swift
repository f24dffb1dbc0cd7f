package import Basics

/// How one condition came out. `value`, `bound` and `margin` are there whenever they could be computed.
package struct ConditionReport: Sendable, Hashable {
  package var condition: Condition
  package var verdict = Verdict.inconclusive
  /// Rows judged: those of the slice.
  package var rows: Int
  /// The candidate's metric; 1 for true and 0 for false of a fact.
  package var value: Double?
  /// The value of the right side.
  package var bound: Double?
  /// How far `value` is on the right side of `bound`; negative when on the wrong one.
  package var margin: Double?
  /// The value of the first of the champion's metrics.
  package var champion: Double?
  /// The one-sided lower and upper confidence bounds of the margin; nil without a confidence.
  package var marginInterval: ClosedRange<Double>?
  /// One phrase that says why.
  package var reason = ""

  init(condition: Condition, rows: Int) {
    self.condition = condition
    self.rows = rows
  }

  /// `{condition, verdict, rows, value?, bound?, margin?, champion?, confidence?, margin_interval?: [low, high], reason}`
  package var json: JSON {
    var out: JSON = [
      "condition": .string(condition.text), "verdict": .string(verdict.rawValue), "rows": JSON(rows),
      "reason": .string(reason),
    ]
    out["value"] = value.map { JSON($0) }
    out["bound"] = bound.map { JSON($0) }
    out["margin"] = margin.map { JSON($0) }
    out["champion"] = champion.map { JSON($0) }
    out["confidence"] = condition.confidence.map { JSON($0) }
    out["margin_interval"] = marginInterval.map { JSON([$0.lowerBound, $0.upperBound]) }
    return out
  }
}

/// How a gate came out.
package struct GateReport: Sendable, Hashable {
  package var conditions: [ConditionReport]

  /// Refuse if any condition refuses, else inconclusive if any is, else pass.
  package var verdict: Verdict { Verdict.all(conditions.map(\.verdict)) }

  /// `{verdict, conditions: […]}`
  package var json: JSON {
    ["verdict": .string(verdict.rawValue), "conditions": .array(conditions.map(\.json))]
  }
}

extension ConditionReport {
  func inconclusive(_ reason: String) -> ConditionReport { decided(.inconclusive, reason) }

  func passWithoutChampion() -> ConditionReport {
    decided(.pass, "there is no champion yet to compare with")
  }

  mutating func setBound(_ bound: Double) {
    self.bound = bound
    margin = value.map { condition.comparison.margin($0, bound) }
  }

  func decidePlainly() -> ConditionReport {
    guard let margin else { return self }
    return condition.comparison.holds(margin: margin)
      ? decided(.pass, "it holds") : decided(.refuse, "it does not hold")
  }

  func decideByInterval() -> ConditionReport {
    guard let marginInterval, let confidence = condition.confidence else { return self }
    let words = "with \(percentText(confidence)) confidence"
    if condition.comparison.holds(margin: marginInterval.lowerBound) { return decided(.pass, "it holds \(words)") }
    if !condition.comparison.holds(margin: marginInterval.upperBound) {
      return decided(.refuse, "it does not hold, \(words)")
    }
    return decided(.inconclusive, "these rows cannot tell \(words)")
  }

  private func decided(_ verdict: Verdict, _ reason: String) -> ConditionReport {
    var copy = self
    copy.verdict = verdict
    copy.reason = reason
    return copy
  }
}
