package import Basics
package import Diagnostics
package import ObjectStore
package import Workflow

/// A kind of step: its grammar, how a step of it becomes an action, and how the action is done.
///
/// Kinds are registered into `Execution` by `Steps`, one file each; nothing here knows what they do.
package protocol StepKind: Sendable {
  var grammar: KindGrammar { get }
  /// The version of the code: raise it whenever the same action may give another result. Golden digests in the tests
  /// guard it.
  var implementation: Int { get }
  /// False for kinds that act on the world outside of the store and must look at it every time (`deploy`).
  var isCached: Bool { get }
  /// True where a refusal stops the steps behind it (`validate`); a refused gate still lets `deploy` register.
  var refusalStopsDependants: Bool { get }

  /// The action of a step whose artifact inputs are known. Looks up what the workflow does not say: the digest of a source
  /// file, the champion. Reads no data.
  func action(for step: StepSpec, inputs: [Action.Input], in context: PlanContext) throws -> Action

  /// Whether doing the action would change nothing, for kinds that are not cached: what a plan says of them.
  func isSettled(_ action: Action, in context: PlanContext) throws -> Bool

  /// What can be done on the way to any result of the step, beside `action`, where that takes long; nil for nothing. The run takes
  /// it from `StepContext.headStart`.
  func headStart(for step: StepSpec, inputs: [Action.Input], in context: PlanContext) -> HeadStartWork?

  /// Does the action.
  func run(_ action: Action, in context: StepContext) throws -> StepOutcome
}

extension StepKind {
  package var isCached: Bool { true }
  package var refusalStopsDependants: Bool { false }

  package func isSettled(_ action: Action, in context: PlanContext) throws -> Bool { false }

  package func headStart(for step: StepSpec, inputs: [Action.Input], in context: PlanContext) -> HeadStartWork? { nil }
}

/// What a kind may look at when it makes an action.
package struct PlanContext: Sendable {
  package var workspace: Workspace
  package var store: Store
  package var document: WorkflowDocument
  /// What the steps before this one had to tell, by name, in the form of their kinds.
  package var reports: [String: JSON] = [:]
  package var cancellation: Cancellation

  package init(
    workspace: Workspace, store: Store, document: WorkflowDocument, reports: [String: JSON] = [:],
    cancellation: Cancellation
  ) {
    self.workspace = workspace
    self.store = store
    self.document = document
    self.reports = reports
    self.cancellation = cancellation
  }
}

/// What a runner gets beside its action.
package struct StepContext: Sendable {
  package var workspace: Workspace
  package var store: Store
  /// A folder of its own on the store's file system, removed afterwards.
  package var staging: String
  package var threads: Int
  /// Bytes that the step should keep below, where it can choose.
  package var memory: Int
  package var run: String
  package var workflow: String
  /// What earlier steps of this run reported, by step name.
  package var reports: [String: StepReport]
  package var options: RunOptions
  package var cancellation: Cancellation
  /// What steps of this run hand on in memory.
  package var carried: CarriedValues
  /// What began before, in the first attempt.
  package var headStart: HeadStart?
  /// From 0 to 1.
  package var progress: @Sendable (Double) -> Void
  package var log: @Sendable (String) -> Void
}

/// What a step made.
package struct StepOutcome: Sendable {
  package var outputs: [ActionResult.Output]
  /// Metrics by split, then name; undefined ones are left out.
  package var metrics: [String: [String: Double]] = [:]
  /// What there is to tell, in the kind's own form: findings, conditions, coefficients, what was deployed.
  package var report: JSON = [:]
  package var verdict: Verdict?
  package var warnings: [Diagnostic] = []
  /// True when a kind that is not cached found everything as it should be; its step counts as cached.
  package var changedNothing = false
  /// One line for the console.
  package var summary: String = ""

  package init(outputs: [ActionResult.Output]) { self.outputs = outputs }
}

/// A complaint of a runner about one of its settings, told by path; the executor adds the place in the workflow.
package struct SettingProblem: Error {
  package var path: [String]
  package var diagnostic: Diagnostic
  package var failure: Failure

  package init(_ path: [String], _ diagnostic: Diagnostic, failure: Failure = .badInput) {
    self.path = path
    self.diagnostic = diagnostic
    self.failure = failure
  }
}
