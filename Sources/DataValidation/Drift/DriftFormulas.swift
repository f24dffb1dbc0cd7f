import Statistics

/// Σ (q − p)·ln(q/p) over bins, where a share of 0 counts as 0.0001 so that an empty bin weighs much but not without end.
///
/// Siddiqi, "Credit Risk Scorecards" (2006), chapter 8; it is Jeffreys' divergence. Below 0.1 is usually called stable, above
/// 0.2 or 0.25 drift.
func populationStabilityIndex(_ shares: [(Double, Double)]) -> Double {
  shares.reduce(0) { sum, pair in
    if pair.0 == 0, pair.1 == 0 { return sum }
    let (p, q) = (max(pair.0, 1e-4), max(pair.1, 1e-4))
    return sum + (q - p) * (Elementary.log(q) - Elementary.log(p))
  }
}

/// √(½ Σ p·log₂(p/m) + ½ Σ q·log₂(q/m)) with m = ½(p + q): a metric from 0 to 1.
///
/// Endres and Schindelin, "A new metric for probability distributions" (IEEE Transactions on Information Theory 49, 2003).
func jensenShannonDistance(_ shares: [(Double, Double)]) -> Double {
  let divergence = shares.reduce(0) { sum, pair in
    let middle = (pair.0 + pair.1) / 2
    func part(_ share: Double) -> Double {
      share > 0 ? share * (Elementary.log(share) - Elementary.log(middle)) : 0
    }
    return sum + (part(pair.0) + part(pair.1)) / 2
  }
  return max(0, divergence / 0.6931471805599453).squareRoot()
}

/// sup |F(x) − G(x)| of two empirical distribution functions.
///
/// Smirnov, "Table for estimating the goodness of fit of empirical distributions" (Annals of Mathematical Statistics 19, 1948).
func kolmogorovSmirnovDistance(_ first: WeightedValues, _ second: WeightedValues) -> Double {
  var most = 0.0
  eachStep(first, second) { _, _, gap in most = max(most, abs(gap)) }
  return most
}

/// ∫ |F(x) − G(x)| dx: how far the mass of one has to be moved to become the other.
///
/// Villani, "Topics in Optimal Transportation" (2003), theorem 2.18.
func wassersteinDistance(_ first: WeightedValues, _ second: WeightedValues) -> Double {
  var area = 0.0
  eachStep(first, second) { low, high, gap in if gap != 0 { area += (high - low) * abs(gap) } }
  return area
}

/// Calls `body` with each interval between neighbouring numbers of the two and how far F − G is apart in it; the last one is
/// empty.
private func eachStep(
  _ first: WeightedValues, _ second: WeightedValues, _ body: (_ low: Double, _ high: Double, _ gap: Double) -> Void
) {
  var (left, right) = (0, 0)
  while left < first.values.count || right < second.values.count {
    let here = min(
      left < first.values.count ? first.values[left] : .infinity,
      right < second.values.count ? second.values[right] : .infinity)
    if left < first.values.count, first.values[left] == here { left += 1 }
    if right < second.values.count, second.values[right] == here { right += 1 }
    let gap = share(first, upTo: left) - share(second, upTo: right)
    let next = min(
      left < first.values.count ? first.values[left] : .infinity,
      right < second.values.count ? second.values[right] : .infinity)
    body(here, next.isFinite ? next : here, gap)
  }
}

private func share(_ values: WeightedValues, upTo index: Int) -> Double {
  index == 0 ? 0 : Double(values.cumulative[index - 1]) / Double(values.total)
}

/// The probability of a χ² as large as that of the two rows of counts, by levels, if both were drawn alike: without continuity
/// correction, with as many degrees of freedom as levels less one. Nil for a single level.
///
/// Pearson, Philosophical Magazine 50 (1900).
func chiSquareProbability(_ counts: [(Double, Double)]) -> Double? {
  let used = counts.filter { $0.0 + $0.1 > 0 }
  let totals = used.reduce((0.0, 0.0)) { ($0.0 + $1.0, $0.1 + $1.1) }
  let all = totals.0 + totals.1
  guard used.count > 1, totals.0 > 0, totals.1 > 0 else { return nil }
  let statistic = used.reduce(0.0) { (sum: Double, pair: (Double, Double)) -> Double in
    func part(_ count: Double, _ total: Double) -> Double {
      let expected = (pair.0 + pair.1) * (total / all)
      return (count - expected) * (count - expected) / expected
    }
    return sum + part(pair.0, totals.0) + part(pair.1, totals.1)
  }
  return ChiSquared(degreesOfFreedom: Double(used.count - 1)).upper(statistic)
}
