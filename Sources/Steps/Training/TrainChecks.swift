import Basics
import Diagnostics
import Evaluation
import Execution
import Inference
import Learning
import Workflow

/// What can be told of a `train` step before any data is seen.
enum TrainChecks {
  static func problems(_ step: StepSpec, _ document: WorkflowDocument) -> [Diagnostic] {
    let settings = TrainingSettings(step.settings)
    return target(step, document) + positive(step, settings) + objective(step, settings) + penalty(step, settings)
      + InferenceGrammar.problems(step, settings) + tuning(step, settings)
      + roles(step, settings, document) + decision(step, settings, document)
      + IdleSettings.warnings(step, settings, document)
  }

  /// The most combinations of a grid.
  private static let mostCombinations = 1000

  /// Some step must name the column to tell; whether the data has it is seen when they are read.
  private static func target(_ step: StepSpec, _ document: WorkflowDocument) -> [Diagnostic] {
    // What a faulty step lacks is told there.
    guard document.origins(of: step.name).allSatisfy(\.isSound) else { return [] }
    do {
      _ = try TargetRole(for: step, in: document)
      return []
    } catch {
      return [error.diagnostic]
    }
  }

  /// Only two classes have a positive one.
  private static func positive(_ step: StepSpec, _ settings: TrainingSettings) -> [Diagnostic] {
    guard step.settings["positive"] != nil, settings.objective != .logistic else { return [] }
    return [
      .error(
        "positive-for-objective", "objective '\(settings.objective.rawValue)' has no positive class",
        at: step.keyPlace(of: "positive"), help: ["remove it"])
    ]
  }

  /// Settings that only some objectives have.
  private static func objective(_ step: StepSpec, _ settings: TrainingSettings) -> [Diagnostic] {
    let name = settings.objective.rawValue
    var problems: [Diagnostic] = []
    func refuse(_ setting: String, _ what: String, _ help: String) {
      problems.append(
        .error(
          "setting-for-objective", "objective '\(name)' takes no \(what)", at: step.keyPlace(of: setting), help: [help])
      )
    }
    if settings.objective != .poisson {
      for setting in ["offset", "exposure"] where step.settings[setting] != nil {
        refuse(setting, setting, "use the objective poisson, or remove it")
      }
    } else if step.settings["offset"] != nil, step.settings["exposure"] != nil {
      problems.append(
        .error(
          "two-offsets", "'offset' and 'exposure' exclude each other", at: step.keyPlace(of: "exposure"),
          help: ["add the logarithm of the exposure to the offset beforehand"]))
    }
    if !settings.objective.isClassifier {
      if settings.classWeight != .none { refuse("class_weight", "class weights", "name a column under 'weight'") }
      if settings.calibration != nil { refuse("calibrate", "calibration: it has no probabilities", "remove it") }
      if settings.threshold != nil { refuse("threshold", "threshold: it has no classes", "remove it") }
    } else if settings.objective == .multinomial, settings.threshold != nil {
      refuse("threshold", "threshold", "use the objective logistic for two classes, or remove it")
    }
    if let solver = step.settings["solver"]?.stringValue.flatMap(SolverChoice.init(rawValue:)) {
      problems += self.solver(solver, step.place(of: "solver"), settings)
    }
    for (index, value) in (settings.grid.first { $0.path == "solver" }?.values ?? []).enumerated() {
      guard let solver = value.stringValue.flatMap(SolverChoice.init(rawValue:)) else { continue }
      problems += self.solver(solver, step.place(of: "tune", "grid", "solver", "[\(index)]"), settings)
    }
    return problems
  }

  private static func solver(_ solver: SolverChoice, _ place: Place, _ settings: TrainingSettings) -> [Diagnostic] {
    let isLinear = settings.objective == .linear
    let hasL1 = settings.l1 != .value(0)
    let fits: (Bool, String) =
      switch solver {
      case .cholesky, .qr, .svd: (isLinear && !hasL1, "least squares without an l1 penalty")
      case .coordinateDescent: (hasL1, "l1 penalties")
      case .newton, .lbfgs:
        (!isLinear && !hasL1, "logistic, multinomial and poisson without an l1 penalty")
      // Whether rows are sparse is seen when they are encoded.
      case .truncatedNewton: (!hasL1, "sparse rows without an l1 penalty")
      }
    if fits.0 { return [] }
    return [
      .error(
        "solver-for-objective", "the solver '\(solver.rawValue)' is for \(fits.1)", at: place,
        help: ["leave the choice to 'auto'"])
    ]
  }

  private static func penalty(_ step: StepSpec, _ settings: TrainingSettings) -> [Diagnostic] {
    var problems: [Diagnostic] = []
    if step.settings["penalty"]?.objectValue?.isEmpty == true {
      problems.append(
        .error(
          "empty-penalty", "the penalty names neither 'l1' nor 'l2'", at: step.place(of: "penalty"),
          help: ["write 'penalty: none' for none, or 'penalty: tune'"]))
    }
    for (name, strength) in [("l1", settings.l1), ("l2", settings.l2)] where strength == .list([]) {
      problems.append(
        .error(
          "empty-list", "the list of penalties is empty", at: step.place(of: "penalty", name),
          help: ["write numbers, such as [0.1, 1, 10], or 'tune'"]))
    }
    return problems
  }

  private static func tuning(_ step: StepSpec, _ settings: TrainingSettings) -> [Diagnostic] {
    var problems: [Diagnostic] = []
    if let metric = settings.metric,
      let problem = TuningMetric.problems(metric, for: settings.objective.answer).first
    {
      problems.append(
        .error(
          "metric-for-objective", "\(problem.message) (objective '\(settings.objective.rawValue)')",
          at: step.place(ofPath: ["tune", "metric"]), help: problem.help))
    }
    if let by = step.settings["tune"]?["by"]?.objectValue, by.count != 1 {
      problems.append(
        .error(
          "fold-rule", by.isEmpty ? "'by' names no column" : "'group' and 'time' exclude each other",
          at: step.place(of: "tune", "by"), help: ["write by: { group: COLUMN } or by: { time: COLUMN }"]))
    }
    if settings.foldRule == .stratified, !settings.objective.isClassifier {
      problems.append(
        .error(
          "fold-rule", "folds of the objective '\(settings.objective.rawValue)' have no classes to be stratified by",
          at: step.place(of: "tune", "by"), help: ["write 'random', or leave it out"]))
    }
    for (path, values) in settings.grid where values.isEmpty {
      problems.append(
        .error(
          "empty-list", "the grid has no values for '\(path)'", at: step.place(of: "tune", "grid", path),
          help: ["list some, or remove it"]))
    }
    if settings.grid.contains(where: { $0.path == "class_weight" }), !settings.objective.isClassifier {
      problems.append(
        .error(
          "setting-for-objective", "objective '\(settings.objective.rawValue)' takes no class weights",
          at: step.keyPlace(of: "tune", "grid", "class_weight"), help: ["remove it"]))
    }
    let combinations = settings.grid.reduce(1) { min(mostCombinations + 1, $0 * max(1, $1.values.count)) }
    if combinations > mostCombinations {
      problems.append(
        .error(
          "large-grid", "the grid has more than \(mostCombinations) combinations",
          at: step.keyPlace(of: "tune", "grid"),
          help: ["try fewer values, or one setting after the other"]))
    }
    if step.settings["tune"]?["ratios"]?.arrayValue?.contains(where: { $0.doubleValue == 0 }) == true
      || settings.ratios.isEmpty
    {
      problems.append(
        .error(
          "bad-ratios", settings.ratios.isEmpty ? "there are no ratios" : "a ratio of 0 has no l1 penalty to tune",
          at: step.place(of: "tune", "ratios"), help: ["list shares above 0, or tune l2 alone"]))
    }
    return problems
  }

  /// A column has one part to play.
  private static func roles(
    _ step: StepSpec, _ settings: TrainingSettings, _ document: WorkflowDocument
  ) -> [Diagnostic] {
    var problems: [Diagnostic] = []
    let target = try? TargetRole(for: step, in: document).name
    var seen: [String: String] = target.map { [$0: "target"] } ?? [:]
    for role in ["weight", "offset", "exposure"] {
      guard let name = step.settings[role]?.stringValue else { continue }
      if let other = seen[name] {
        problems.append(
          .error(
            "two-roles", "column '\(name)' cannot be both \(other) and \(role)", at: step.place(of: role),
            help: ["name another column"]))
      }
      seen[name] = role
    }
    for (index, name) in (step.settings["features"]?["only"]?.arrayValue ?? []).compactMap(\.stringValue).enumerated() {
      guard let role = seen[name] else { continue }
      problems.append(
        .error(
          "role-as-feature", "column '\(name)' is the \(role), and cannot be a feature",
          at: step.place(of: "features", "only", "[\(index)]"), help: ["leave it out here"]))
    }
    return problems
  }

  private static func decision(
    _ step: StepSpec, _ settings: TrainingSettings, _ document: WorkflowDocument
  ) -> [Diagnostic] {
    var problems: [Diagnostic] = []
    if let threshold = step.settings["threshold"]?.objectValue, threshold.count != 1 {
      problems.append(
        .error(
          "threshold-rule",
          threshold.isEmpty ? "the threshold has no rule" : "'maximise' and 'costs' exclude each other",
          at: step.place(of: "threshold"), help: ["write a number, { maximise: f1 } or { costs: … }"]))
    }
    // A split that this document makes says whether it has a validation part.
    let split = step.input("data").flatMap { document.step(named: $0.step) }
    if settings.calibration?.source == .validation, let split, split.isSound,
      split.kind != "split" || split.settings["validation"] == nil
    {
      problems.append(
        .error(
          "no-validation", "calibration on validation rows needs a split with a validation part",
          at: step.place(of: "calibrate", "on"), help: ["write 'validation: 20%' under split, or 'on: folds'"]))
    }
    return problems
  }
}
