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

  var markdown: String {
    var lines = ["# \(version.model), version \(version.number)", ""]
    lines += facts.map { "- \($0): \($1)" } + [""]
    lines += table("Gate", ["condition", "verdict", "value", "bound", "margin"], conditions)
    lines += table("Metrics", ["metric"] + parts, metricRows)
    lines += table("Coefficients", ["column", "class", "standardised", "original scale"], coefficients)
    return lines.joined(separator: "\n")
  }

  private var facts: [(String, String)] {
    [
      ("digest", "`\(version.digest.hex)`"), ("workflow", version.workflow ?? "–"), ("run", version.run.map { "`\($0)`" } ?? "–"),
      ("created", version.created.text), ("verdict", version.verdict ?? "no gate"),
      ("predicts", "`\(model.target.name)`" + (model.target.classes.isEmpty ? "" : ": " + model.target.classes.joined(separator: ", "))),
      ("reads", model.encoder.inputs.map { "`\($0.name)` (\($0.type.rawValue))" }.joined(separator: ", ")),
      ("objective", "\(model.objective.rawValue), l2 \(shortNumber(model.l2))"),
      ("training", "\(model.training.rows) rows, \(model.training.solver), \(model.training.converged ? "converged" : "not converged") after \(model.training.iterations) iterations"),
    ]
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
    model.coefficientTable.map {
      [$0.column ?? "(intercept)", $0.className ?? "", shortNumber($0.standardised), shortNumber($0.original)]
    }
  }

  private func table(_ title: String, _ header: [String], _ rows: [[String]]) -> [String] {
    if rows.isEmpty { return [] }
    func line(_ cells: [String]) -> String {
      "| " + cells.map { $0.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|") }.joined(separator: " | ") + " |"
    }
    return ["## \(title)", "", line(header), "|" + header.map { _ in "---|" }.joined()] + rows.map(line) + [""]
  }
}
