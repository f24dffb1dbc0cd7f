package import Basics

/// What a model says of some rows.
package struct Predictions: Sendable, Hashable {
  package let target: Target
  package let rowCount: Int
  /// The predicted numbers; empty for classes.
  package let numbers: [Double]
  /// Row by row: `rowCount × target.classes.count`; empty for numbers.
  package let probabilities: [Double]
  /// The classes decided for, as indices into `target.classes`; empty for numbers.
  package let decisions: [Int]

  /// The prediction of a row: a number, or a class as a value of the target's type.
  package func value(_ row: Int) -> JSON {
    target.classes.isEmpty ? .number(numbers[row]) : target.label(decisions[row])
  }

  /// The probability of a class in a row.
  package func probability(_ row: Int, _ classIndex: Int) -> Double {
    probabilities[row * target.classes.count + classIndex]
  }

  /// The prediction of a row as canonical text, as it stands in a CSV file.
  package func text(_ row: Int) -> String {
    target.classes.isEmpty ? ecmaScriptText(numbers[row]) : target.classes[decisions[row]]
  }
}
