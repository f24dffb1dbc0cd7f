package import Basics

/// All metrics of some rows: what `evaluate` stores.
package struct MetricReport: Sendable, Hashable {
  package struct Entry: Sendable, Hashable {
    package var metric: String
    /// The class that it is of; nil for the metric of all.
    package var className: String?
    package var value: MetricValue

    /// `accuracy`, `recall(Adelie)`; a class that is not a plain word is quoted as in gate conditions.
    package var key: String { MetricReference(metric: metric, className: className).text }
  }

  package var rowCount: Int
  /// In the order of the catalogue, each metric first without a class, then by class.
  package var entries: [Entry]
  /// The sum of the rows' weights; nil where all count alike.
  package var weightSum: Double?
  /// Of weights, where rows have some. Nil for numbers.
  package var confusion: ConfusionMatrix?

  package init(_ rows: ScoredRows) {
    let values = Self.wanted(of: rows).map { $0.value(rows) }
    self.init(rows, values)
  }

  /// The reports of several sets of rows, `threads` metrics at once.
  package static func all(of parts: [ScoredRows], threads: Int) -> [MetricReport] {
    let wanted = parts.map(Self.wanted)
    let all = parts.indices.flatMap { part in wanted[part].map { (part, $0) } }
    var entries = parallelMap(count: all.count, threads: threads) { index in
      let (part, metric) = all[index]
      return metric.value(parts[part])
    }[...]
    return parts.indices.map { part in
      defer { entries.removeFirst(wanted[part].count) }
      return MetricReport(parts[part], Array(entries.prefix(wanted[part].count)))
    }
  }

  private init(_ rows: ScoredRows, _ entries: [Entry]) {
    rowCount = rows.rowCount
    self.entries = entries
    confusion = rows.hasNumbers ? nil : ConfusionMatrix(rows)
    weightSum = rows.weights.map { $0.reduce(0, +) }
  }

  /// A metric that rows of a kind have, of a class or of all.
  private struct Wanted: Sendable {
    var metric: Metric
    var className: String?

    func value(_ rows: ScoredRows) -> Entry {
      Entry(metric: metric.name, className: className, value: metric.value(rows, className: className))
    }
  }

  private static func wanted(of rows: ScoredRows) -> [Wanted] {
    var wanted: [Wanted] = []
    for metric in MetricCatalogue.metrics(for: rows.kind) where metric.name != "rows" {
      guard let argument = metric.kinds[rows.kind] else { continue }
      if argument != .required { wanted.append(Wanted(metric: metric)) }
      if argument != .never { wanted += rows.classes.map { Wanted(metric: metric, className: $0) } }
    }
    return wanted
  }

  package subscript(key: String) -> MetricValue? { entries.first { $0.key == key }?.value }

  /// `{rows, weight_sum?, metrics: {key: number}, undefined: {key: reason}, classes, support: [rows by class],
  /// confusion: [[count]] by true class}`.
  package var json: JSON {
    var metrics: [String: JSON] = [:]
    var undefined: [String: JSON] = [:]
    for entry in entries {
      switch entry.value {
      case .value(let number): metrics[entry.key] = .number(number)
      case .undefined(let reason): undefined[entry.key] = .string(reason)
      }
    }
    var out: JSON = ["rows": JSON(rowCount), "metrics": .object(metrics)]
    out["weight_sum"] = weightSum.map { .number($0) }
    if !undefined.isEmpty { out["undefined"] = .object(undefined) }
    if let confusion {
      let indices = confusion.classes.indices
      out["classes"] = JSON(confusion.classes)
      out["support"] = JSON(indices.map { confusion.support($0) })
      out["confusion"] = .array(
        indices.map { target in JSON(indices.map { confusion[true: target, predicted: $0] }) })
    }
    return out
  }
}
