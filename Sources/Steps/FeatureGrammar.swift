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
          "impute", "What stands in for a missing number.", .choice(["median", "mean", "zero", "none"]), fallback: "median"),
        SettingGrammar(
          "scale", "`standard`: less the mean, over the deviation with divisor n.", .choice(["standard", "none"]),
          fallback: "standard"),
      ]), fallback: [:]),
    SettingGrammar(
      "categorical", "Categories.",
      .record([
        SettingGrammar("encode", "One column of 0 and 1 for each level.", .choice(["one-hot"]), fallback: "one-hot"),
        SettingGrammar("rare", "Levels below this share of the rows become one level.", .share, fallback: 0.0),
      ]), fallback: [:]),
    SettingGrammar(
      "dates", "Dates.",
      .record([
        SettingGrammar(
          "parts", "What a date becomes.", .list(.choice(["day_number", "year", "month", "day", "weekday"])),
          fallback: ["day_number", "year", "month", "weekday"])
      ]), fallback: [:]),
    SettingGrammar("indicators", "Add a 0/1 column for each column with missing values.", .boolean, fallback: false),
  ]
}
