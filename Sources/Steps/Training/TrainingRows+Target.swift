import Diagnostics
import Inference

extension TrainingRows {
  /// The largest target, and the inverse of the smallest distance between targets: squares of these, summed over rows, are
  /// numbers that keep their digits.
  private static let largest = 1e140

  /// What makes targets of numbers unfit, if anything: values whose squares are too large for a number, or vanish.
  func targetProblem(_ objective: ModelObjective, name: String) -> Diagnostic? {
    guard !objective.isClassifier else { return nil }
    if let place = targets.firstIndex(where: { !(abs($0) <= Self.largest) }) {
      let value = targets[place]
      let row = rows[place] + 1
      return value.isFinite
        ? .error(
          "target-too-large",
          "the target '\(name)' is \(shortNumber(value)) in row \(row): its square is too large for a number",
          help: ["give it in another unit: divide it by a power of ten"])
        : .error(
          "target-not-finite", "the target '\(name)' is not a finite number in row \(row)",
          help: ["mend the data, or leave that row out"])
    }
    guard objective == .linear, let low = targets.min(), let high = targets.max(), low < high,
      high - low < 1 / Self.largest
    else { return nil }
    return .error(
      "target-too-small",
      "the values of the target '\(name)' differ by at most \(shortNumber(high - low)): squares of that vanish",
      help: ["give it in another unit: multiply it by a power of ten"])
  }
}
