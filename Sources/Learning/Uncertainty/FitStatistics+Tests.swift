package import Statistics

extension FitStatistics {
  /// −2 log-likelihood + k·ln n.
  package var bic: Double? { parameters.map { Elementary.log(observations) * Double($0) - 2 * logLikelihood } }

  /// Student's t for least squares, whose scale is estimated; otherwise the normal distribution.
  package var distribution: StudentT {
    StudentT(degreesOfFreedom: isLeastSquares ? residualDegreesOfFreedom ?? .infinity : .infinity)
  }

  /// 1 − deviance / null deviance.
  package var rSquared: Double? { isLeastSquares && nullDeviance > 0 ? 1 - deviance / nullDeviance : nil }

  /// 1 − (1 − R²)·(n − i) / (n − k), with i = 1 for an intercept.
  package var adjustedRSquared: Double? {
    guard let rSquared, let freedom = residualDegreesOfFreedom, freedom > 0 else { return nil }
    return 1 - (1 - rSquared) * (observations - (hasIntercept ? 1 : 0)) / freedom
  }

  /// All coefficients but the intercept against none.
  package var overallTest: OverallTest? {
    guard let parameters, let freedom = residualDegreesOfFreedom, freedom > 0 else { return nil }
    let numerator = Double(parameters - (hasIntercept ? freeOutputs : 0))
    let gain = max(0, nullDeviance - deviance)
    guard numerator > 0 else { return nil }
    if isLeastSquares {
      guard let scale, scale > 0 else { return nil }
      let statistic = gain / numerator / scale
      let p = FisherF(numerator: numerator, denominator: freedom).upper(statistic)
      return OverallTest(statistic: statistic, degreesOfFreedom: numerator, denominator: freedom, p: p)
    }
    return OverallTest(
      statistic: gain, degreesOfFreedom: numerator, denominator: nil,
      p: ChiSquared(degreesOfFreedom: numerator).upper(gain))
  }
}
