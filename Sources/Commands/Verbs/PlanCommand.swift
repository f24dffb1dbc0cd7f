import ArgumentParser
import Basics
import Diagnostics
import Execution
import ObjectStore
import Steps
import Workflow

struct PlanCommand: ParsableCommand, ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan", abstract: "Tell which steps would run, which are cached, and why.")

  @OptionGroup var workflow: WorkflowOptions
  @OptionGroup var steps: StepFlags
  @OptionGroup var shared: SharedOptions

  func execute(_ console: Console) throws -> Failure? {
    let workspace = try shared.workspace(orCurrent: true)
    let document = try workflow.document(in: workspace, console)
    let executor = Executor(
      workspace: workspace, store: try Store.open(workspace, cancellation: .process), document: document,
      kinds: stepKinds,
      options: try steps.options(for: document))
    let plan = try executor.plan(cancellation: .process)
    if shared.format == .json {
      console.answer(plan.json)
    } else {
      console.answer(text(plan, colour: console.hasColour.output))
    }
    console.say(plan.steps.flatMap(\.problems))
    return plan.failure
  }

  private func text(_ plan: Plan, colour: Bool) -> String {
    let width = plan.steps.map(\.name.count).max() ?? 0
    var lines = plan.steps.map { step in
      let name = step.name + String(repeating: " ", count: width - step.name.count)
      switch step.decision {
      case .cached: return Style.dim("  = \(name)  cached", if: colour)
      case .run:
        return Style.green("  + ", if: colour)
          + "\(name)  will run: \(step.reasons.joined(separator: "; "))\(since(step))"
      case .unknown:
        return Style.yellow("  ? ", if: colour) + "\(name)  may run: \(step.reasons.joined(separator: "; "))"
      case .skip: return Style.dim("  - \(name)  will be skipped: \(step.reasons.joined(separator: "; "))", if: colour)
      }
    }
    let running = plan.steps.count { $0.decision == .run || $0.decision == .unknown }
    lines.append(running == 0 ? "nothing to do" : "\(running) of \(plan.steps.count) steps to run")
    return lines.joined(separator: "\n")
  }

  private func since(_ step: Plan.Step) -> String {
    step.since.map { " (last ran \($0.text))" } ?? ""
  }
}

extension Plan {
  fileprivate var json: JSON {
    [
      "workflow": .string(workflow),
      "steps": .array(
        steps.map { step in
          [
            "name": .string(step.name), "kind": .string(step.kind), "decision": .string(step.decision.rawValue),
            "reasons": JSON(step.reasons), "since": step.since.map { .string($0.text) } ?? .null,
            "key": step.key.map { JSON($0) } ?? .null, "problems": .array(step.problems.map(\.json)),
          ]
        }),
    ]
  }
}
