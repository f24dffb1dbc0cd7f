import Basics
import Diagnostics
import Execution
import ObjectStore
import Steps

/// Everything `runs show` tells of a run, put together from its record and the results of its steps.
struct RunDetails {
  let run: Run
  /// By step name; steps without a recorded result are not there.
  private let results: [String: ActionResult]

  init(_ run: Run, in store: Store) throws {
    self.run = run
    var results: [String: ActionResult] = [:]
    for step in run.end?.steps ?? [] {
      guard let record = step.result else { continue }
      // A result may have been collected since; the run itself still tells the rest.
      do { results[step.name] = try store.result(record) } catch is StoreError { continue }
    }
    self.results = results
  }

  private var steps: [RunStep] { run.end?.steps ?? [] }

  private func report(of step: RunStep) -> JSON { results[step.name]?.report["report"] ?? step.detail["report"] ?? [:] }

  private var metrics: [String: JSON] {
    var metrics: [String: [String: JSON]] = [:]
    for metric in run.end?.metrics ?? [] {
      let parts = metric.key.split(separator: ".", maxSplits: 1).map(String.init)
      if parts.count == 2 { metrics[parts[0], default: [:]][parts[1]] = .number(metric.value) }
    }
    return metrics.mapValues(JSON.object)
  }

  var json: JSON {
    var value = run.summaryJSON
    value["settings"] = run.start.settings
    value["metrics"] = .object(metrics)
    value["steps"] = .array(
      steps.map { step in
        [
          "name": .string(step.name), "kind": .string(step.kind), "status": .string(step.status),
          "seconds": .number(step.seconds), "key": step.key.map { JSON($0) } ?? .null,
          "outputs": .array(step.outputs.map(\.json)), "detail": step.detail, "report": report(of: step),
        ]
      })
    return value
  }

  /// What two runs are compared by: settings, what went in and came out, metrics.
  var comparable: JSON {
    [
      "workflow": .string(run.start.workflow), "status": .string(run.status.rawValue), "settings": run.start.settings,
      "metrics": .object(metrics),
      "outputs": .object(
        Dictionary(
          steps.map { step in
            (step.name, .object(Dictionary(step.outputs.map { ($0.name, JSON($0.digest)) }, uniquingKeysWith: { $1 })))
          }, uniquingKeysWith: { $1 })),
    ]
  }

  func text(colour: Bool) -> String {
    var blocks = [head, stepTable]
    if let table = metricTable { blocks.append(table) }
    for step in steps {
      let report = report(of: step)
      if step.kind == "evaluate" { blocks += evaluationTexts(report) }
      if let conditions = report["conditions"]?.arrayValue, !conditions.isEmpty {
        blocks.append(RunSummary.conditions(conditions, title: "gate '\(step.name)'", colour: colour))
      }
      if let table = expectationTable(report, of: step.name) { blocks.append(table) }
      if step.kind == "train", let text = trainingText(report) { blocks.append(text) }
      if let log = report["log"]?.arrayValue, !log.isEmpty {
        blocks.append(
          "log of '\(step.name)'\n" + log.compactMap(\.stringValue).map { "  " + $0 }.joined(separator: "\n"))
      }
      for problem in step.detail["problems"]?.arrayValue ?? [] {
        if let diagnostic = Diagnostic(json: problem) { blocks.append(diagnostic.rendered(colour: colour)) }
      }
    }
    return blocks.joined(separator: "\n\n")
  }

  /// What was expected of the data, and what was there.
  private func expectationTable(_ report: JSON, of step: String) -> String? {
    guard let expectations = report["expectations"]?.arrayValue, !expectations.isEmpty else { return nil }
    var table = TextTable(
      ("expectations of '\(step)'", .left), ("rule", .left), ("expected", .left), ("observed", .left), ("", .left))
    table.rows = expectations.map { expectation in
      let holds = expectation["holds"]?.boolValue == true
      return [
        expectation["column"]?.stringValue ?? "the table", expectation["rule"]?.stringValue ?? "",
        word(expectation["expected"]), word(expectation["observed"]),
        holds ? "✓" : "✗ \(expectation["severity"]?.stringValue ?? "")",
      ]
    }
    return table.text
  }

  /// A short form of what a rule expects or found.
  private func word(_ json: JSON?) -> String {
    switch json {
    case .string(let text)?: clean(text, 40)
    case .integer(let count)?: String(count)
    case .number(let value)?: shortNumber(value)
    case .array(let values)? where values.count > 3: "\(values.count) values"
    case .array(let values)?: values.map { word($0) }.joined(separator: ", ")
    case .object(let members)?:
      members.sorted { $0.key < $1.key }.map { "\($0.key) \(word($0.value))" }.joined(separator: ", ")
    case .bool(let flag)?: flag ? "yes" : "no"
    case .null?, nil: "–"
    }
  }

  private var head: String {
    var lines = [
      "run \(run.id)", "workflow \(run.start.workflow) (\(run.start.file))", "started \(run.start.started.text)",
    ]
    if let end = run.end { lines.append("finished \(end.finished.text)") }
    lines.append("status \(run.status.rawValue)" + (run.end?.verdict.map { ", verdict \($0)" } ?? ""))
    if let model = run.end?.model, let name = model["name"]?.stringValue {
      lines.append(
        "model \(name) version \(model["version"]?.intValue ?? 0), digest \(model["digest"]?.stringValue ?? "")")
    }
    return lines.joined(separator: "\n")
  }

  private var stepTable: String {
    var table = TextTable(
      ("step", .left), ("kind", .left), ("status", .left), ("time", .right), ("made", .left), ("", .left))
    table.rows = steps.map { step in
      [
        step.name, step.kind, step.status, duration(step.seconds),
        step.outputs.map { "\($0.name) \($0.digest.short)" }.joined(separator: ", "),
        step.detail["summary"]?.stringValue ?? "",
      ]
    }
    return table.text
  }

  private var metricTable: String? {
    let metrics = metrics
    let parts = ["train", "validation", "test", "all"].filter { metrics[$0] != nil }
    guard !parts.isEmpty else { return nil }
    var table = TextTable(("metric", .left))
    for part in parts {
      table.header.append(part)
      table.alignments.append(.right)
    }
    table.rows = Set(parts.flatMap { Array((metrics[$0]?.objectValue ?? [:]).keys) }).sorted().map { name in
      [name] + parts.map { metrics[$0]?[name]?.doubleValue.map(shortNumber) ?? "–" }
    }
    return table.text
  }

  /// The confusion matrix of the judged part, and the metrics of each slice.
  private func evaluationTexts(_ report: JSON) -> [String] {
    let part = report["judged"]?.stringValue ?? ""
    var blocks: [String] = []
    let judged = report["parts"]?[part]
    if let classes = judged?["classes"]?.arrayValue?.compactMap(\.stringValue),
      let counts = judged?["confusion"]?.arrayValue
    {
      var table = TextTable(("\(part): true ↓ predicted →", .left))
      for name in classes {
        table.header.append(name)
        table.alignments.append(.right)
      }
      table.rows = zip(classes, counts).map { name, row in
        [name] + (row.arrayValue ?? []).map { $0.doubleValue.map(shortNumber) ?? "–" }
      }
      blocks.append(table.text)
    }
    for (column, slices) in (report["slices"]?.objectValue ?? [:]).sorted(by: { $0.key < $1.key }) {
      let slices = (slices.objectValue ?? [:]).sorted { $0.key < $1.key }
      let names = ["accuracy", "auc", "log_loss", "rmse", "mae", "r2"].filter { name in
        slices.contains { $0.value["metrics"]?[name] != nil }
      }
      var table = TextTable(("slice \(column)", .left), ("rows", .right))
      table.header += names
      table.alignments += names.map { _ in .right }
      table.rows = slices.map { value, slice in
        [value, slice["rows"]?.intValue.map(String.init) ?? ""]
          + names.map { slice["metrics"]?[$0]?.doubleValue.map(shortNumber) ?? "–" }
      }
      blocks.append(table.text)
    }
    return blocks
  }

  private func trainingText(_ report: JSON) -> String? {
    var blocks: [String] = []
    if let coefficients = report["coefficients"] {
      blocks.append(coefficientTable(coefficients, report["statistics"]))
    }
    if let statistics = report["statistics"] { blocks.append(statisticsText(statistics)) }
    if let tuning = report["tuning"] { blocks.append(tuningTable(tuning)) }
    if let threshold = report["threshold"] { blocks.append(thresholdText(threshold)) }
    return blocks.isEmpty ? nil : blocks.joined(separator: "\n\n")
  }
}

/// Everything that was tuned: settings, penalties, and the metric on the held-out rows of each fold.
private func tuningTable(_ tuning: JSON) -> String {
  let candidates = tuning["candidates"]?.arrayValue ?? []
  let paths = Set(candidates.flatMap { Array(($0["settings"]?.objectValue ?? [:]).keys) }).sorted()
  let penalties = ["l1", "l2"].filter { name in
    Set(candidates.compactMap { $0[name]?.doubleValue }).count > 1
      || candidates.contains { ($0[name]?.doubleValue ?? 0) != 0 }
  }
  let folds = candidates.first?["scores"]?.arrayValue?.count ?? 0
  var table = TextTable()
  table.header = paths + penalties + [tuning["metric"]?.stringValue ?? "", "standard error"]
  table.header += (0..<folds).map { "fold \($0 + 1)" } + [""]
  table.alignments =
    paths.map { _ in .left } + table.header.dropFirst(paths.count).dropLast().map { _ in .right } + [.left]
  table.rows = candidates.enumerated().map { index, entry in
    var row = paths.map { path in
      entry["settings"]?[path].map { $0.stringValue ?? $0.canonical } ?? ""
    }
    row += (penalties + ["mean", "standard_error"]).map { entry[$0]?.doubleValue.map(shortNumber) ?? "–" }
    let converged = entry["converged"]?.arrayValue ?? []
    row += (entry["scores"]?.arrayValue ?? []).enumerated().map { fold, score in
      let isWhole = fold >= converged.count || converged[fold].boolValue == true
      return (score.doubleValue.map(shortNumber) ?? "–") + (isWhole ? "" : "*")
    }
    return row + [index == tuning["chosen"]?.intValue ? "← chosen" : ""]
  }
  var lines = table.lines
  if candidates.contains(where: { $0["converged"]?.arrayValue?.contains(.bool(false)) == true }) {
    lines.append("* not converged")
  }
  if tuning["rule"]?.stringValue == "one_standard_error" {
    lines.append("chosen: the largest penalty within one standard error of the best")
  }
  return lines.joined(separator: "\n")
}

/// How the threshold was chosen.
private func thresholdText(_ threshold: JSON) -> String {
  let rule = threshold["rule"]
  let isCost = rule?["costs"] != nil
  let name = rule?["maximise"]?.stringValue ?? "mean cost"
  func text(_ value: JSON?) -> String { value?.doubleValue.map { shortNumber(isCost ? abs($0) : $0) } ?? "–" }
  return
    "threshold \(threshold["value"]?.doubleValue.map(shortNumber) ?? "–"): \(name) \(text(threshold["worth"])) on held-out rows, "
    + "\(text(threshold["worth_at_half"])) at 0.5"
    + (threshold["closed_form"]?.doubleValue.map { "; by the costs alone it would be \(shortNumber($0))" } ?? "")
}
