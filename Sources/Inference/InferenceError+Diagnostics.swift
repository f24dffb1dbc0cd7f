package import Diagnostics
import Tabular

extension InferenceError: Diagnosable {
  package var failure: Failure { .badInput }

  package var diagnostics: [Diagnostic] {
    switch self {
    case .badSetting(let path, let expected): [.error("bad-setting", "setting '\(path)' must be \(expected)")]
    case .unknownFeature(let name, let setting, let nearest):
      [.error("unknown-feature", "setting '\(setting)' names the unknown column '\(name)'", help: didYouMean(nearest))]
    case .missingColumn(let name, let nearest):
      [.error("missing-column", "there is no column '\(name)', which the model needs", help: didYouMean(nearest))]
    case .mistypedColumn(let name, let found, let expected):
      [
        .error(
          "mistyped-column", "column '\(name)' holds \(words(found)), expected \(words(expected))",
          help: ["declare its type under ingest.columns, or list its missing-value marker under ingest.missing"])
      ]
    case .missingValue(let column, let row):
      [
        .error(
          "missing-value", "column '\(column)' has a missing value in row \(row), and nothing is imputed",
          help: ["set features.numeric.impute to median, mean or zero"])
      ]
    case .notFinite(let column, let row):
      [.error("not-finite", "the value of column '\(column)' in row \(row) is too large to be encoded")]
    case .cannotScale(let column, let fault): [fault.diagnostic(column)]
    case .textFeature(let column, let row, let cell):
      [
        .error(
          "text-feature", "column '\(column)' is named under features.only, but holds text, which is not encoded",
          help: [
            row != nil
              ? "mend that cell, or list it under ingest.missing"
              : "set 'features.text.encode' to hash for a bag of words, or declare the type category under ingest.columns"
          ],
          notes: row.map { [Diagnostic.Note("'\(cell ?? "")' in row \($0) is no finite number")] } ?? [])
      ]
    case .nonFiniteModel(let place):
      [
        .error(
          "non-finite-model", "the fit failed: '\(place)' of the model is not a finite number",
          help: ["bring target and features to a size nearer to 1, or add a penalty (l2: tune)"])
      ]
    case .badOffset(let column, let row, let isExposure, let isMissing):
      [
        .error(
          "bad-offset",
          isMissing
            ? "the \(isExposure ? "exposure" : "offset") '\(column)' is missing in row \(row)"
            : isExposure
              ? "the exposure '\(column)' is not above 0 in row \(row), and its logarithm is taken"
              : "the offset '\(column)' is not a finite number in row \(row)",
          help: ["mend the column, or leave such rows out"])
      ]
    case .negativeCount(let column, let row):
      [
        .error(
          "negative-count",
          "target '\(column)' is negative in row \(row), and the objective poisson takes counts of 0 or more",
          help: ["use the objective linear"])
      ]
    case .noEvents(let column):
      [
        .error(
          "no-events", "target '\(column)' is 0 in every training row, so there is no rate to learn",
          help: ["use more data, or hold out other rows"])
      ]
    case .missingTargets(let column, let count):
      [
        .error(
          "missing-target", "target '\(column)' is missing in \(count) rows",
          help: ["set ingest.missing_target to drop to leave them out"])
      ]
    case .targetIsNoNumber(let column, let found):
      [
        .error(
          "mistyped-target", "target '\(column)' holds \(words(found)), expected numbers",
          help: ["use the objective logistic (two classes) or multinomial"])
      ]
    case .oneClass(let column):
      [
        .error(
          "one-class", "target '\(column)' has fewer than two classes in the training rows",
          help: ["stratify the split by it, or use data that has both"])
      ]
    case .notTwoClasses(let column):
      [
        .error(
          "not-two-classes", "target '\(column)' has more than two classes, and the objective logistic takes two",
          help: ["use the objective multinomial"])
      ]
    case .tooManyClasses(let column):
      [
        .error(
          "too-many-classes", "target '\(column)' has more than \(mostClasses) classes",
          help: ["use the objective linear if it is a quantity"])
      ]
    case .unknownPositive(let name, let column, let nearest):
      [.error("unknown-class", "target '\(column)' has no class '\(name)'", help: didYouMean(nearest))]
    case .noReference:
      [
        .error(
          "no-reference", "the model does not know the means of its training rows",
          help: [
            "explain against zero (a model of more than 2,000 sparse columns knows no means), or train an old model again"
          ])
      ]
    case .damagedModel(let path, let what):
      [
        .error(
          "damaged-model", "'\(path)' is damaged: \(what)",
          help: ["find the damage with 'mlflowctl store verify' and train again, or roll back"])
      ]
    case .unknownFormat(let path, let what):
      [
        .error(
          "unknown-model-format", "'\(path)' was written by a later version: \(what)",
          help: ["use a newer mlflowctl for it"])
      ]
    }
  }
}

extension ScaleFault {
  fileprivate func diagnostic(_ column: String) -> Diagnostic {
    let message =
      switch self {
      case .large: "the values of column '\(column)' are too large to be scaled"
      case .small: "the values of column '\(column)' are too close together to be scaled"
      case .largeUnscaled:
        "the values of column '\(column)' are too large to be used unscaled: their squares are no numbers"
      case .smallUnscaled:
        "the values of column '\(column)' are too close together to be used unscaled: squares of what they differ by vanish"
      }
    let isScaled = self == .large || self == .small
    return .error(
      "cannot-scale", message,
      help: [
        isScaled
          ? "leave it out under features.drop, or change its unit"
          : "set features.numeric.scale to standard, change its unit, or leave it out under features.drop"
      ])
  }
}

private func didYouMean(_ nearest: String?) -> [String] {
  nearest.map { ["did you mean '\($0)'?"] } ?? []
}

/// What a column of a type holds, for people.
private func words(_ type: ColumnType) -> String {
  switch type {
  case .integer: "integers"
  case .number: "numbers"
  case .boolean: "booleans"
  case .date: "dates"
  case .timestamp: "timestamps"
  case .category: "categories"
  case .text: "text"
  case .sparse: "sparse numbers"
  }
}
