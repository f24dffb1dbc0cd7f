import Basics
import Inference
import Workflow

/// The settings under `features`, whose meaning `EncoderSettings` documents.
enum FeatureGrammar {
  static let settings: [SettingGrammar] = [
    SettingGrammar("only", "Use just these columns.", .list(.text)),
    SettingGrammar("drop", "Leave these columns out.", .list(.text), fallback: []),
    SettingGrammar(
      "numeric", "Numbers: filling gaps and scaling.",
      .record([
        SettingGrammar(
          "impute", "What stands in for a missing number.", .choice(["median", "mean", "zero", "none"]),
          fallback: "median"),
        SettingGrammar(
          "scale", "`standard`: less the mean, over the deviation with divisor n; `minmax`: to 0…1.",
          .choice(["standard", "minmax", "none"]),
          fallback: "standard"),
      ]), fallback: [:]),
    SettingGrammar(
      "categorical", "Categories.",
      .record([
        SettingGrammar("encode", "One column of 0 and 1 for each level.", .choice(["one-hot"]), fallback: "one-hot"),
        SettingGrammar("rare", "Levels below this share of the rows become one level.", .share),
        SettingGrammar(
          "max_levels", "At most so many levels, the most frequent ones, have a column.", .integer(1...1_000_000)),
      ]), fallback: [:]),
    SettingGrammar(
      "dates", "Dates.",
      .record([
        SettingGrammar(
          "parts", "What a date becomes.", .list(.choice(DatePart.allCases.map(\.rawValue))),
          fallback: ["year", "month", "weekday", "days"])
      ]), fallback: [:]),
    SettingGrammar("indicators", "Add a 0/1 column for each column with missing values.", .boolean, fallback: false),
  ]
}
