package import Statistics

/// What a statistician asks of a fit, as far as it is worth keeping with the model. What follows from it and from the
/// coefficients (z, p, intervals) is computed when asked for. Formulas: `docs/statistics.md`.
package struct ModelStatistics: Sendable, Hashable {
  /// The comparison with the model without columns.
  package struct OverallTest: Sendable, Hashable {
    /// F for least squares, otherwise the difference of deviances, which is about χ².
    package var statistic: Double
    package var degreesOfFreedom: Double
    /// Of the denominator of F.
    package var denominator: Double?
    package var p: Double

    package init(statistic: Double, degreesOfFreedom: Double, denominator: Double?, p: Double) {
      self.statistic = statistic
      self.degreesOfFreedom = degreesOfFreedom
      self.denominator = denominator
      self.p = p
    }
  }

  /// A column that is a linear combination of others before it.
  package struct Dependency: Sendable, Hashable {
    package var column: String
    package var others: [String]

    package init(column: String, others: [String]) {
      self.column = column
      self.others = others
    }
  }

  /// `classical`, `hc1` or `hc3`; nil without standard errors.
  package var covariance: String?
  /// What row weights were taken for: `precision` or `frequency`.
  package var weights: String
  /// The level of confidence intervals.
  package var confidence: Double
  /// Rows, or the sum of weights that are frequencies.
  package var observations: Double
  /// Free coefficients with the intercept; nil with a penalty.
  package var parameters: Int?
  /// n − k; nil with a penalty.
  package var residualDegreesOfFreedom: Double?
  package var scale: Double?
  package var deviance: Double
  package var nullDeviance: Double
  /// Nil where the fit is exact, and so its likelihood without bound.
  package var logLikelihood: Double?
  package var aic: Double?
  package var bic: Double?
  package var pearson: Double?
  package var rSquared: Double?
  package var adjustedRSquared: Double?
  package var effectiveDegreesOfFreedom: Double?
  package var overallTest: OverallTest?
  package var conditionNumber: Double?
  /// By column of the design; nil where it is not defined.
  package var inflation: [Double?]
  /// Means of the design's columns over the training rows.
  package var means: [Double]
  package var constantColumns: [String]
  package var dependencies: [Dependency]
  /// By output, the intercept first, then the columns: of the coefficients as fitted, and on the original scale. Empty
  /// where there are none.
  package var standardErrors: [Double?]
  package var originalErrors: [Double?]
  /// Why there are no standard errors.
  package var unavailable: String?

  package init(
    covariance: String?, weights: String, confidence: Double, observations: Double, deviance: Double,
    nullDeviance: Double, logLikelihood: Double?, inflation: [Double?], means: [Double], constantColumns: [String],
    dependencies: [Dependency], standardErrors: [Double?], originalErrors: [Double?], unavailable: String?
  ) {
    self.covariance = covariance
    self.weights = weights
    self.confidence = confidence
    self.observations = observations
    self.deviance = deviance
    self.nullDeviance = nullDeviance
    self.logLikelihood = logLikelihood
    self.inflation = inflation
    self.means = means
    self.constantColumns = constantColumns
    self.dependencies = dependencies
    self.standardErrors = standardErrors
    self.originalErrors = originalErrors
    self.unavailable = unavailable
  }

  package var hasErrors: Bool { !standardErrors.isEmpty }
}

/// What is known of one coefficient on the original scale.
package struct CoefficientTest: Sendable, Hashable {
  package var standardError: Double
  /// Estimate over standard error: t for least squares, z otherwise.
  package var statistic: Double
  /// Two-sided.
  package var p: Double
  /// The limits of the confidence interval.
  package var low: Double
  package var high: Double
  /// The standard error of the coefficient as fitted.
  package var standardisedError: Double
}

extension Model {
  /// Student's t for least squares, otherwise the normal distribution.
  package var testDistribution: StudentT {
    StudentT(
      degreesOfFreedom: objective == .linear ? statistics?.residualDegreesOfFreedom ?? .infinity : .infinity)
  }

  /// A test for each coefficient, in the order of `coefficientTable`; nil where its error is not defined.
  package var coefficientTests: [CoefficientTest?] {
    let table = coefficientTable
    guard let statistics, statistics.hasErrors else { return table.map { _ in nil } }
    let distribution = testDistribution
    let quantile = distribution.twoSidedQuantile(1 - statistics.confidence)
    return table.indices.map { index in
      guard let error = statistics.originalErrors[index], let fitted = statistics.standardErrors[index] else {
        return nil
      }
      let estimate = table[index].original
      let statistic = error > 0 ? estimate / error : estimate == 0 ? 0 : estimate > 0 ? .infinity : -.infinity
      return CoefficientTest(
        standardError: error, statistic: statistic, p: distribution.twoSided(statistic),
        low: estimate - quantile * error, high: estimate + quantile * error, standardisedError: fitted)
    }
  }
}

extension Encoder {
  /// By column of the design: the encoded column is (x − offset)·factor of what the table has.
  package var scales: [(offset: Double, factor: Double)] {
    features.flatMap { feature in
      if case .number(let number) = feature { return [(number.offset, number.factor)] }
      return feature.outputs.map { _ in (0, 1) }
    }
  }
}
