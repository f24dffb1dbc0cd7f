import Basics
import Inference
import ModelRegistry
import Tabular

/// What a person should know of a released model, on one page.
struct ModelCard {
  var version: ModelVersion
  var model: Model
  var verdict: JSON?
  /// By part, an object of metrics.
  var metrics: [String: JSON]

  private struct Section {
    var title: String
    var header: [String]
    var rows: [[String]]
  }

  private var title: String { "\(version.model), version \(version.number)" }

  private var sections: [Section] {
    [
      Section(title: "Gate", header: ["condition", "verdict", "value", "bound", "margin"], rows: conditions),
      Section(title: "Metrics", header: ["metric"] + parts, rows: metricRows),
      Section(
        title: "Coefficients", header: coefficientHeader, rows: coefficients),
    ].filter { !$0.rows.isEmpty }
  }

  /// `card.md`.
  var markdown: String {
    func line(_ cells: [String]) -> String {
      "| "
        + cells.map { $0.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|") }.joined(
          separator: " | ") + " |"
    }
    var lines = ["# \(title)", ""] + facts.map { "- \($0): \($1)" } + [""]
    for section in sections {
      lines += ["## \(section.title)", "", line(section.header), "|" + section.header.map { _ in "---|" }.joined()]
      lines += section.rows.map(line) + [""]
    }
    return lines.joined(separator: "\n")
  }

  /// `report.html`: the same page for a browser. It stands alone: no network, no script, light and dark.
  var html: String {
    func escaped(_ text: String) -> String {
      text.map { ["&": "&amp;", "<": "&lt;", ">": "&gt;", "\"": "&quot;"][$0] ?? String($0) }.joined()
    }
    func row(_ cells: [String], _ tag: String) -> String {
      "<tr>" + cells.map { "<\(tag)>\(escaped($0))</\(tag)>" }.joined() + "</tr>"
    }
    var lines = [
      "<!doctype html>", "<html lang=\"en\">", "<head>", "<meta charset=\"utf-8\">",
      "<meta name=\"viewport\" content=\"width=device-width\">", "<title>\(escaped(title))</title>", "<style>",
      ":root { color-scheme: light dark; }",
      "body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }",
      "table { border-collapse: collapse; } th, td { text-align: left; padding: .2rem .8rem .2rem 0; border-bottom: 1px solid #8884; }",
      "dt { font-weight: 600; } dd { margin: 0 0 .4rem 0; overflow-wrap: anywhere; }", "</style>", "</head>", "<body>",
      "<h1>\(escaped(title))</h1>", "<dl>",
    ]
    lines += facts.map { "<dt>\(escaped($0))</dt><dd>\(escaped(String($1.filter { $0 != "`" })))</dd>" } + ["</dl>"]
    for section in sections {
      lines += [
        "<h2>\(escaped(section.title))</h2>", "<table>", "<thead>\(row(section.header, "th"))</thead>", "<tbody>",
      ]
      lines += section.rows.map { row($0, "td") } + ["</tbody>", "</table>"]
    }
    return (lines + ["</body>", "</html>", ""]).joined(separator: "\n")
  }

  private var facts: [(String, String)] {
    [
      ("digest", "`\(version.digest.hex)`"), ("workflow", version.workflow ?? "–"),
      ("run", version.run.map { "`\($0)`" } ?? "–"),
      ("created", version.created.text), ("verdict", version.verdict ?? "no gate"),
      (
        "predicts",
        "`\(model.target.name)`"
          + (model.target.classes.isEmpty ? "" : ": " + model.target.classes.joined(separator: ", "))
      ),
      ("reads", model.inputs.map { "`\($0.name)` (\($0.type.rawValue))" }.joined(separator: ", ")),
      ("objective", "\(model.objective.rawValue), " + penaltyText(l1: model.l1, l2: model.l2)),
    ] + answerFacts + [
      (
        "training",
        "\(model.training.rows) rows, \(model.training.solver), \(model.training.converged ? "converged" : "not converged") after \(model.training.iterations) iterations"
      )
    ] + statisticalFacts
  }

  /// What is done to scores before they are answers.
  private var answerFacts: [(String, String)] {
    var facts: [(String, String)] = []
    if let offset = model.offset {
      facts.append((offset.isExposure ? "exposure" : "offset", "`\(offset.name)`, needed to predict"))
    }
    if let weight = model.weightColumn { facts.append(("weight of a row", "`\(weight)`")) }
    if let calibration = model.calibration {
      facts.append(("calibration", "\(calibration.method.rawValue), fitted on held-out rows"))
    }
    if let positive = model.target.positive {
      facts.append(
        (
          "decision",
          "`\(model.target.classes[positive])` where its probability is above \(shortNumber(model.threshold))"
        ))
    }
    return facts
  }

  private var parts: [String] { ["train", "validation", "test", "all"].filter { metrics[$0] != nil } }

  private var metricRows: [[String]] {
    Set(metrics.values.flatMap { Array(($0.objectValue ?? [:]).keys) }).sorted().map { name in
      [name] + parts.map { metrics[$0]?[name]?.doubleValue.map(shortNumber) ?? "–" }
    }
  }

  private var conditions: [[String]] {
    (verdict?["conditions"]?.arrayValue ?? []).map { condition in
      [condition["condition"]?.stringValue ?? "", condition["verdict"]?.stringValue ?? ""]
        + ["value", "bound", "margin"].map { condition[$0]?.doubleValue.map(shortNumber) ?? "–" }
    }
  }

  private var coefficients: [[String]] {
    let (table, tests) = (model.coefficientTable, model.coefficientTests)
    return model.reportedPlaces.map { index in
      let entry = table[index]
      return [
        entry.column ?? "(intercept)", entry.className ?? "", shortNumber(entry.standardised),
        shortNumber(entry.original),
      ] + (hasErrors ? testCells(tests[index]) : [])
    }
  }

  private var hasErrors: Bool { model.statistics?.hasErrors ?? false }

  private var coefficientHeader: [String] {
    let plain = ["column", "class", "standardised", "original scale"]
    guard hasErrors, let statistics = model.statistics else { return plain }
    return plain + ["std. error", "p", "\(shortNumber(statistics.confidence * 100))% interval"]
  }

  private func testCells(_ test: CoefficientTest?) -> [String] {
    guard let test else { return ["–", "–", "–"] }
    return [
      shortNumber(test.standardError), shortNumber(test.p), "\(shortNumber(test.low)) … \(shortNumber(test.high))",
    ]
  }

  /// The fit as a whole.
  private var statisticalFacts: [(String, String)] {
    guard let statistics = model.statistics else {
      return model.encoder.isSparse ? [("standard errors", "none: its rows have more than 2,000 sparse columns")] : []
    }
    var facts: [(String, String)] = []
    let numbers: [(String, Double?)] = [
      ("R²", statistics.rSquared), ("log-likelihood", statistics.logLikelihood), ("AIC", statistics.aic),
      ("BIC", statistics.bic), ("condition number", statistics.conditionNumber),
    ]
    let known = numbers.compactMap { name, value in value.map { "\(name) \(shortNumber($0))" } }
    if !known.isEmpty { facts.append(("fit", known.joined(separator: ", "))) }
    if let kind = statistics.covariance { facts.append(("standard errors", kind)) }
    if let reason = statistics.unavailable { facts.append(("standard errors", "none: " + reason)) }
    return facts
  }
}

/// `l1 0.1, l2 0.5`; only what there is, `no penalty` for none.
func penaltyText(l1: Double, l2: Double) -> String {
  let parts = [(l1, "l1"), (l2, "l2")].filter { $0.0 != 0 }.map { "\($0.1) \(shortNumber($0.0))" }
  return parts.isEmpty ? "no penalty" : parts.joined(separator: ", ")
}
