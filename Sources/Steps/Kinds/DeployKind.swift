import Basics
import Diagnostics
package import Execution
import ModelRegistry
import ObjectStore
package import Workflow

/// `deploy`: registers a candidate as a version and, when everything in its lineage passed, moves the channel to it.
package struct DeployKind: StepKind {
  package init() {}
  package let implementation = 1
  package let isCached = false

  package var grammar: KindGrammar {
    KindGrammar(
      name: "deploy", summary: "Register a model version and release it to a channel of the serving directory.",
      settings: [
        SettingGrammar("candidate", "The model to release.", .artifact([.model]), isRequired: true),
        SettingGrammar("model", "The name it is registered under.", .text, isRequired: true),
        SettingGrammar("channel", "The channel that is moved.", .text, fallback: "production"),
      ],
      outputs: [.deployment],
      check: { step, document in checkNames(step) + checkRivals(step, document) },
      waitsFor: { step, document in conditions(of: step, in: document) })
  }

  package func action(
    for step: StepSpec, inputs: [Action.Input], in context: PlanContext
  ) throws -> Action {
    var action = Action(kind: "deploy", implementation: implementation, settings: step.settings, inputs: inputs)
    action.hints = [
      "conditions": JSON(step.after), "lineage": JSON(context.document.origins(of: step.name).map(\.name)),
    ]
    return action
  }

  package func isSettled(_ action: Action, in context: PlanContext) throws -> Bool {
    let (model, channel) = names(in: action.settings)
    return try Registry(context.store).serving(model).linked(channel) == action.input("candidate")
  }

  package func run(_ action: Action, in context: StepContext) throws -> StepOutcome {
    let candidate = try action.requiredInput("candidate").digest
    let (name, channel) = names(in: action.settings)
    let judged = ((action.hints["conditions"]?.arrayValue ?? []) + (action.hints["lineage"]?.arrayValue ?? []))
      .compactMap(\.stringValue).compactMap { context.reports[$0] }
    let verdicts = judged.compactMap(\.verdict)
    let verdict = verdicts.isEmpty ? nil : Verdict.all(verdicts)
    let gates = judged.filter { $0.kind == "gate" }
    // Of several gates the one that decided.
    let gate = gates.first { $0.verdict == verdict } ?? gates.first
    let registry = Registry(context.store)
    let version = try registry.register(
      model: name, artifact: candidate, verdict: verdict?.rawValue,
      report: gate?.outputs.first { $0.type == "verdict" }?.digest, run: context.run, workflow: context.workflow,
      cancellation: context.cancellation)
    var outcome = StepOutcome(outputs: [
      ActionResult.Output(name: "model", type: "model", digest: candidate, size: 0, isTree: true)
    ])
    let served = try registry.serving(name).linked(channel)
    outcome.report = [
      "model": ["name": .string(name), "version": JSON(version.number), "digest": JSON(candidate)],
      "channel": .string(channel), "before": served.map { JSON($0) } ?? .null, "deployed": .null,
    ]
    let label = "\(name) version \(version.number) (\(candidate.short))"
    if let verdict, verdict != .pass {
      outcome.changedNothing = version.run != context.run
      outcome.summary =
        "registered \(label) as \(verdict == .refuse ? "refused" : "inconclusive"); \(channel) is untouched"
      return outcome
    }
    guard context.options.deploys else {
      outcome.summary = "registered \(label); \(channel) is untouched (--no-deploy)"
      return outcome
    }
    let move = try registry.release(
      version, to: channel,
      files: try ReleaseDocuments(
        version, scores: evaluation(of: candidate, in: judged, context.store), store: context.store,
        cancellation: context.cancellation
      ).files, actor: currentUser(), run: context.run,
      liftingQuarantine: context.options.liftsQuarantine, cancellation: context.cancellation)
    outcome.report["deployed"] = ["channel": .string(channel), "digest": JSON(candidate)]
    outcome.changedNothing = !move.isMove
    outcome.summary = move.isMove ? "\(channel) now serves \(label)" : "\(channel) serves \(label) already"
    return outcome
  }
}

/// The model's name and the channel, which the grammar requires or fills in.
private func names(in settings: JSON) -> (model: String, channel: String) {
  (settings["model"]?.stringValue ?? "", settings["channel"]?.stringValue ?? "")
}

/// The first evaluation of `model` among what steps reported; nil where nothing evaluated it.
private func evaluation(of model: Digest, in reports: [StepReport], _ store: Store) throws -> Digest? {
  let scores = reports.flatMap(\.outputs).filter { $0.type == "scores" }.map(\.digest)
  return try scores.first { try store.readJSON($0)["model"]?.digestValue == model }
}

/// Every gate that judges the candidate, wherever it stands: none can be wired around. And its evaluations, whose metrics
/// are laid beside the model.
private func conditions(of step: StepSpec, in document: WorkflowDocument) -> [String] {
  guard let candidate = step.input("candidate") else { return [] }
  return document.steps.filter { other in
    ["gate", "evaluate"].contains(other.kind)
      && document.origins(of: other.name).contains { $0.name == candidate.step }
  }.map(\.name)
}

/// Names become folders and links of the serving directory.
private func checkNames(_ step: StepSpec) -> [Diagnostic] {
  let (model, channel) = names(in: step.settings)
  func problem(_ setting: String, _ name: String) -> Diagnostic {
    .error(
      "bad-name", "'\(name)' cannot be the name of a \(setting)", at: step.place(ofPath: [setting]),
      help: [
        isModelName(name)
          ? "channels cannot be called 'versions' or 'history.jsonl', nor by a number alone"
          : "use at most 100 letters, digits, '.', '_' and '-', beginning with a letter or a digit"
      ])
  }
  return (isModelName(model) ? [] : [problem("model", model)])
    + (isChannelName(channel) ? [] : [problem("channel", channel)])
}

/// A channel serves one model, so one step may move it.
private func checkRivals(_ step: StepSpec, _ document: WorkflowDocument) -> [Diagnostic] {
  let (model, channel) = names(in: step.settings)
  let rival = document.steps.prefix { $0.name != step.name }.first {
    $0.kind == "deploy" && $0.isSound && names(in: $0.settings) == (model, channel)
  }
  guard let rival else { return [] }
  return [
    .error(
      "same-channel", "steps '\(rival.name)' and '\(step.name)' both deploy to \(model)@\(channel)", at: step.place,
      help: ["keep one of them, or give it another model or channel"],
      notes: [.init("'\(rival.name)' stands here", at: rival.place)])
  ]
}
