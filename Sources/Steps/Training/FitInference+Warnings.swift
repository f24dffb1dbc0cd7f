import Basics
import Diagnostics
import Inference
import Learning

/// What the user should know of a fit, and what to do about it.
extension FitInference {
  /// Variance inflation from which on a column is warned about (Marquardt, Technometrics 12, 1970).
  private static let muchInflation = 10.0

  private static let penalise = "add a penalty (l2: tune)"

  /// The notes of the solver. Dependent columns are left to `warnings` where the statistics know their names.
  static func noteWarnings(_ model: Model, _ settings: TrainingSettings) -> [Diagnostic] {
    let training = model.training
    let topics = training.notes.map(Fit.topic)
    let namesDependence = model.statistics?.dependencies.isEmpty == false
    var warnings: [Diagnostic] = []
    for (note, topic) in zip(training.notes, topics) {
      switch topic {
      case .unbounded:
        warnings.append(
          .warning("separation", note, help: ["\(penalise), or leave what separates out under features.drop"]))
      case .leastNorm where namesDependence: break
      case .leastNorm:
        warnings.append(
          .warning("dependent-columns", note, help: ["\(penalise), or leave columns out under features.drop"]))
      case .notConverged: warnings.append(.warning("not-converged", note, help: [furtherHelp(model, settings)]))
      case .other: warnings.append(.warning("fit", note))
      }
    }
    if !training.converged, !topics.contains(.unbounded), !topics.contains(.notConverged) {
      warnings.append(
        .warning(
          "not-converged", "the solver stopped after \(training.iterations) iterations before it converged",
          help: [furtherHelp(model, settings)]))
    }
    return warnings
  }

  /// What may get a solver further: what stopped it.
  private static func furtherHelp(_ model: Model, _ settings: TrainingSettings) -> String {
    let isPenalised = model.l1 > 0 || model.l2 > 0
    let most = settings.json["max_iterations"]?.intValue ?? 1000
    let otherwise = isPenalised ? "raise 'tolerance'" : "add a penalty"
    if model.training.iterations >= most { return "raise 'max_iterations', or \(otherwise)" }
    if settings.json["max_seconds"]?.doubleValue != nil { return "raise 'max_seconds', or \(otherwise)" }
    return isPenalised ? "raise 'tolerance', or the penalty" : "add a penalty, or raise 'tolerance'"
  }

  /// What the statistics of a fit warn about: columns that depend on others, or nearly so.
  static func warnings(_ model: Model) -> [Diagnostic] {
    guard let statistics = model.statistics else { return [] }
    let isPenalised = model.l1 > 0 || model.l2 > 0
    let dependent = dependencies(statistics, model.encoder, isPenalised)
    return dependent + inflated(statistics, model.encoder, isPenalised)
  }

  private static func dependencies(
    _ statistics: ModelStatistics, _ encoder: Encoder, _ isPenalised: Bool
  ) -> [Diagnostic] {
    let most = 8
    let rest = statistics.dependencies.count - most
    return statistics.dependencies.prefix(most).enumerated().map { index, dependency in
      let others = dependency.others
      let names = others.prefix(most).map { "'\($0)'" }.joined(separator: ", ")
      let of = names + (others.count > most ? " and \(others.count - most) more" : "")
      let what = others.isEmpty ? "is constant" : others.count == 1 ? "depends on \(of)" : "is a combination of \(of)"
      let more = index == most - 1 && rest > 0 ? "; \(rest) more columns depend on others" : ""
      let input = encoder.outputNames.firstIndex(of: dependency.column).map(encoder.input) ?? dependency.column
      let drop = "leave '\(input)' out under features.drop"
      return .warning(
        "dependent-columns",
        "column '\(dependency.column)' \(what): "
          + (isPenalised
            ? "only the penalty decides how they share their weight"
            : "their coefficients cannot be told apart, and the solution of least norm is taken") + more,
        help: [isPenalised ? drop : "\(drop), or \(penalise)"])
    }
  }

  private static func inflated(
    _ statistics: ModelStatistics, _ encoder: Encoder, _ isPenalised: Bool
  ) -> [Diagnostic] {
    let inflated = zip(encoder.outputNames, statistics.inflation).compactMap { name, value in
      value.flatMap { $0 > muchInflation ? (name: name, value: $0) : nil }
    }.sorted { ($1.value, $0.name) < ($0.value, $1.name) }
    guard !inflated.isEmpty else { return [] }
    let shown = inflated.prefix(8).map { "'\($0.name)' (\(shortNumber($0.value)))" }.joined(separator: ", ")
    let rest = inflated.count > 8 ? " and \(inflated.count - 8) more" : ""
    let isOne = inflated.count == 1
    let message =
      "\(isOne ? "column" : "columns") \(shown)\(rest) \(isOne ? "is nearly a combination" : "are nearly combinations") "
      + "of others (variance inflation above 10): "
    if isPenalised {
      // What a penalty is for: no more than a note.
      return [
        Diagnostic(
          severity: .note, "collinear", message + "the penalty decides how they share their weight",
          help: ["to read coefficients one by one, leave some of them out under features.drop"])
      ]
    }
    return [
      .warning(
        "collinear", message + "\(isOne ? "its coefficient is" : "their coefficients are") uncertain",
        help: ["leave some of them out under features.drop, or \(penalise)"])
    ]
  }

  /// Weights of classes tilt the likelihood that errors and information criteria come from.
  func caution(_ settings: TrainingSettings, _ model: Model) -> [Diagnostic] {
    guard settings.classWeight != .none, let statistics = model.statistics, statistics.aic != nil else { return [] }
    let isRobust = statistics.covariance != nil && statistics.covariance != CovarianceKind.classical.rawValue
    let what = statistics.hasErrors && !isRobust ? "standard errors, p-values, AIC and BIC" : "AIC and BIC"
    return [
      .warning(
        "tilted-likelihood", "\(what) are those of a likelihood that 'class_weight' has tilted: they hold for no data",
        help: [
          statistics.hasErrors && !isRobust
            ? "write 'inference: { robust: hc1 }' for errors that hold, or leave 'class_weight' out and choose a threshold"
            : "compare models by a metric on held-out rows"
        ])
    ]
  }
}
