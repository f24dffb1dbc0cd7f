import Basics
import Diagnostics
package import ObjectStore
package import Workflow

/// Plans and runs one workflow in one workspace.
///
/// Results are looked up by action key; what is missing is computed under a lock of the action, so that of several
/// processes one computes and the others take its result.
package struct Executor: Sendable {
  let workspace: Workspace
  let store: Store
  let document: WorkflowDocument
  let kinds: [String: any StepKind]
  let options: RunOptions
  let carried = CarriedValues()

  package init(
    workspace: Workspace, store: Store, document: WorkflowDocument, kinds: [any StepKind], options: RunOptions
  ) {
    self.workspace = workspace
    self.store = store
    self.document = document
    self.kinds = Dictionary(uniqueKeysWithValues: kinds.map { ($0.grammar.name, $0) })
    self.options = options
  }

  func kind(of step: StepSpec) throws -> any StepKind {
    guard let kind = kinds[step.kind] else {
      throw Problems(
        .error("unknown-kind", "step '\(step.name)' has kind '\(step.kind)', which is not registered"),
        failure: .internalError)
    }
    return kind
  }

  /// The action of a step whose dependencies are done; throws where it cannot be made.
  func action(
    for step: StepSpec, kind: any StepKind, _ upstream: UpstreamOutputs, _ cancellation: Cancellation
  ) throws -> Action {
    guard let inputs = upstream.inputs(of: step) else {
      throw Problems(
        .error("missing-output", "a step that '\(step.name)' reads made no such output", at: step.place),
        failure: .stepFailed)
    }
    var context = planContext(cancellation)
    context.reports = upstream.reports
    return try kind.action(for: step, inputs: inputs, in: context)
  }

  func planContext(_ cancellation: Cancellation) -> PlanContext {
    PlanContext(workspace: workspace, store: store, document: document, cancellation: cancellation)
  }

  /// What a runner of a step gets.
  func stepContext(
    _ step: StepSpec, run: String, staging: String, reports: [String: StepReport], cancellation: Cancellation,
    observe: @escaping @Sendable (RunEvent) -> Void
  ) -> StepContext {
    let name = step.name
    return StepContext(
      workspace: workspace, store: store, staging: staging, threads: options.threads, memory: options.memory, run: run,
      workflow: document.name, reports: reports, options: options, cancellation: cancellation, carried: carried,
      progress: { observe(.stepProgress(step: name, fraction: $0)) },
      log: { observe(.stepLog(step: name, line: $0)) })
  }

  /// The state machine of a run that has not begun.
  var initialState: RunState {
    let steps = selectedSteps
    return RunState(
      order: steps.map(\.name),
      dependencies: Dictionary(uniqueKeysWithValues: steps.map { ($0.name, document.dependencies(of: $0.name)) }),
      keepsGoing: options.keepGoing)
  }

  /// The steps of this run in the order of their dependencies.
  var selectedSteps: [StepSpec] {
    let selected = document.steps(until: options.until)
    return document.executionOrder.filter { selected.contains($0.name) }
  }
}

/// An error of any kind as diagnostics and a failure, with the place of the setting it complains about.
func explain(_ error: any Error, step: StepSpec) -> (problems: [Diagnostic], failure: Failure) {
  switch error {
  case let problem as SettingProblem:
    var diagnostic = problem.diagnostic
    if diagnostic.place == nil { diagnostic.place = step.place(ofPath: problem.path) }
    return ([diagnostic], problem.failure)
  case let error as any Diagnosable:
    let placed = error.diagnostics.map { diagnostic in
      var diagnostic = diagnostic
      if diagnostic.place == nil, error.failure == .badInput { diagnostic.place = step.place }
      return diagnostic
    }
    return (placed, error.failure)
  case Cancelled.timedOut:
    let help = "raise 'timeout' of step '\(step.name)', or give it less to do"
    return (
      [.error("timed-out", "step '\(step.name)' ran into its timeout", at: step.place, help: [help])], .stepFailed
    )
  case let cancelled as Cancelled:
    return ([.error("interrupted", "step '\(step.name)' was interrupted")], cancelled.failure)
  default:
    let report = "this is a bug in mlflowctl: please report it with the command that you ran"
    return (
      [.error("internal", "step '\(step.name)' failed unexpectedly: \(String(reflecting: error))", help: [report])],
      .internalError
    )
  }
}
