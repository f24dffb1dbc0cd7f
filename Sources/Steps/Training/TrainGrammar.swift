import Basics
import Diagnostics
import Evaluation
import Inference
import Learning
import Workflow

/// The settings of `train`.
enum TrainGrammar {
  static let settings: [SettingGrammar] =
    [
      SettingGrammar(
        "data", "A split, whose training part is used, or a whole table.", .artifact([.split, .table]),
        isRequired: true),
      SettingGrammar("target", "The column to tell; left out, that of the ingest step.", .text),
      SettingGrammar(
        "objective", "What is minimised: squared error, binary or multinomial log loss, Poisson loss of counts.",
        .choice(ModelObjective.allCases.map(\.rawValue)), isRequired: true),
      SettingGrammar("positive", "The class that probabilities and recall are of, in a binary model.", .scalar),
      SettingGrammar("weight", "A column that says how much each row counts; no feature.", .text),
      SettingGrammar(
        "offset", "For `poisson`: a column that is added to the score as it is; no feature.", .text),
      SettingGrammar(
        "exposure", "For `poisson`: a column by which the rate is multiplied, such as time at risk; no feature.", .text),
    ] + tunable + [
      SettingGrammar("penalty", "How large coefficients are held down.", penalty, fallback: ["l2": "tune"]),
      SettingGrammar("tune", "How `tune` searches.", .record(tune), fallback: [:]),
      InferenceGrammar.setting,
      SettingGrammar("max_seconds", "After how long the solver stops where it is.", .number(above0)),
      SettingGrammar("calibrate", "Make probabilities hold what they say, on held-out rows.", calibrate),
      SettingGrammar(
        "threshold", "Above which probability the positive class is decided for; left out, 0.5.", threshold),
    ]

  private static let above0 = Double.leastNonzeroMagnitude...Double.infinity

  /// The settings that a grid may vary, too.
  private static let tunable: [SettingGrammar] = [
    SettingGrammar(
      "features", "Which columns are used and how they are encoded.", .record(FeatureGrammar.settings), fallback: [:]),
    SettingGrammar(
      "class_weight", "How much rows of each class count beside that; `balanced`: n / (classes · rows of the class).",
      .anyOf([.choice(["none", "balanced"]), .map(.number(above0))]), fallback: "none"),
    SettingGrammar("intercept", "Whether to fit an intercept, which is never penalised.", .boolean, fallback: true),
    SettingGrammar(
      "solver", "How the minimum is found; `auto` goes by the shape of the problem.",
      .choice(["auto"] + SolverChoice.allCases.map(\.rawValue)), fallback: "auto"),
    SettingGrammar("max_iterations", "Most passes of the solver.", .integer(1...1_000_000), fallback: 1000),
    SettingGrammar(
      "tolerance",
      "The stopping rule: relative gradient norm; with `l1` a hundredth of it bounds the relative duality gap, of sparse rows all of it.",
      .number(1e-15...1), fallback: 1e-8),
  ]

  private static let penalty = Shape.anyOf([
    .choice(["none", "tune"]),
    .record([
      SettingGrammar("l1", "The penalty l1·‖w‖₁: a number, a list to choose from, or `tune`.", strength),
      SettingGrammar("l2", "The penalty l2/2·‖w‖²: a number, a list to choose from, or `tune`.", strength),
    ]),
  ])

  private static let strength = Shape.anyOf([
    .number(0...Double.infinity), .choice(["tune"]), .list(.number(0...Double.infinity)),
  ])

  private static let tune: [SettingGrammar] = [
    SettingGrammar("folds", "Number of folds.", .integer(2...100), fallback: 5),
    SettingGrammar(
      "by", "How rows are dealt to folds; left out, `stratified` for classes and `random` for numbers.",
      .anyOf([
        .choice(["random", "stratified"]),
        .record([
          SettingGrammar("group", "A column whose equal values never fall into two folds.", .text),
          SettingGrammar("time", "A column by which each fold is judged on what comes after its training rows.", .text),
        ]),
      ])),
    SettingGrammar(
      "metric", "The metric that decides, on held-out rows; left out, that of the objective.",
      .checked(name: "metric", check: TuningMetric.problems)),
    SettingGrammar(
      "one_standard_error", "Take the largest penalty within one standard error of the best.", .boolean,
      fallback: false),
    SettingGrammar(
      "ratios", "Where `l1` and `l2` are both tuned: shares of l1 in their sum.", .list(.number(0...1)),
      fallback: [0.1, 0.5, 0.9, 1]),
    SettingGrammar(
      "grid",
      "Values to try for other settings, as a list by the path of the setting: those under `features`, and `class_weight`, `intercept`, `solver`, `max_iterations` and `tolerance`.",
      .record(tunable.flatMap { leaves($0, path: "") }), refusals: gridRefusals),
  ]

  private static let gridRefusals: [String: String] = {
    let penalty = "list penalties where the penalty is: 'penalty: { l2: [0.01, 0.1, 1] }', or 'penalty: tune'"
    let others =
      "a grid takes the settings under features, and class_weight, intercept, solver, max_iterations and tolerance"
    return ["penalty": penalty, "penalty.l1": penalty, "penalty.l2": penalty, "l1": penalty, "l2": penalty, "": others]
  }()

  /// The settings that hold values, by their paths, as lists of such values.
  private static func leaves(_ setting: SettingGrammar, path: String) -> [SettingGrammar] {
    if case .record(let members) = setting.shape {
      return members.flatMap { leaves($0, path: path + setting.name + ".") }
    }
    return [SettingGrammar(path + setting.name, setting.summary, .list(setting.shape))]
  }

  private static let calibrate = Shape.anyOf([
    .choice(Calibration.Method.allCases.map(\.rawValue)),
    .record([
      SettingGrammar(
        "method", "`sigmoid`: a logistic curve; `isotonic`: any rising curve.",
        .choice(Calibration.Method.allCases.map(\.rawValue)), isRequired: true),
      SettingGrammar(
        "on", "Which held-out rows: left out, the validation part where there is one, else the folds of `tune`.",
        .choice(HeldOutSource.allCases.map(\.rawValue))),
    ]),
  ])

  private static let threshold = Shape.anyOf([
    .number(0...1),
    .record([
      SettingGrammar(
        "maximise", "The metric that is best there, on held-out rows.",
        .choice(ThresholdRule.Measure.allCases.map(\.rawValue))),
      SettingGrammar(
        "costs", "What mistakes cost; the threshold with the smallest cost on held-out rows is taken.",
        .record([
          SettingGrammar(
            "false_positive", "Of taking another row for a positive one.", .number(above0), isRequired: true),
          SettingGrammar("false_negative", "Of missing a positive row.", .number(above0), isRequired: true),
        ])),
    ]),
  ])
}
