package import Basics
import Diagnostics
import ObjectStore
import Workflow

extension Executor {
  /// What a run would do, without doing it. Source files are hashed where the stat cache does not know them.
  package func plan(cancellation: Cancellation) throws -> Plan {
    var upstream = UpstreamOutputs()
    var steps: [Plan.Step] = []
    for step in selectedSteps {
      try cancellation.check()
      var planned = Plan.Step(name: step.name, kind: step.kind, decision: .run, reasons: [], since: nil, key: nil)
      let kind = try kind(of: step)
      if let inputs = upstream.inputs(of: step), waitsAreKnown(step, steps) {
        do {
          let action = try kind.action(for: step, inputs: inputs, in: planContext(cancellation))
          planned.key = action.key
          try decide(&planned, step, kind, action, &upstream, cancellation)
        } catch {
          planned.problems = explain(error, step: step).problems
          planned.reasons = ["its action cannot be made"]
        }
      } else {
        let open = document.dependencies(of: step.name).filter { name in
          steps.contains { $0.name == name && $0.decision != .cached }
        }
        planned.decision = .unknown
        planned.reasons = ["it depends on " + open.map { "'\($0)'" }.joined(separator: " and ") + ", which will run"]
      }
      steps.append(planned)
    }
    return Plan(workflow: document.name, steps: steps)
  }

  /// Whether all that `step` waits for without taking an input from it is decided.
  private func waitsAreKnown(_ step: StepSpec, _ steps: [Plan.Step]) -> Bool {
    step.after.allSatisfy { name in steps.contains { $0.name == name && $0.decision == .cached } }
  }

  private func decide(
    _ planned: inout Plan.Step, _ step: StepSpec, _ kind: any StepKind, _ action: Action,
    _ upstream: inout UpstreamOutputs, _ cancellation: Cancellation
  ) throws {
    let previous = try previousResult(of: step)
    planned.since = previous?.finished
    if !kind.isCached {
      if try kind.isSettled(action, in: planContext(cancellation)) {
        planned.decision = .cached
      } else {
        planned.reasons = ["what is served is not what it would release"]
      }
    } else if options.force.contains(step.name) {
      planned.reasons = ["--force"]
    } else {
      switch try store.result(forKey: action.key, cancellation: cancellation) {
      case .hit(let result, _):
        planned.decision = .cached
        planned.reasons = []
        upstream.record(result.outputs, of: step.name)
      case .miss(let reason):
        if let reason {
          planned.reasons = [reason]
        } else if let previous {
          planned.reasons = differences(from: previous.action, to: action.json)
          if planned.reasons.isEmpty { planned.reasons = ["its last result is no longer in the store"] }
        } else {
          planned.reasons = ["it never ran in this workspace"]
        }
      }
    }
  }

  /// The result of this step in the latest run of this workflow that had one; nil where it is no longer in the store.
  private func previousResult(of step: StepSpec) throws -> ActionResult? {
    guard let last = try store.lastResult(ofStep: step.name, workflow: document.name) else { return nil }
    do { return try store.result(last.record) } catch is StoreError { return nil }
  }
}
