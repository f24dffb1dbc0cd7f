import Basics
import Diagnostics
import ObjectStore
import Workflow

/// Writes down that a run began, once it really does something, and how it ended.
final class RunRecorder {
  private let store: Store
  private let start: RunStart
  private var active: ActiveRun?

  var id: String { start.id }

  init(store: Store, document: WorkflowDocument) {
    self.store = store
    start = RunStart(workflow: document.name, file: document.file, settings: document.settingsJSON)
  }

  /// Called before the first step that is not cached.
  func begin() throws {
    if active == nil { active = try store.beginRun(start) }
  }

  func end(_ report: RunReport) throws {
    try begin()
    guard let active else { return }
    let ended = Timestamp.now
    try store.endRun(
      active,
      RunEnd(
        finished: ended, status: report.status, steps: report.steps.map(\.runStep),
        metrics: report.steps.flatMap { $0.runMetrics(at: ended) }, verdict: report.verdict?.rawValue,
        model: report.model, deployed: report.deployed))
  }
}

extension RunReport {
  fileprivate var status: RunStatus {
    if interruption != nil { return .interrupted }
    if steps.contains(where: { $0.status == .failed }) { return .failed }
    switch verdict {
    case .refuse: return .refused
    case .inconclusive: return .inconclusive
    case .pass, nil: return .done
    }
  }
}

extension StepReport {
  fileprivate var runStep: RunStep {
    var detail: JSON = ["summary": .string(summary)]
    if let verdict { detail["verdict"] = .string(verdict.rawValue) }
    if !problems.isEmpty { detail["problems"] = .array(problems.map(\.json)) }
    if attempts > 1 { detail["attempts"] = JSON(attempts) }
    // What is not cached has no result of its own to be looked up later.
    if record == nil, report != [:] { detail["report"] = report }
    return RunStep(
      name: name, kind: kind, status: status.rawValue, key: key, result: record, seconds: seconds, outputs: outputs,
      detail: detail)
  }

  fileprivate func runMetrics(at time: Timestamp) -> [RunMetric] {
    metrics.sorted { $0.key < $1.key }.flatMap { part, values in
      values.sorted { $0.key < $1.key }.map {
        RunMetric(key: "\(part).\($0.key)", step: name, time: time, value: $0.value)
      }
    }
  }
}

extension WorkflowDocument {
  /// What the workflow said after defaults, for the run record.
  fileprivate var settingsJSON: JSON {
    [
      "seed": JSON(seed),
      "steps": .object(
        Dictionary(
          steps.map { ($0.name, ["kind": .string($0.kind), "settings": $0.settings]) },
          uniquingKeysWith: { _, last in last })),
    ]
  }
}
