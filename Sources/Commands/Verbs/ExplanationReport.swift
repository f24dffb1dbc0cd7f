import Basics
import Inference
import Statistics
import Steps

/// An explanation for people and for programs.
struct ExplanationReport {
  private let explanation: Explanation
  private let model: Model
  private let prediction: JSON

  init(_ explanation: Explanation, model: Model, prediction: JSON) {
    self.explanation = explanation
    self.model = model
    self.prediction = prediction
  }

  private var classes: [String] { model.target.classes }

  /// Parts by the size of what they add to an output, largest first.
  private func order(_ output: Explanation.Output) -> [Int] {
    output.contributions.indices.sorted { left, right in
      let (first, second) = (abs(output.contributions[left]), abs(output.contributions[right]))
      return first == second ? left < right : first > second
    }
  }

  /// What the score of an output is.
  private var scale: String {
    switch model.objective {
    case .linear: "value"
    case .logistic: "log odds"
    case .multinomial: "score"
    case .poisson: "log rate"
    }
  }

  func text(output index: Int) -> String {
    let output = explanation.outputs[index]
    let start = explanation.reference == .mean ? "mean of the training rows" : "intercept"
    var table = TextTable(("feature", .left), ("value", .left), (scale, .right), ("so far", .right))
    var sum = output.start
    table.rows.append([start, "", shortNumber(output.start), shortNumber(sum)])
    for part in order(output) {
      let (name, value) = (explanation.parts[part].feature, explanation.parts[part].value ?? "(missing)")
      sum += output.contributions[part]
      table.rows.append([name, value, signed(output.contributions[part]), shortNumber(sum)])
    }
    table.rows.append(["", "", "", shortNumber(output.score)])
    var lines = [
      "prediction \(prediction.stringValue ?? prediction.doubleValue.map(shortNumber) ?? prediction.canonical)"
    ]
    if classes.isEmpty {
      if model.objective == .poisson {
        lines.append("rate \(shortNumber(explanation.before[0])) → \(shortNumber(explanation.after[0]))")
      }
    } else {
      let name = output.className ?? ""
      let place = classes.firstIndex(of: name) ?? 0
      lines.append(
        "probability of '\(name)' \(shortNumber(explanation.before[place])) → \(shortNumber(explanation.after[place]))")
      lines += decisionLines(uncalibrated: uncalibrated(index))
    }
    table.rows.removeLast()
    return lines.joined(separator: "\n") + "\n\n" + table.text
  }

  /// What stands between the score of the table and the answer above it.
  private func decisionLines(uncalibrated: Double) -> [String] {
    var lines: [String] = []
    if let calibration = model.calibration {
      lines.append("calibrated (\(calibration.method.rawValue)): uncalibrated it would be \(shortNumber(uncalibrated))")
    }
    if let positive = model.target.positive, model.threshold != 0.5 {
      lines.append("decided for '\(classes[positive])' where its probability is above \(shortNumber(model.threshold))")
    }
    return lines
  }

  /// The probability of the class of an output that its score stands for without calibration.
  private func uncalibrated(_ index: Int) -> Double {
    let scores = explanation.outputs.map(\.score)
    return scores.count == 1 ? Elementary.logistic(scores[0]) : Elementary.softmax(scores)[index]
  }

  private func signed(_ value: Double) -> String { (value > 0 ? "+" : "") + shortNumber(value) }

  /// `{prediction, reference, outputs, calibration?, threshold?}`; with a calibration an output of a class has
  /// `probability_uncalibrated`. An output: `{class?, start, contributions, rounding, score}`, a contribution:
  /// `{feature, input, value, level?, contribution}`, largest first. `order` has the features as they were added up.
  var json: JSON {
    let outputs = explanation.outputs.enumerated().map { index, output -> JSON in
      var entry: JSON = [
        "start": .number(output.start), "rounding": .number(output.rounding), "score": .number(output.score),
        "contributions": .array(order(output).map { contribution($0, output) }),
      ]
      if let name = output.className, let place = classes.firstIndex(of: name) {
        entry["class"] = .string(name)
        entry["probability_before"] = .number(explanation.before[place])
        entry["probability"] = .number(explanation.after[place])
        if model.calibration != nil { entry["probability_uncalibrated"] = .number(uncalibrated(index)) }
      } else if let before = explanation.before.first, let after = explanation.after.first {
        entry["prediction_before"] = .number(before)
        entry["prediction"] = .number(after)
      }
      return entry
    }
    var out: JSON = [
      "prediction": prediction, "against": .string(explanation.reference.rawValue), "scale": .string(scale),
      "order": JSON(explanation.parts.map(\.feature)), "outputs": .array(outputs),
    ]
    if let calibration = model.calibration { out["calibration"] = .string(calibration.method.rawValue) }
    if model.target.positive != nil { out["threshold"] = .number(model.threshold) }
    return out
  }

  private func contribution(_ index: Int, _ output: Explanation.Output) -> JSON {
    let part = explanation.parts[index]
    var entry: JSON = [
      "feature": .string(part.feature), "input": .string(part.input),
      "value": part.value.map { .string($0) } ?? .null, "contribution": .number(output.contributions[index]),
    ]
    if let level = part.level { entry["level"] = .string(level) }
    return entry
  }
}
