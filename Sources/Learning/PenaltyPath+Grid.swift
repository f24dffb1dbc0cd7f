package import Basics
internal import Statistics

extension PenaltyPath {
  /// The penalties tried when none are given: 30 values from 10⁻⁶ to 10² times the scale of the data, evenly spaced
  /// in the logarithm, largest first.
  ///
  /// The scale is the mean variance of the columns (mean square, without an intercept) rounded to a power of ten: 1 for
  /// standardised columns, so that the grid moves with the units of the data and with nothing else.
  package static func defaultPenalties(
    for source: some DesignSource, _ settings: FitSettings, cancellation: Cancellation
  ) throws -> [Double] {
    guard source.rowCount > 0 else { throw LearningError.noRows }
    if let sparse = source as? any SparseDesignSource {
      return defaultPenalties(meanVariance: try sparseScale(of: sparse, settings, cancellation: cancellation))
    }
    let survey = try Moments.survey(source, settings, isFull: false, cancellation: cancellation)
    let variances = survey.spreads.dropLast().map { $0 / survey.moments.count }.filter { $0 > 0 }
    return defaultPenalties(meanVariance: variances.isEmpty ? 1 : mean(variances))
  }

  /// The same for a known mean variance of the columns.
  package static func defaultPenalties(meanVariance: Double) -> [Double] {
    let ten = Elementary.log(10)
    let decade = (Elementary.log(meanVariance) / ten).rounded()
    return (0..<30).map { index in
      let exponent = decade + 2 - 8 * Double(index) / 29
      // Whole decades are exact, so that they read well.
      if exponent == exponent.rounded(), let exact = Double("1e\(Int(exponent))") { return exact }
      return Elementary.exp(exponent * ten)
    }
  }

  /// `count` values from `largest` down to `smallest`, evenly spaced in the logarithm.
  package static func descending(from largest: Double, to smallest: Double, count: Int) -> [Double] {
    guard count > 1, largest > 0, smallest > 0 else { return [largest] }
    let (top, bottom) = (Elementary.log(largest), Elementary.log(smallest))
    return (0..<count).map { index in
      if index == 0 { return largest }
      return Elementary.exp(top + (bottom - top) * Double(index) / Double(count - 1))
    }
  }

  /// The smallest l1 penalty that leaves no coefficient: the largest mean product of a column, less its mean, with the
  /// residuals of the model without coefficients.
  package static func largestL1(
    for source: some DesignSource, _ settings: FitSettings, cancellation: Cancellation
  ) throws -> Double {
    try prepare(source, settings, cancellation: cancellation).largestL1(cancellation: cancellation)
  }
}
