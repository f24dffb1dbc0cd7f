import Basics
import Execution
import Steps

/// The closing words of a run: metrics, verdict, version, what is served now, and the next useful command.
struct RunSummary {
  let report: RunReport
  let workflow: String
  let colour: Bool

  var text: String {
    var blocks: [String] = []
    let evaluations = report.steps.filter { !$0.metrics.isEmpty }
    blocks += evaluations.map {
      metricTable($0.metrics, title: evaluations.count > 1 ? "metrics of '\($0.name)'" : "metric")
    }
    blocks += report.steps.filter { $0.kind == "gate" }.compactMap(conditionTable)
    blocks.append(closing)
    return blocks.joined(separator: "\n\n")
  }

  /// Metrics without a class, one column a part.
  private func metricTable(_ metrics: [String: [String: Double]], title: String) -> String {
    let parts = ["train", "validation", "test", "all"].filter { metrics[$0] != nil }
    var table = TextTable((title, .left))
    for part in parts {
      table.header.append(part)
      table.alignments.append(.right)
    }
    let all = Set(metrics.values.flatMap(\.keys))
    // Averages over classes say little where there is a positive class.
    let isBinary = all.contains("f1")
    let names = all.filter { name in
      !name.contains("(") && !(isBinary && (name.hasPrefix("macro_") || name.hasPrefix("weighted_")))
    }.sorted()
    table.rows = names.map { name in
      [name] + parts.map { metrics[$0]?[name].map(shortNumber) ?? "–" }
    }
    return table.text
  }

  private func conditionTable(_ gate: StepReport) -> String? {
    guard let conditions = gate.report["conditions"]?.arrayValue, !conditions.isEmpty else { return nil }
    return Self.conditions(conditions, title: "gate '\(gate.name)'", colour: colour)
  }

  /// Every condition with its value, bound and margin.
  static func conditions(_ conditions: [JSON], title: String, colour: Bool) -> String {
    var table = TextTable((title, .left), ("value", .right), ("bound", .right), ("margin", .right), ("", .left))
    for condition in conditions {
      func number(_ key: String) -> String { condition[key]?.doubleValue.map(shortNumber) ?? "–" }
      let verdict = condition["verdict"]?.stringValue ?? ""
      let reason = condition["reason"]?.stringValue.map { ": \($0)" } ?? ""
      table.rows.append([
        condition["condition"]?.stringValue ?? "", number("value"), number("bound"), number("margin"), verdict + reason,
      ])
    }
    return table.text
  }

  private var closing: String {
    var lines: [String] = []
    let ran = report.steps.count { $0.status == .done }
    let cached = report.steps.count { $0.status == .cached }
    let failed = report.steps.filter { $0.status == .failed }
    let counts = [
      ran > 0 ? "\(ran) run" : nil, cached > 0 ? "\(cached) cached" : nil,
      failed.isEmpty ? nil : "\(failed.count) failed",
    ]
    .compactMap { $0 }.joined(separator: ", ")
    lines.append("run \(report.id.prefix(12))  \(counts)  \(duration(report.seconds))")
    if let verdict = report.verdict {
      let words =
        switch verdict {
        case .pass: Style.green("pass", if: colour)
        case .refuse: Style.red("refuse", if: colour)
        case .inconclusive: Style.yellow("inconclusive", if: colour)
        }
      lines.append("verdict: \(words)")
    }
    lines += report.deployments.compactMap(modelLines)
    lines.append("next: \(next)")
    return lines.joined(separator: "\n")
  }

  private func modelLines(_ deployment: JSON) -> String? {
    guard let name = deployment["model"]?["name"]?.stringValue,
      let number = deployment["model"]?["version"]?.intValue, let digest = deployment["model"]?["digest"]?.stringValue
    else { return nil }
    let channel = deployment["channel"]?.stringValue ?? ""
    var text = "model: \(name) version \(number), digest \(digest)\n"
    if deployment["deployed"]?["digest"]?.stringValue != nil {
      text += "served: models/\(name)/\(channel) → version \(number)"
    } else if let before = deployment["before"]?.stringValue {
      text += "served: models/\(name)/\(channel) still serves \(before.prefix(12))"
    } else {
      text += "served: nothing in channel '\(channel)' yet"
    }
    return text
  }

  private var next: String {
    if report.interruption != nil { return "mlflowctl train \(workflow)   (goes on where it stopped)" }
    if report.steps.contains(where: { $0.status == .failed }) { return "mlflowctl runs show \(report.id.prefix(12))" }
    guard let deployment = report.deployments.last, let name = deployment["model"]?["name"]?.stringValue else {
      return "mlflowctl runs show \(report.id.prefix(12))"
    }
    if deployment["deployed"]?["digest"]?.stringValue == nil {
      return "mlflowctl models show \(name)@\(deployment["model"]?["version"]?.intValue ?? 0)"
    }
    return "mlflowctl predict \(name) NEW_DATA.csv"
  }
}
