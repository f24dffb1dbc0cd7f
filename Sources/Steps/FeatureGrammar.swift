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
          "scale",
          "`standard`: less the mean, over the deviation with divisor n; `minmax`: to 0…1. Without an intercept nothing is taken off: over the root mean square, and over the largest absolute value.",
          .choice(["standard", "minmax", "none"]),
          fallback: "standard"),
      ]), fallback: [:]),
    SettingGrammar(
      "categorical", "Categories.",
      .record([
        SettingGrammar(
          "encode", "`one-hot`: a column of 0 and 1 for each level; `hash`: for each bucket of their hashes.",
          .choice(["one-hot", "hash"]), fallback: "one-hot"),
        SettingGrammar("buckets", "Buckets of `hash`; left out, 65,536.", .integer(2...mostBuckets)),
        SettingGrammar("rare", "Levels below this share of the rows become one level.", .share),
        SettingGrammar(
          "max_levels", "At most so many levels, the most frequent ones, have a column.", .integer(1...1_000_000)),
      ]), fallback: [:]),
    SettingGrammar(
      "text", "Text, which is left out unless it is hashed.",
      .record([
        SettingGrammar(
          "encode", "`hash`: a bag of words, each in the bucket of its hash.", .choice(["none", "hash"]),
          fallback: "none"),
        SettingGrammar(
          "buckets", "Columns that the words are hashed into.", .integer(2...mostBuckets), fallback: 262_144),
        SettingGrammar("ngrams", "Runs of up to so many words count as a word too.", .integer(1...5), fallback: 1),
        SettingGrammar("lowercase", "Whether capital letters count as small ones.", .boolean, fallback: true),
        SettingGrammar(
          "term", "What a word counts for: how often it is there, or 1.",
          .choice(TextFeature.Term.allCases.map(\.rawValue)), fallback: "count"),
        SettingGrammar(
          "signed", "Whether half of the words count negative, so that those that share a bucket tend to cancel out.",
          .boolean, fallback: false),
        SettingGrammar(
          "normalise", "Whether the numbers of a text are divided by their norm.", .boolean, fallback: true),
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
