package import Basics
import Statistics

/// What a gate judges on.
package struct Evidence {
  package var candidate: ScoredRows
  /// The champion's answers for the same rows in the same order; nil where there is no champion.
  package var champion: ScoredRows?
  /// What is known of the fit, 1 for true and 0 for false.
  package var facts: [Condition.Fact: Double]
  /// The rows whose column has a value; nil where there is no such column.
  package var rows: (_ column: String, _ value: String) -> [Bool]?

  package init(
    candidate: ScoredRows, champion: ScoredRows? = nil, facts: [Condition.Fact: Double] = [:],
    rows: @escaping (_ column: String, _ value: String) -> [Bool]? = { _, _ in nil }
  ) {
    precondition(champion.map { $0.rowCount == candidate.rowCount } ?? true, "the champion answers for the same rows")
    self.candidate = candidate
    self.champion = champion
    self.facts = facts
    self.rows = rows
  }
}

/// The fewest rows for which a confidence is given: percentile bounds of fewer are too narrow to be believed.
package let fewestRowsForConfidence = 20

/// The largest share of resamples in which a statistic may be undefined.
private let undefinedShare = 0.05

/// Judges one condition.
///
/// The margin is how far the value is on the right side of its bound. Without a confidence the condition passes if the
/// margin is at least zero (above zero for `>` and `<`) and is refused otherwise.
///
/// With N% confidence the margin is bootstrapped: rows are drawn with replacement, the value and every metric of the
/// champion are computed on the same draw, and the percentile method (Efron and Tibshirani 1993, section 13.3) gives
/// the one-sided N% lower and upper bound of the margin, its (100 − N)th and Nth percentile. The condition passes if it
/// holds at the lower bound: we are N% sure that it holds. It is refused if it fails at the upper bound: we are N% sure
/// that it does not. Between the two the rows cannot tell, and it is inconclusive.
///
/// A condition on the champion passes where there is none. A metric that is undefined, in the rows or in more than 5 %
/// of the resamples, a slice without rows, and fewer than 20 rows for a confidence are inconclusive.
///
/// Resamples of rows that were all answered alike are all alike, and their bounds would have no width. For a share of
/// rows (accuracy, precision, recall) that is 1 or 0, held against a number, the exact bound takes their place (Clopper
/// and Pearson 1934): with n rows the share of the others may be up to 1 − (1 − N%)^(1/n).
package func judge(
  _ condition: Condition, _ evidence: Evidence, _ settings: BootstrapSettings, cancellation: Cancellation
) throws -> ConditionReport {
  var report = ConditionReport(condition: condition, rows: evidence.candidate.rowCount)
  let reference: MetricReference
  switch condition.subject {
  case .fact(let fact):
    judgeFact(fact, evidence, into: &report)
    return report
  case .metric(let metric): reference = metric
  }

  var candidate = evidence.candidate
  var champion = evidence.champion
  if !condition.filters.isEmpty {
    var mask = [Bool](repeating: true, count: candidate.rowCount)
    for filter in condition.filters {
      guard let rows = evidence.rows(filter.column, filter.value) else {
        return report.inconclusive("the data has no column '\(filter.column)'")
      }
      for index in mask.indices { mask[index] = mask[index] && rows[index] }
    }
    candidate = candidate.selecting(mask)
    champion = champion?.selecting(mask)
    report.rows = candidate.rowCount
  }
  let subject = candidate.statistic(reference)
  switch subject.value {
  case .value(let value): report.value = value
  case .undefined(let reason): return report.inconclusive("\(reference.text) is undefined: \(reason)")
  }
  guard let champion = condition.isRelative ? champion : candidate else { return report.passWithoutChampion() }

  let terms = condition.championTerms.map { (factor: $0.factor, statistic: champion.statistic($0.metric)) }
  var bound = condition.constant
  for (term, prepared) in zip(condition.championTerms, terms) {
    switch prepared.statistic.value {
    case .value(let value):
      bound += term.factor * value
      if report.champion == nil { report.champion = value }
    case .undefined(let reason): return report.inconclusive("champion.\(term.metric.text) is undefined: \(reason)")
    }
  }
  report.setBound(bound)
  guard let confidence = condition.confidence else { return report.decidePlainly() }
  if candidate.rowCount < fewestRowsForConfidence {
    return report.inconclusive("a confidence needs at least \(fewestRowsForConfidence) rows")
  }

  let constant = condition.constant
  let comparison = condition.comparison
  let resampled = try bootstrap(rowCount: candidate.rowCount, settings, cancellation: cancellation) { weights in
    guard let value = subject.value(weights: weights).number else { return nil }
    var bound = constant
    for term in terms {
      guard let number = term.statistic.value(weights: weights).number else { return nil }
      bound += term.factor * number
    }
    return comparison.margin(value, bound)
  }
  let margins = resampled.compactMap { $0 }.sorted()
  if Double(resampled.count - margins.count) > undefinedShare * Double(resampled.count) || margins.isEmpty {
    return report.inconclusive("too few rows: \(reference.text) is undefined in too many resamples")
  }
  let low = quantile(sorted: margins, 1 - confidence)
  report.marginInterval = low...max(low, quantile(sorted: margins, confidence))
  if !condition.isRelative, let exact = exactInterval(reference, candidate, confidence: confidence) {
    let ends = [exact.lowerBound, exact.upperBound].map { comparison.margin($0, bound) }
    report.marginInterval = min(ends[0], ends[1])...max(ends[0], ends[1])
  }
  return report.decideByInterval()
}

/// The one-sided bounds of a share of rows that is 1 or 0; nil for other metrics and values.
private func exactInterval(
  _ reference: MetricReference, _ rows: ScoredRows, confidence: Double
) -> ClosedRange<Double>? {
  guard let metric = MetricCatalogue.metric(named: reference.metric),
    let trials = metric.trials(rows, className: reference.className), trials > 0,
    let share = metric.value(rows, className: reference.className).number, share == 0 || share == 1
  else { return nil }
  let others = 1 - Elementary.exp(Elementary.log(1 - confidence) / trials)
  return share == 1 ? 1 - others...1 : 0...others
}

/// Judges all conditions of a gate, each on its own, in their order.
package func judge(
  _ conditions: [Condition], _ evidence: Evidence, _ settings: BootstrapSettings, cancellation: Cancellation
) throws -> GateReport {
  GateReport(conditions: try conditions.map { try judge($0, evidence, settings, cancellation: cancellation) })
}

private func judgeFact(_ fact: Condition.Fact, _ evidence: Evidence, into report: inout ConditionReport) {
  guard let known = evidence.facts[fact] else {
    report = report.inconclusive("'\(fact.rawValue)' is not known of this model")
    return
  }
  report.value = known
  report.setBound(report.condition.constant)
  report = report.decidePlainly()
}

extension ScoredRows {
  fileprivate func statistic(_ reference: MetricReference) -> Statistic {
    guard let metric = MetricCatalogue.metric(named: reference.metric) else {
      return .undefined(self, because: "there is no such metric")
    }
    return metric.statistic(self, className: reference.className)
  }
}
