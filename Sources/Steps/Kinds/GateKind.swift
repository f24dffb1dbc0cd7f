import Basics
import Diagnostics
import Evaluation
package import Execution
import Inference
import ModelRegistry
import ObjectStore
import Statistics
import Tabular
package import Workflow

/// `gate`: conditions on the metrics of a candidate → a verdict.
package struct GateKind: StepKind {
  package init() {}
  package let implementation = 3

  package var grammar: KindGrammar {
    KindGrammar(
      name: "gate", summary: "Hold a candidate against conditions, and against the champion on the same rows.",
      settings: [
        SettingGrammar("scores", "The evaluation of the candidate.", .artifact([.scores]), isRequired: true),
        SettingGrammar(
          "require", "The conditions, all of which must hold.",
          .list(.checked(name: "gate condition", check: checkCondition)), isRequired: true),
        SettingGrammar(
          "against", "The champion as `MODEL@CHANNEL`; left out, that of the channel that `deploy` names.", .text),
        SettingGrammar(
          "resamples", "Bootstrap resamples behind `with N% confidence`.", .integer(100...1_000_000), fallback: 2000),
      ],
      outputs: [.verdict], check: { step, document in checkChampion(step) + checkConditions(step, document) })
  }

  package func action(
    for step: StepSpec, inputs: [Action.Input], in context: PlanContext
  ) throws -> Action {
    var settings = step.settings
    settings["against"] = nil
    var action = Action(kind: "gate", implementation: implementation, settings: settings, inputs: inputs)
    action.seed = context.document.seed
    let candidate = try context.store.readJSON(action.requiredInput("scores").digest)["model"]?.digestValue
    if let champion = try champion(for: step, candidate: candidate, in: context) {
      action.inputs.append(Action.Input(role: "champion", type: "model", digest: champion, isTree: true))
    }
    return action
  }

  /// The model that the candidate is held against. Where the candidate is the champion itself, the recorded verdict stands:
  /// it is held against what was served before it, as it was then.
  private func champion(for step: StepSpec, candidate: Digest?, in context: PlanContext) throws -> Digest? {
    guard let (model, channel) = championChannel(of: step, in: context.document) else { return nil }
    let serving = try Registry(context.store).serving(model)
    guard let served = try serving.linked(channel), served == candidate else { return try serving.linked(channel) }
    return try serving.history().entries.last { $0.event == .release && $0.channel == channel && $0.to == served }?.from
  }

  package func run(_ action: Action, in context: StepContext) throws -> StepOutcome {
    let scoresDigest = try action.requiredInput("scores").digest
    let scores = try context.store.readJSON(scoresDigest)
    guard let model = scores["model"]?.digestValue, let judged = scores["judged"]?.stringValue else {
      throw Problems(.error("not-scores", "object \(scoresDigest.short) is not an evaluation"), failure: .badInput)
    }
    let judge = try CandidateJudge(
      scores: scores, store: context.store, bootstrap: bootstrapSettings(action, context),
      cancellation: context.cancellation)
    let report = try judge.judge(
      try (action.settings["require"]?.arrayValue ?? []).compactMap(\.stringValue).map { try Condition(parsing: $0) },
      candidate: model, champion: action.input("champion"), known: context.carried.value(beside: scoresDigest))
    let verdict: JSON = [
      "format": "mlflowctl-verdict/v1", "verdict": .string(report.verdict.rawValue), "model": JSON(model),
      "champion": action.input("champion").map { JSON($0) } ?? .null, "scores": JSON(scoresDigest),
      "conditions": .array(report.conditions.map(\.json)), "part": .string(judged),
    ]
    let bytes = verdict.canonicalBytes
    var outcome = StepOutcome(outputs: [
      ActionResult.Output(name: "verdict", type: "verdict", digest: try context.store.put(bytes), size: bytes.count)
    ])
    outcome.verdict = report.verdict
    outcome.report = verdict
    let held = report.conditions.count { $0.verdict == .pass }
    outcome.summary = "\(held) of \(report.conditions.count) conditions hold"
    return outcome
  }
}

private func bootstrapSettings(_ action: Action, _ context: StepContext) -> BootstrapSettings {
  BootstrapSettings(
    seed: derivedSeed(UInt64(bitPattern: Int64(action.seed ?? 0)), "gate"),
    resamples: action.settings["resamples"]?.intValue ?? 2000, threads: context.threads)
}

/// The model name and channel whose champion a gate is held against: what `against` says, or the one `deploy` step that
/// would release the candidate.
func championChannel(of gate: StepSpec, in document: WorkflowDocument) -> (model: String, channel: String)? {
  if let against = gate.settings["against"]?.stringValue {
    return address(against)
  }
  let trains = Set(document.origins(of: gate.name).filter { $0.kind == "train" }.map(\.name))
  for deploy in document.steps where deploy.kind == "deploy" {
    guard let candidate = deploy.inputs["candidate"]?.first, trains.contains(candidate.step),
      let model = deploy.settings["model"]?.stringValue, let channel = deploy.settings["channel"]?.stringValue
    else { continue }
    return (model, channel)
  }
  return nil
}

/// The parts of `MODEL@CHANNEL`; nil for anything else.
func address(_ text: String) -> (model: String, channel: String)? {
  let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
  return parts.count == 2 && isModelName(parts[0]) && isChannelName(parts[1]) ? (parts[0], parts[1]) : nil
}

private func checkCondition(_ text: String) -> [TextProblem] {
  do {
    _ = try Condition(parsing: text)
    return []
  } catch {
    return [
      TextProblem(
        offset: error.offset, length: error.length, code: "bad-condition", message: error.message, help: error.help)
    ]
  }
}

/// `against` must be able to name a channel.
private func checkChampion(_ step: StepSpec) -> [Diagnostic] {
  guard let against = step.settings["against"]?.stringValue, address(against) == nil else { return [] }
  return [
    .error(
      "bad-channel", "'\(against)' names no channel, expected MODEL@CHANNEL", at: step.place(of: "against"),
      help: ["write it as 'penguins@production'"])
  ]
}

/// There must be conditions, and their metrics must exist for the objective of the model that is judged.
private func checkConditions(_ step: StepSpec, _ document: WorkflowDocument) -> [Diagnostic] {
  if step.settings["require"]?.arrayValue?.isEmpty == true {
    return [
      .error(
        "no-conditions", "the gate has no conditions, so anything would pass", at: step.place(of: "require"),
        help: ["write one, such as [accuracy >= 0.9], or remove the step"])
    ]
  }
  guard let train = document.origins(of: step.name).first(where: { $0.kind == "train" }),
    let objective = train.settings["objective"]?.stringValue.flatMap(ModelObjective.init(rawValue:))
  else { return [] }
  var problems: [Diagnostic] = []
  for (index, text) in (step.settings["require"]?.arrayValue ?? []).compactMap(\.stringValue).enumerated() {
    do { _ = try Condition(parsing: text, for: objective.answer) } catch {
      let place = step.place(of: "require", "[\(index)]", within: error.offset..<error.offset + error.length)
      problems.append(
        .error(
          "metric-for-objective", "\(error.message) (objective '\(objective.rawValue)')", at: place, help: error.help))
    }
  }
  return problems
}

extension ModelObjective {
  /// What models with this objective answer with.
  var answer: AnswerKind {
    switch self {
    case .linear: .number
    case .logistic: .binary
    case .multinomial: .multiClass
    case .poisson: .count
    }
  }
}
