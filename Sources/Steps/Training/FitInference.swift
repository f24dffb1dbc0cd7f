import Basics
import Diagnostics
import Inference
import Learning

/// Finds the statistics of a finished fit, in the words of the model.
struct FitInference {
  let settings: JSON
  let encoder: Encoder
  let fitSettings: FitSettings

  /// More columns than this are not looked at, which would cost more than the fit. Of sparse rows, which are made dense for
  /// it a block at a time, no more than may have standard errors.
  private static let mostColumns = 10_000

  private var hasStatistics: Bool {
    encoder.columnCount <= (encoder.isSparse ? StatisticsRequest.mostCoefficients : FitInference.mostColumns)
  }

  /// `settings` is the `inference` of the step.
  init(_ settings: JSON?, _ encoder: Encoder, _ fitSettings: FitSettings) {
    self.settings = settings ?? [:]
    self.encoder = encoder
    self.fitSettings = fitSettings
  }

  func statistics(
    of fit: Fit, on source: some DesignSource, cancellation: Cancellation
  ) throws -> ModelStatistics? {
    guard hasStatistics else { return nil }
    var request = StatisticsRequest(
      covariance: settings["robust"]?.stringValue.flatMap(CovarianceKind.init(rawValue:)) ?? .classical,
      weights: settings["weights"]?.stringValue.flatMap(WeightMeaning.init(rawValue:)) ?? .precision)
    request.impliedColumns = impliedColumns
    let found = try fitStatistics(of: fit, on: source, fitSettings, request, cancellation: cancellation)
    let scales = encoder.scales
    let names = encoder.outputNames
    var out = ModelStatistics(
      covariance: found.covariance.map { _ in request.covariance.rawValue }, weights: request.weights.rawValue,
      confidence: settings["confidence"]?.doubleValue ?? 0.95, observations: found.observations,
      deviance: found.deviance, nullDeviance: found.nullDeviance, logLikelihood: finite(found.logLikelihood),
      inflation: found.inflation, means: found.means, constantColumns: found.constantColumns.map { names[$0] },
      dependencies: found.dependencies.map { dependency in
        ModelStatistics.Dependency(
          column: names[dependency.column], others: dependency.others.map { names[$0] })
      }, standardErrors: found.covariance?.standardErrors() ?? [],
      originalErrors: found.covariance?.standardErrors(
        offsets: scales.map(\.offset), factors: scales.map(\.factor)) ?? [], unavailable: found.unavailable)
    out.parameters = found.parameters
    out.residualDegreesOfFreedom = found.residualDegreesOfFreedom
    out.scale = found.scale
    out.aic = found.aic.flatMap(finite)
    out.bic = found.bic.flatMap(finite)
    out.pearson = found.pearson.flatMap(finite)
    out.rSquared = found.rSquared
    out.adjustedRSquared = found.adjustedRSquared
    out.effectiveDegreesOfFreedom = found.effectiveDegreesOfFreedom
    out.conditionNumber = found.conditionNumber.flatMap(finite)
    out.overallTest = found.overallTest.map { test in
      ModelStatistics.OverallTest(
        statistic: test.statistic, degreesOfFreedom: test.degreesOfFreedom, denominator: test.denominator, p: test.p)
    }
    return out
  }

  /// The last level of each category of which all levels have a column.
  private var impliedColumns: [Int] {
    var end = 0
    return encoder.features.compactMap { feature in
      end += feature.outputs.count
      guard case .oneHot(let oneHot) = feature, oneHot.baseline.isEmpty, !oneHot.columns.isEmpty else { return nil }
      return end - 1
    }
  }

  /// What to say of a fit whose statistics were asked for, or would be expected, and are not there.
  func absence(_ penalty: Penalty) -> [Diagnostic] {
    let isAsked = settings["robust"]?.stringValue.map { $0 != "none" } ?? false
    guard encoder.isSparse, !hasStatistics, isAsked || penalty.isNone else { return [] }
    return [
      Diagnostic(
        severity: .note, "no-statistics",
        "the fit has no standard errors and no other statistics, which are not there for more than 2,000 sparse columns"
          + (isAsked ? ": 'inference' does nothing" : ""))
    ]
  }

  private func finite(_ value: Double) -> Double? { value.isFinite ? value : nil }

  /// Variance inflation from which on a column of an unpenalised fit is warned about (Marquardt, Technometrics 12, 1970).
  private static let muchInflation = 10.0

  /// What the statistics of an unpenalised fit warn about.
  static func warnings(_ model: Model) -> [Diagnostic] {
    guard let statistics = model.statistics, model.l1 == 0, model.l2 == 0 else { return [] }
    let inflated = zip(model.encoder.outputNames, statistics.inflation).compactMap { name, value in
      value.flatMap { $0 > muchInflation ? (name: name, value: $0) : nil }
    }.sorted { ($1.value, $0.name) < ($0.value, $1.name) }
    guard !inflated.isEmpty else { return [] }
    let shown = inflated.prefix(8).map { "'\($0.name)' (\(shortNumber($0.value)))" }.joined(separator: ", ")
    let rest = inflated.count > 8 ? " and \(inflated.count - 8) more" : ""
    let (columns, are, their) =
      inflated.count == 1 ? ("column", "is", "its coefficient is") : ("columns", "are", "their coefficients are")
    return [
      .warning(
        "collinear",
        "\(columns) \(shown)\(rest) \(are) nearly \(inflated.count == 1 ? "a combination" : "combinations") of others (variance inflation above 10): \(their) uncertain",
        help: ["leave some of them out under features.drop, or add a penalty (l2: tune)"])
    ]
  }
}
