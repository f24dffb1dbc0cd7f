/// What a statistician asks of a fit. Formulas and sources: `docs/statistics.md`.
///
/// Numbers that are not defined are nil. Columns are those of the source.
package struct FitStatistics: Sendable {
  /// A column that is a linear combination of others before it.
  package struct Dependency: Sendable, Hashable {
    package var column: Int
    package var others: [Int]
  }

  /// The comparison with the model of an intercept alone (of nothing, without an intercept).
  package struct OverallTest: Sendable, Hashable {
    /// F for least squares, otherwise the difference of deviances, which is about χ².
    package var statistic: Double
    package var degreesOfFreedom: Double
    /// Of the denominator; nil for χ².
    package var denominator: Double?
    package var p: Double
  }

  package var isLeastSquares: Bool
  var hasIntercept: Bool
  /// Outputs less one, or one.
  var freeOutputs: Int
  /// Rows of a weight above 0.
  package var rows: Int
  /// n: the rows, or the sum of weights that are frequencies.
  package var observations: Double
  /// k: free coefficients with the intercept; nil with a penalty.
  package var parameters: Int?
  /// n − k.
  package var residualDegreesOfFreedom: Double?
  /// Residual variance of least squares, deviance / (n − k); otherwise 1.
  package var scale: Double?
  package var deviance: Double
  package var nullDeviance: Double
  package var logLikelihood: Double
  /// Σ weight · residual² / variance; its ratio to n − k tells overdispersion. Nil for least squares and multinomial.
  package var pearson: Double?
  /// The trace of the hat matrix of a ridge fit, intercept included.
  package var effectiveDegreesOfFreedom: Double?
  /// What is told as the condition number of columns that depend on each other, which have none.
  package static let singularCondition = 1e16

  /// 2-norm condition number of the columns in units of their deviations; `singularCondition` where some depend on others.
  package var conditionNumber: Double?
  /// Variance inflation by column; nil for columns that are constant or depend on others.
  package var inflation: [Double?]
  /// Weighted means of the columns.
  package var means: [Double]
  /// Columns with one value throughout (zero throughout, without an intercept).
  package var constantColumns: [Int]
  package var dependencies: [Dependency]
  /// Of the coefficients; nil where there is none, and `unavailable` says why.
  package var covariance: CoefficientCovariance?
  package var unavailable: String?

  /// −2 log-likelihood + 2k.
  package var aic: Double? { parameters.map { 2 * Double($0) - 2 * logLikelihood } }
}
