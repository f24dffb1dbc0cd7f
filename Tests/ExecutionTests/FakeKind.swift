import Basics
import Diagnostics
import Execution
import ObjectStore
import Synchronization
import Workflow

/// How often each step was run, by name; shared by the kinds of a test.
final class Calls: Sendable {
  private let counts = Mutex<[String: Int]>([:])

  /// Counts one more call and tells which it is, from 1.
  @discardableResult
  func add(_ step: String) -> Int {
    counts.withLock {
      $0[step, default: 0] += 1
      return $0[step, default: 0]
    }
  }

  subscript(step: String) -> Int { counts.withLock { $0[step] ?? 0 } }
}

/// A kind for tests: it puts the texts of its inputs and its setting `text` together and keeps that as a table.
///
/// A step whose setting `unmakeable` is there has no action. `act` runs before, with the number of the call.
struct FakeKind: StepKind {
  var name = "make"
  var implementation = 1
  var isCached = true
  var refusalStopsDependants = false
  var calls = Calls()
  var act: @Sendable (_ step: String, _ call: Int, StepContext) throws -> Void = { _, _, _ in }
  /// What begins before the action is known.
  var ahead: HeadStartWork?
  var verdict: Verdict?
  /// The type of what it makes.
  var makes = ArtifactType.table
  /// True for a kind that finds the world as it should be.
  var changesNothing = false

  var grammar: KindGrammar { KindGrammar(name: name, summary: "A fake.", settings: [], outputs: [makes]) }

  func action(for step: StepSpec, inputs: [Action.Input], in context: PlanContext) throws -> Action {
    if let why = step.settings["unmakeable"]?.stringValue {
      throw SettingProblem(["unmakeable"], .error("unmakeable", why))
    }
    var action = Action(kind: name, implementation: implementation, settings: step.settings, inputs: inputs)
    action.hints = ["name": .string(step.name)]
    return action
  }

  func headStart(for step: StepSpec, inputs: [Action.Input], in context: PlanContext) -> HeadStartWork? { ahead }

  func isSettled(_ action: Action, in context: PlanContext) throws -> Bool { changesNothing }

  func run(_ action: Action, in context: StepContext) throws -> StepOutcome {
    let step = action.hints["name"]?.stringValue ?? ""
    try act(step, calls.add(step), context)
    let texts = try action.inputs.map { String(decoding: try context.store.read($0.digest), as: UTF8.self) }
    // A constant stands for a step whose result does not change although its input does.
    let text =
      action.settings["constant"]?.stringValue ?? (texts.joined() + (action.settings["text"]?.stringValue ?? ""))
    let bytes = Array(text.utf8)
    var outcome = StepOutcome(outputs: [
      ActionResult.Output(
        name: makes.rawValue, type: makes.rawValue, digest: try context.store.put(bytes), size: bytes.count)
    ])
    outcome.verdict = verdict
    // A step that makes a verdict is a gate.
    if verdict != nil, !refusalStopsDependants {
      outcome.outputs.append(
        ActionResult.Output(name: "verdict", type: "verdict", digest: Digest(of: bytes), size: bytes.count))
    }
    outcome.changedNothing = changesNothing
    outcome.metrics = ["all": ["length": Double(bytes.count)]]
    outcome.summary = "\(bytes.count) bytes"
    outcome.report = ["text": .string(text)]
    return outcome
  }
}

/// A failure of the given kind.
struct Trouble: Diagnosable {
  var failure: Failure
  var diagnostics: [Diagnostic] { [.error("trouble", "there is trouble")] }
}

/// A step named `name` that reads the tables of `reads`.
func step(
  _ name: String, _ kind: String = "make", reads: [String] = [], after: [String] = [], text: String? = nil,
  settings: JSON = [:], retry: Int = 0, timeout: Duration? = nil
) -> StepSpec {
  var settings = settings
  settings["text"] = .string(text ?? name)
  return StepSpec(
    name: name, kind: kind, settings: settings,
    inputs: reads.isEmpty ? [:] : ["data": reads.map { ArtifactReference(step: $0, type: .table) }], after: after,
    retry: retry, timeout: timeout, place: Place(file: "test.yaml", line: 1, column: 1))
}
