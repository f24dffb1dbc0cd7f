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
      dependencies: found.dependencies.filter { !isByDesign($0) }.map { dependency in
        ModelStatistics.Dependency(
          column: names[dependency.column], others: dependency.others.map { names[$0] })
      }, standardErrors: found.covariance?.standardErrors() ?? [],
      originalErrors: found.covariance?.standardErrors(
        offsets: scales.map(\.offset), factors: scales.map(\.factor)) ?? [], unavailable: found.unavailable)
    // Where squares of a factor are no numbers, the error of a column is still that as fitted times the factor.
    let width = names.count + 1
    for index in out.originalErrors.indices where index % width > 0 {
      if let error = out.originalErrors[index], error > 0, error.isFinite { continue }
      out.originalErrors[index] = out.standardErrors[index].map { $0 * scales[index % width - 1].factor }
    }
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

  /// Whether a dependence is of the encoder's making: a penalty keeps all levels of a category, whose columns sum to one,
  /// which is the intercept or, without one, the sum of another category's.
  private func isByDesign(_ dependency: FitStatistics.Dependency) -> Bool {
    guard !fitSettings.penalty.isNone else { return false }
    var categories: [Set<Int>] = []
    var at = 0
    for feature in encoder.features {
      if case .oneHot = feature { categories.append(Set(at..<at + feature.width)) }
      at += feature.width
    }
    guard let own = categories.first(where: { $0.contains(dependency.column) }) else { return false }
    var rest = Set(dependency.others)
    guard own.subtracting([dependency.column]).isSubset(of: rest) else { return false }
    rest.subtract(own)
    if !fitSettings.intercept {
      for category in categories where category.isSubset(of: rest) { rest.subtract(category) }
    }
    return rest.isEmpty
  }

  private func finite(_ value: Double) -> Double? { value.isFinite ? value : nil }
}
