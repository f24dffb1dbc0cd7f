import Basics
import DataValidation
import Diagnostics
package import Execution
import ModelRegistry
import ObjectStore
import Tabular
package import Workflow

/// `validate`: stated rules about a table; passes the table on when they hold.
package struct ValidateKind: StepKind {
  package init() {}
  package let implementation = 4
  package let refusalStopsDependants = true

  package var grammar: KindGrammar {
    KindGrammar(
      name: "validate", summary: "Hold a table against expectations and pass it on.", settings: validateSettings,
      outputs: [.table], replaces: "data", bareSetting: "expectations", check: { step, _ in checkValidate(step) })
  }

  package func action(
    for step: StepSpec, inputs: [Action.Input], in context: PlanContext
  ) throws -> Action {
    var action = Action(kind: "validate", implementation: implementation, settings: step.settings, inputs: inputs)
    let expectations = try Expectations(json: step.settings)
    let isAutomatic = step.settings["expectations"]?.stringValue == "auto"
    if expectations.needsClock { action.settings["now"] = .string(currentHour()) }
    if expectations.leakage != nil {
      action.settings["target"] = .string(try TargetRole(for: step, in: context.document).name)
    }
    if expectations.needsPrevious || isAutomatic, let data = action.input("data"),
      let previous = try context.store.lastAccepted(
        "table", ofStep: step.name, workflow: context.document.name, otherThan: data)
    {
      action.inputs.append(Action.Input(role: "previous", type: "table", digest: previous))
    }
    if let against = expectations.drift?.table, action.input("tables.\(against)") == nil,
      let (model, channel) = address(against),
      let served = try Registry(context.store).serving(model).linked(channel)
    {
      action.inputs.append(Action.Input(role: "model", type: "model", digest: served, isTree: true))
    }
    return action
  }

  package func run(_ action: Action, in context: StepContext) throws -> StepOutcome {
    let input = try action.requiredInput("data")
    let table = try context.store.openTable(input.digest, cancellation: context.cancellation)
    let surroundings = try ValidationSurroundings(action, in: context)
    var outcome = StepOutcome(
      outputs: [
        ActionResult.Output(
          name: "table", type: "table", digest: input.digest, size: try context.store.size(of: input.digest))
      ])
    var settings = action.settings
    if settings["expectations"]?.stringValue == "auto" {
      let known = surroundings.previous == nil ? surroundings.profile : surroundings.previousProfile
      let profile =
        try known
        ?? TableProfile(
          surroundings.previous ?? table, threads: context.threads, cancellation: context.cancellation)
      let suggested = SuggestedExpectations(profile)
      settings = suggested.settings(under: settings)
      let bytes = Array(suggested.yaml.utf8)
      let digest = try context.store.put(bytes)
      outcome.outputs.append(
        ActionResult.Output(name: "expectations", type: "expectations", digest: digest, size: bytes.count))
    }
    let observations = try observe(
      table, Expectations(json: settings), surroundings, threads: context.threads, cancellation: context.cancellation)
    let findings = observations.compactMap(\.finding)
    outcome.verdict = findings.contains { $0.severity == .error } ? .refuse : .pass
    outcome.report = [
      "expectations": .array(observations.map(\.json)), "findings": .array(findings.map(\.json)),
    ]
    outcome.warnings = findings.map(\.diagnostic)
    outcome.summary =
      findings.isEmpty
      ? observations.isEmpty ? "nothing is expected" : "all \(observations.count) expectations hold"
      : "\(findings.count) of \(observations.count) expectations do not hold"
    return outcome
  }

  /// The time as an action is keyed by it: to the hour, so that a result may be taken again until the hour is over.
  private func currentHour() -> String {
    let hour: Int64 = 3_600_000
    return Timestamp(milliseconds: Timestamp.now.milliseconds / hour * hour).text
  }
}
