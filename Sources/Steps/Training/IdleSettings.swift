import Basics
import Diagnostics
import Inference
import Learning
import Workflow

/// Settings of a `train` step that are written, and do nothing beside the others.
enum IdleSettings {
  static func warnings(_ step: StepSpec, _ settings: TrainingSettings, _ document: WorkflowDocument) -> [Diagnostic] {
    let found = inference(step, settings) + tuning(step, settings, document) + features(step, settings)
    // What is tried for once on the command line is not held against the file.
    return step.isOverridden ? found.filter { $0.place?.file == "--set" } : found
  }

  private static func warning(_ step: StepSpec, _ path: [String], _ why: String, _ help: String) -> Diagnostic {
    .warning(
      "setting-without-effect", "'\(path.joined(separator: "."))' does nothing: \(why)",
      at: step.keyPlace(ofPath: path),
      help: [help])
  }

  /// Standard errors are of fits without a penalty.
  private static func inference(_ step: StepSpec, _ settings: TrainingSettings) -> [Diagnostic] {
    var warnings: [Diagnostic] = []
    if settings.l1.isAlwaysThere || settings.l2.isAlwaysThere {
      for name in ["robust", "confidence"] where step.isWritten("inference", name) {
        if name == "robust", step.settings["inference"]?["robust"]?.stringValue == "none" { continue }
        warnings.append(
          warning(
            step, ["inference", name], "a fit with a penalty has no standard errors",
            "write 'penalty: none', or leave it out"))
      }
    }
    if settings.weightsAreCounts, settings.weight == nil {
      warnings.append(
        warning(
          step, ["inference", "weights"], "there is no column of weights", "name it under 'weight', or leave this out"))
    }
    return warnings
  }

  private static func tuning(
    _ step: StepSpec, _ settings: TrainingSettings, _ document: WorkflowDocument
  ) -> [Diagnostic] {
    var warnings: [Diagnostic] = []
    func warn(_ name: String, _ why: String, _ help: String) {
      if step.isWritten("tune", name) { warnings.append(warning(step, ["tune", name], why, help)) }
    }
    let choosesPenalty = !settings.l1.isFixed || !settings.l2.isFixed
    if !settings.isTuned {
      let help = "list values under 'penalty' or 'tune.grid', or leave it out"
      warn("metric", "there is nothing to choose from", help)
      let hasValidation =
        step.input("data").flatMap { document.step(named: $0.step) }?.settings["validation"] != nil
        && settings.calibration?.source != .folds
      if !settings.needsHeldOut || hasValidation {
        let why =
          settings.needsHeldOut ? "the rows held out are the validation part" : "there is nothing to choose from"
        warn("folds", why, settings.needsHeldOut ? "write 'calibrate: { on: folds }', or leave it out" : help)
        warn("by", why, settings.needsHeldOut ? "write 'calibrate: { on: folds }', or leave it out" : help)
      }
    }
    if !choosesPenalty {
      warn(
        "one_standard_error", "it chooses among penalties, and there is no choice of them",
        "write 'penalty: tune' or a list of penalties, or leave it out")
    }
    if settings.l1 != .tuned || settings.l2 != .tuned {
      warn(
        "ratios", "they are for tuning l1 and l2 together", "write 'penalty: { l1: tune, l2: tune }', or leave them out"
      )
    }
    return warnings
  }

  /// What belongs to another way to encode.
  private static func features(_ step: StepSpec, _ settings: TrainingSettings) -> [Diagnostic] {
    var warnings: [Diagnostic] = []
    func encodings(_ kind: String, _ fallback: String) -> [String] {
      settings.grid.first { $0.path == "features.\(kind).encode" }?.values.compactMap(\.stringValue)
        ?? [step.settings["features"]?[kind]?["encode"]?.stringValue ?? fallback]
    }
    func warn(_ kind: String, _ name: String, _ wanted: String) {
      guard step.isWritten("features", kind, name) else { return }
      warnings.append(
        warning(
          step, ["features", kind, name], "it belongs to 'encode: \(wanted)'",
          "write 'encode: \(wanted)' beside it, or leave it out"))
    }
    let ofCategories = encodings("categorical", "one-hot")
    if !ofCategories.contains("hash") { warn("categorical", "buckets", "hash") }
    if !ofCategories.contains("one-hot") {
      for name in ["rare", "max_levels"] { warn("categorical", name, "one-hot") }
    }
    if !encodings("text", "none").contains("hash") {
      for name in ["buckets", "ngrams", "lowercase", "term", "signed", "normalise"] { warn("text", name, "hash") }
    }
    return warnings
  }
}

extension TrainingSettings.Strength {
  /// Whether no fit goes without this penalty.
  fileprivate var isAlwaysThere: Bool {
    switch self {
    case .value(let value): value > 0
    case .list(let values): !values.isEmpty && values.allSatisfy { $0 > 0 }
    case .tuned: true
    }
  }
}
