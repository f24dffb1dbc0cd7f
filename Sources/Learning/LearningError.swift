package import Diagnostics

/// Why there is no fit.
package enum LearningError: Error, Hashable {
  case noRows
  /// A value of this column (as the settings call it) is NaN or infinite after encoding.
  case nonFinite(column: String)
  case nonFiniteTarget
  /// A weight or an offset is NaN or infinite.
  case nonFiniteWeight
  case nonFiniteOffset
  case negativeWeight
  /// All weights are 0.
  case noWeight
  /// A Poisson target below 0.
  case negativeCount
  /// Poisson targets that are all 0.
  case noCounts
  /// The values of this column are too large to be squared and summed.
  case tooLarge(column: String)
  case tooLargeTarget
  /// A target that is not one of the classes (0 and 1, or class indices).
  case invalidTarget(classes: Int)
  /// A class without rows, by its index.
  case emptyClass(Int)
  case invalidSetting(String)
  /// No penalty of a path has a defined mean score.
  case undefinedScore
}

extension LearningError: Diagnosable {
  package var failure: Failure {
    switch self {
    case .invalidTarget: .internalError
    case .undefinedScore: .stepFailed
    default: .badInput
    }
  }

  package var diagnostics: [Diagnostic] {
    switch self {
    case .noRows:
      [.error("no-rows", "there are no rows to fit", help: ["check the split and the missing-value markers"])]
    case .nonFinite(let column):
      [
        .error(
          "non-finite", "column \(column) holds values that are not finite numbers after encoding",
          help: ["impute its missing values, or list them under ingest.missing"])
      ]
    case .nonFiniteTarget:
      [
        .error(
          "non-finite", "the target holds values that are missing or not finite",
          help: ["leave out the rows without a target"])
      ]
    case .nonFiniteWeight:
      [
        .error(
          "non-finite-weight", "a weight is missing or not a finite number",
          help: ["mend the column of weights, or leave those rows out"])
      ]
    case .nonFiniteOffset:
      [
        .error(
          "non-finite-offset", "an offset is missing, not finite or too large, or an exposure is not above 0",
          help: ["mend the column, or leave those rows out"])
      ]
    case .negativeWeight:
      [
        .error(
          "negative-weight", "a weight is negative, expected 0 or more", help: ["mend the column of weights"])
      ]
    case .noWeight:
      [
        .error(
          "no-weight", "all weights are 0, so there is nothing to learn from", help: ["mend the column of weights"])
      ]
    case .negativeCount:
      [
        .error(
          "negative-count", "the target holds negative numbers, and the objective poisson takes counts of 0 or more",
          help: ["use the objective linear"])
      ]
    case .noCounts:
      [
        .error(
          "no-counts", "the target is 0 in all rows, and a poisson model of that has no finite intercept",
          help: ["use rows in which something was counted"])
      ]
    case .tooLarge(let column):
      [
        .error(
          "too-large", "the values of column \(column) are too large for double precision",
          help: ["standardise the column (scale: standard), or change its unit"])
      ]
    case .tooLargeTarget:
      [.error("too-large", "the target's values are too large for double precision", help: ["change its unit"])]
    case .invalidTarget(let classes):
      [.error("invalid-target", "a target is not one of the \(classes) class indices, which is a bug of this program")]
    case .emptyClass(let index):
      [
        .error(
          "empty-class", "class \(index + 1) of the target has no rows to learn from",
          help: [
            "a classifier needs rows of every class in the training part: stratify the split, or merge rare classes"
          ])
      ]
    case .invalidSetting(let reason): [.error("invalid-setting", reason)]
    case .undefinedScore:
      [
        .error(
          "undefined-score", "the tuning metric is undefined for every penalty",
          help: ["take fewer folds or another metric, such as log_loss"])
      ]
    }
  }
}
