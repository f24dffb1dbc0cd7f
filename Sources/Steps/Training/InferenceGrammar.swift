import Basics
import Diagnostics
import Inference
import Learning
import Workflow

/// The settings under `inference`: standard errors and what follows from them.
enum InferenceGrammar {
  static let setting = SettingGrammar(
    "inference", "Standard errors, tests and intervals, for fits without a penalty.",
    .record([
      SettingGrammar(
        "robust",
        "`hc1`, `hc3`: errors from the squared residuals, right also where the variance is not what the model says.",
        .choice(["none"] + CovarianceKind.allCases.filter { $0 != .classical }.map(\.rawValue)), fallback: "none"),
      SettingGrammar("confidence", "The level of confidence intervals.", .share, fallback: 0.95),
      SettingGrammar(
        "weights", "What `weight` says: how precise a row is, or how many equal rows it stands for.",
        .choice(WeightMeaning.allCases.map(\.rawValue)), fallback: "precision"),
    ]), fallback: [:])

  /// What can be told before any data is seen.
  static func problems(_ step: StepSpec, _ settings: TrainingSettings) -> [Diagnostic] {
    guard settings.objective == .multinomial, step.settings["inference"]?["robust"]?.stringValue == "hc3" else {
      return []
    }
    return [
      .error(
        "setting-for-objective", "objective 'multinomial' has no hc3 errors",
        at: step.place(ofPath: ["inference", "robust"]), help: ["use hc1"])
    ]
  }
}
