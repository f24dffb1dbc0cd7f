/// Whose variance the rows are taken to have.
package enum CovarianceKind: String, Sendable, Hashable, CaseIterable {
  /// What the model says: scale over weight (linear), the variance of the distribution (others).
  case classical
  /// The squared residuals (White's sandwich), times n / (n − k).
  case hc1
  /// The squared residuals over (1 − leverage)² (MacKinnon and White 1985), close to the jackknife.
  case hc3
}

/// What the weight of a row says.
package enum WeightMeaning: String, Sendable, Hashable, CaseIterable {
  /// How precise the row is: its variance is scale / weight. A row is one observation; one of weight 0 is none.
  case precision
  /// How many equal observations the row stands for.
  case frequency
}

/// What is to be found out about a fit.
package struct StatisticsRequest: Sendable, Hashable {
  package var covariance: CovarianceKind
  package var weights: WeightMeaning
  /// Columns that follow from others by the way they are made, as the last level of a category does of which each level has a
  /// column. Under a penalty, which keeps them on purpose, columns are held against each other without these.
  package var impliedColumns: [Int] = []
  /// Rows × (columns + 1)² up to which the rows are factored at once, without trying their Gram matrix first.
  var smallProblem = 0x1p26

  package init(covariance: CovarianceKind = .classical, weights: WeightMeaning = .precision) {
    self.covariance = covariance
    self.weights = weights
  }

  /// The most free coefficients that errors are computed for, and the most columns that are held against each other.
  package static let mostCoefficients = 2000

  /// Whether columns are held against each other: not where there are as many as rows, and under a penalty, where nothing
  /// else needs their products, not where that costs more than a second or so.
  static func comparesColumns(rows: Int, width: Int, isPenalised: Bool) -> Bool {
    guard width <= mostCoefficients, width <= rows else { return false }
    return !isPenalised || Double(rows) * Double(width * width) <= 0x1p34
  }
}
