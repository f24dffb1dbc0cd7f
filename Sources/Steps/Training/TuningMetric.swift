import Diagnostics
import Evaluation
import Execution
import Inference
import Learning
import Statistics
import Workflow

/// The metric that tuning goes by: any of `Evaluation` that judges the answers, computed from the scores of held-out rows.
enum TuningMetric {
  /// What is wrong with the text of a metric, such as `auc` or `recall(Adelie)`.
  @Sendable static func problems(_ text: String) -> [TextProblem] { problems(text, for: nil) }

  static func problems(_ text: String, for kind: AnswerKind?) -> [TextProblem] {
    do {
      // A condition begins with its metric.
      let condition = try Condition(parsing: "\(text) >= 0", for: kind)
      guard case .metric(let reference) = condition.subject, condition.filters.isEmpty, reference.metric != "rows"
      else {
        return [
          TextProblem(
            offset: 0, length: text.utf8.count, code: "bad-metric", message: "'\(text)' is no metric to tune by",
            help: ["write one such as log_loss, auc or rmse"])
        ]
      }
      return []
    } catch {
      let length = min(error.length, max(0, text.utf8.count - error.offset))
      return [
        TextProblem(offset: error.offset, length: length, code: "bad-metric", message: error.message, help: error.help)
      ]
    }
  }

  /// The score for held-out rows of a target. Throws for a class that the target does not have.
  static func score(_ settings: TrainingSettings, _ objective: Objective, _ target: Target) throws -> HeldOutScore {
    guard let text = settings.metric else { return .loss(of: objective) }
    switch text {
    case "log_loss": return .logLoss
    case "mse": return .squaredError
    case "rmse": return .rootSquaredError
    case "poisson_deviance": return .poissonDeviance
    default: break
    }
    guard case .metric(let reference) = try Condition(parsing: "\(text) >= 0").subject,
      let metric = MetricCatalogue.metric(named: reference.metric)
    else { return .loss(of: objective) }
    if let name = reference.className, !target.classes.contains(name) {
      throw SettingProblem(
        ["tune", "metric"],
        .error(
          "unknown-class", "the target '\(target.name)' has no class '\(name)'",
          help: [
            nearestName(to: name, among: target.classes).map { "did you mean '\($0)'?" }
              ?? "the classes are \(target.classes.prefix(12).joined(separator: ", "))"
          ]))
    }
    let kind = settings.objective
    let threshold = settings.threshold?.fixed ?? 0.5
    return HeldOutScore(name: text, smallerIsBetter: metric.direction == .lowerIsBetter) {
      predictors, targets, weights in
      let rows = scoredRows(predictors, targets, weights, kind, target, threshold: threshold)
      return metric.value(rows, className: reference.className).number ?? .nan
    }
  }

  /// Answers from linear predictors, as `Scorer` gives them.
  static func scoredRows(
    _ predictors: [Double], _ targets: [Double], _ weights: [Double]?, _ objective: ModelObjective, _ target: Target,
    threshold: Double
  ) -> ScoredRows {
    switch objective {
    case .linear: return ScoredRows(targets: targets, predictions: predictors, weights: weights)
    case .poisson:
      return ScoredRows(
        targets: targets, predictions: predictors.map { Elementary.exp($0) }, ofCounts: true, weights: weights)
    case .logistic:
      let positive = target.positive ?? 1
      let probabilities = predictors.flatMap { score in
        let shares = (Elementary.logistic(score), Elementary.logistic(-score))
        return positive == 0 ? [shares.0, shares.1] : [shares.1, shares.0]
      }
      return ScoredRows(
        classes: target.classes, targets: targets.map { $0 > 0.5 ? positive : 1 - positive },
        probabilities: probabilities,
        decisions: predictors.map { Elementary.logistic($0) > threshold ? positive : 1 - positive }, positive: positive,
        weights: weights)
    case .multinomial:
      let rows = targets.count
      let probabilities = (0..<rows).flatMap { row in
        Elementary.softmax(target.classes.indices.map { predictors[$0 * rows + row] })
      }
      return ScoredRows(
        classes: target.classes, targets: targets.map { Int($0) }, probabilities: probabilities,
        positive: target.positive, weights: weights)
    }
  }
}
