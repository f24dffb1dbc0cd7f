package import Basics
import Diagnostics
import ObjectStore

extension StepReport {
  mutating func take(_ outcome: StepOutcome) {
    metrics = outcome.metrics
    report = outcome.report
    verdict = outcome.verdict
    warnings = outcome.warnings
    summary = outcome.summary
  }

  /// What a recorded result says beside its outputs.
  mutating func take(outcome result: ActionResult) {
    metrics = splitMetrics(result.metrics)
    report = result.report["report"] ?? [:]
    verdict = result.report["verdict"]?.stringValue.flatMap(Verdict.init(rawValue:))
    warnings = (result.report["warnings"]?.arrayValue ?? []).compactMap(Diagnostic.init(json:))
    summary = result.report["summary"]?.stringValue ?? ""
  }

  /// The form in run records and `--format json`.
  package var json: JSON {
    var value: JSON = [
      "name": .string(name), "kind": .string(kind), "status": .string(status.rawValue), "seconds": .number(seconds),
      "outputs": .array(
        outputs.map {
          ["name": .string($0.name), "type": .string($0.type), "digest": JSON($0.digest), "size": JSON($0.size)]
        }),
    ]
    if let key { value["key"] = JSON(key) }
    if attempts > 1 { value["attempts"] = JSON(attempts) }
    if let verdict { value["verdict"] = .string(verdict.rawValue) }
    if !metrics.isEmpty { value["metrics"] = metricsJSON(metrics) }
    if !summary.isEmpty { value["summary"] = .string(summary) }
    if report != [:] { value["report"] = report }
    if !warnings.isEmpty { value["warnings"] = .array(warnings.map(\.json)) }
    if !problems.isEmpty { value["problems"] = .array(problems.map(\.json)) }
    return value
  }
}

func metricsJSON(_ metrics: [String: [String: Double]]) -> JSON {
  .object(metrics.mapValues { .object($0.mapValues(JSON.number)) })
}

func splitMetrics(_ json: JSON) -> [String: [String: Double]] {
  (json.objectValue ?? [:]).mapValues { ($0.objectValue ?? [:]).compactMapValues(\.doubleValue) }
}

extension RunReport {
  /// Metrics of the run by split, then name: those of its `evaluate` step, the last one where there are several.
  package var metrics: [String: [String: Double]] {
    steps.last { !$0.metrics.isEmpty }?.metrics ?? [:]
  }

  /// What each deployment reported: `{model, channel, before, deployed}`; steps that deploy say so in their report.
  package var deployments: [JSON] { steps.map(\.report).filter { $0["deployed"] != nil } }

  private var deployment: JSON? { deployments.last }

  /// `{name, version, digest}` of the model that was registered, or null.
  var model: JSON { deployment?["model"] ?? .null }

  /// `{channel, digest}` of the release, or null.
  var deployed: JSON { deployment?["deployed"] ?? .null }

  /// The one document of `train --format json`.
  package var json: JSON {
    [
      "run": .string(id), "workflow": .string(workflow), "seconds": .number(seconds),
      "verdict": verdict.map { .string($0.rawValue) } ?? .null, "steps": .array(steps.map(\.json)),
      "metrics": metricsJSON(metrics), "model": model, "deployed": deployed, "deployments": .array(deployments),
    ]
  }
}
