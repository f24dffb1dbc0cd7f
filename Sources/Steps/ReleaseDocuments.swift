import Basics
import Execution
import ModelRegistry
import ObjectStore

/// What is laid beside the three files of a released model: about it, not part of its digest, and without a clock, so that
/// releasing the same version twice gives the same bytes.
struct ReleaseDocuments {
  /// By file name.
  let files: [String: [UInt8]]

  init(version: ModelVersion, channel: String, reports: [String: StepReport], store: Store) throws {
    let steps = reports.values.sorted { $0.name < $1.name }
    let metrics = steps.last { !$0.metrics.isEmpty }?.metrics ?? [:]
    let release: JSON = [
      "model": .string(version.model), "version": JSON(version.number), "digest": JSON(version.digest),
      "verdict": version.verdict.map { .string($0) } ?? .null, "workflow": .string(version.workflow),
      "run": .string(version.run), "created": .string(version.created.text),
      "metrics": .object(metrics.mapValues { .object($0.mapValues(JSON.number)) }),
    ]
    let lineage = try store.lineage(of: version.digest, direction: .up)
    let provenance: JSON = ["model": JSON(version.digest), "lineage": lineage.json]
    files = [
      "release.json": Array(release.pretty.utf8), "provenance.json": Array(provenance.pretty.utf8),
      "card.md": Array(Self.card(version, steps, metrics).utf8),
    ]
  }

  private static func card(
    _ version: ModelVersion, _ steps: [StepReport], _ metrics: [String: [String: Double]]
  ) -> String {
    var lines = [
      "# \(version.model), version \(version.number)", "", "- digest: `\(version.digest.hex)`",
      "- workflow: \(version.workflow)", "- run: `\(version.run)`", "- created: \(version.created.text)",
      "- verdict: \(version.verdict ?? "no gate")", "",
    ]
    if let train = steps.first(where: { $0.kind == "train" }) {
      lines += ["## Training", "", train.summary, ""]
    }
    if let conditions = steps.first(where: { $0.kind == "gate" })?.report["conditions"]?.arrayValue {
      lines += ["## Gate", "", "| condition | verdict | value | bound | margin |", "|---|---|---|---|---|"]
      for condition in conditions {
        func cell(_ key: String) -> String { condition[key]?.doubleValue.map(shortNumber) ?? "–" }
        lines.append(
          "| \(condition["condition"]?.stringValue ?? "") | \(condition["verdict"]?.stringValue ?? "") | "
            + "\(cell("value")) | \(cell("bound")) | \(cell("margin")) |")
      }
      lines.append("")
    }
    if !metrics.isEmpty {
      let parts = metrics.keys.sorted()
      let names = Set(metrics.values.flatMap(\.keys)).sorted()
      lines += ["## Metrics", "", "| metric | " + parts.joined(separator: " | ") + " |", "|---|" + parts.map { _ in "---|" }.joined()]
      for name in names {
        lines.append("| \(name) | " + parts.map { metrics[$0]?[name].map(shortNumber) ?? "–" }.joined(separator: " | ") + " |")
      }
      lines.append("")
    }
    return lines.joined(separator: "\n")
  }
}
