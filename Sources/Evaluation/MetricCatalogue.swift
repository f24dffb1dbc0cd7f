import Diagnostics

/// Every metric there is. To add one, write it in the file of its family under `Metrics` and add it to that family's list.
package enum MetricCatalogue {
  package static let all: [Metric] =
    Metric.counts + Metric.regression + Metric.probability + Metric.ranking + Metric.decision + Metric.averagedDecision

  private static let byName: [String: Metric] =
    Dictionary(all.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })

  package static func metric(named name: String) -> Metric? { byName[name] }

  /// The metrics that judge answers of a kind, in the order of the catalogue.
  package static func metrics(for kind: AnswerKind) -> [Metric] { all.filter { $0.kinds[kind] != nil } }

  /// The name that `word` was most likely meant to be, among metrics for `kind` (all when nil) and `others`.
  package static func nearest(to word: String, for kind: AnswerKind?, and others: [String] = []) -> String? {
    let candidates = kind.map { metrics(for: $0) } ?? all
    return nearestName(to: word, among: candidates.map(\.name) + others)
  }
}
