import Statistics

/// How far a column is from what it was. Formulas, sources and thresholds: `docs/validation.md`.
package enum DriftStatistic: String, Sendable, Hashable, CaseIterable {
  /// Population stability index, of numbers over ten bins between the deciles of the reference, of levels one by one.
  case psi
  /// The largest gap between the two empirical distribution functions; of numbers alone.
  case kolmogorovSmirnov = "ks"
  /// The probability of such counts of levels, or larger differences, if nothing had changed; of levels alone.
  case chiSquare = "chi_square"
  /// The square root of the Jensen–Shannon divergence in bits, over the bins of `psi`: from 0 to 1.
  case jensenShannon = "jensen_shannon"
  /// The area between the two empirical distribution functions, in deviations of the reference; of numbers alone.
  case wasserstein

  /// Where drift is usually said to begin; a probability for `chiSquare`.
  package var usualLimit: Double {
    switch self {
    case .psi: 0.2
    case .kolmogorovSmirnov: 0.1
    case .chiSquare: 0.001
    case .jensenShannon: 0.1
    case .wasserstein: 0.1
    }
  }

  /// The name in a sentence.
  package var words: String {
    switch self {
    case .psi: "the population stability index"
    case .kolmogorovSmirnov: "the Kolmogorov–Smirnov distance"
    case .chiSquare: "the probability of the χ² test"
    case .jensenShannon: "the Jensen–Shannon distance"
    case .wasserstein: "the Wasserstein distance, in deviations,"
    }
  }

  /// Whether a value is no drift.
  package func isWithin(_ value: Double, _ limit: Double) -> Bool {
    self == .chiSquare ? value >= limit : value <= limit
  }

  /// Nil where the statistic is not for such values, or one is of numbers and the other of levels.
  package func value(of current: Distribution, against reference: Distribution) -> Double? {
    switch (self, reference, current) {
    case (.psi, _, _): shares(reference, current).map(populationStabilityIndex)
    case (.jensenShannon, _, _): shares(reference, current).map(jensenShannonDistance)
    case (.kolmogorovSmirnov, .numbers(let old, _), .numbers(let new, _)): kolmogorovSmirnovDistance(old, new)
    case (.wasserstein, .numbers(let old, let deviation), .numbers(let new, _)):
      scaled(wassersteinDistance(old, new), by: deviation)
    case (.chiSquare, .levels, .levels): counts(reference, current).flatMap(chiSquareProbability)
    default: nil
    }
  }

  private func scaled(_ distance: Double, by deviation: Double) -> Double {
    deviation > 0 ? distance / deviation : distance == 0 ? 0 : .infinity
  }
}

/// Shares of the two, bin by bin or level by level.
private func shares(_ reference: Distribution, _ current: Distribution) -> [(Double, Double)]? {
  counts(reference, current).map { counts in
    let totals = counts.reduce((0.0, 0.0)) { ($0.0 + $1.0, $0.1 + $1.1) }
    return counts.map { ($0.0 / totals.0, $0.1 / totals.1) }
  }
}

/// Rows of the two, bin by bin or level by level.
private func counts(_ reference: Distribution, _ current: Distribution) -> [(Double, Double)]? {
  switch (reference, current) {
  case (.numbers(let old, _), .numbers(let new, _)):
    // Between the deciles of the reference; each bin holds its upper edge. Equal deciles are one.
    var edges: [Double] = []
    for step in 1...9 {
      let edge = old.quantile(Double(step) / 10)
      if edges.last != edge { edges.append(edge) }
    }
    func bins(_ values: WeightedValues) -> [Double] {
      let upTo = edges.map { Double(values.count(upTo: $0)) } + [Double(values.total)]
      return upTo.indices.map { upTo[$0] - ($0 == 0 ? 0 : upTo[$0 - 1]) }
    }
    return Array(zip(bins(old), bins(new)))
  case (.levels(let old), .levels(let new)):
    var pairs: [[UInt8]: (Double, Double)] = [:]
    for (level, count) in old { pairs[Array(level.utf8), default: (0, 0)].0 += Double(count) }
    for (level, count) in new { pairs[Array(level.utf8), default: (0, 0)].1 += Double(count) }
    return pairs.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map(\.value)
  default: return nil
  }
}
