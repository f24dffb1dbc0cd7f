package import Basics
import Diagnostics
import ObjectStore
import Workflow

extension Executor {
  /// What a run would do, without doing it. Source files are hashed where the stat cache does not know them.
  ///
  /// Throws `Cancelled`, and errors of the store.
  package func plan(cancellation: Cancellation) throws -> Plan {
    var planner = Planner(executor: self, cancellation: cancellation)
    return Plan(workflow: document.name, steps: try selectedSteps.map { try planner.plan($0) })
  }
}

/// Decides one step after the other, with the same state machine as a run: what is cached has succeeded, what cannot run has
/// failed, and what would run keeps those behind it waiting.
private struct Planner {
  private let executor: Executor
  private let cancellation: Cancellation
  private var state: RunState
  private var upstream = UpstreamOutputs()
  /// Why steps would be skipped, by name.
  private var skipped: [String: String] = [:]

  init(executor: Executor, cancellation: Cancellation) {
    self.executor = executor
    self.cancellation = cancellation
    state = executor.initialState
  }

  mutating func plan(_ step: StepSpec) throws -> Plan.Step {
    try cancellation.check()
    var planned = Plan.Step(name: step.name, kind: step.kind, decision: .run, reasons: [], since: nil, key: nil)
    if let reason = skipped[step.name] {
      (planned.decision, planned.reasons) = (.skip, [reason])
      return planned
    }
    let open = executor.document.dependencies(of: step.name).filter { state.phase(of: $0) == .waiting }
    guard open.isEmpty else {
      planned.decision = .unknown
      planned.reasons = ["it depends on " + open.map { "'\($0)'" }.joined(separator: " and ") + ", which will run"]
      return planned
    }
    do {
      let kind = try executor.kind(of: step)
      let action = try executor.action(for: step, kind: kind, upstream, cancellation)
      planned.key = action.key
      try decide(&planned, step, kind, action)
    } catch let cancelled as Cancelled {
      throw cancelled
    } catch {
      (planned.problems, planned.failure) = explain(error, step: step)
      planned.reasons = ["its action cannot be made"]
      skip(state.fail(step.name), because: "step '\(step.name)' cannot run")
    }
    return planned
  }

  private mutating func decide(
    _ planned: inout Plan.Step, _ step: StepSpec, _ kind: any StepKind, _ action: Action
  ) throws {
    let previous = try previousResult(of: step)
    planned.since = previous?.finished
    guard kind.isCached else {
      if try kind.isSettled(action, in: executor.planContext(cancellation)) {
        planned.decision = .cached
      } else {
        planned.reasons = ["what is served is not what it would release"]
      }
      return
    }
    if executor.options.force.contains(step.name) {
      planned.reasons = ["--force"]
      return
    }
    switch try executor.store.result(forKey: action.key, cancellation: cancellation) {
    case .hit(let result, let record):
      (planned.decision, planned.since) = (.cached, result.finished)
      upstream.record(result.outputs, report: result.report["report"] ?? [:], of: step.name)
      if StepReport.cached(step, result, record, seconds: 0).stopsDependants(kind) {
        skip(state.block(step.name), because: "step '\(step.name)' refused")
      } else {
        state.succeed(step.name)
      }
    case .miss(let reason?): planned.reasons = [reason]
    case .miss(nil):
      guard let previous else {
        planned.reasons = ["it never ran in this workspace"]
        return
      }
      planned.reasons = differences(from: previous.action, to: action.json)
      if planned.reasons.isEmpty { planned.reasons = ["its last result is no longer in the store"] }
    }
  }

  private mutating func skip(_ names: [String], because reason: String) {
    for name in names { skipped[name] = reason }
  }

  /// The result of this step in the latest run of this workflow that had one; nil where it is no longer in the store.
  private func previousResult(of step: StepSpec) throws -> ActionResult? {
    guard let last = try executor.store.lastResult(ofStep: step.name, workflow: executor.document.name) else {
      return nil
    }
    do { return try executor.store.result(last.record) } catch is StoreError { return nil }
  }
}
