import Statistics
import Tabular

extension ColumnSummary {
  /// What the summary tells.
  func profile(named name: String, _ detail: ProfileDetail) -> ColumnProfile {
    var profile = ColumnProfile(name: name, type: type, count: count, missing: missing)
    if let numbers {
      profile.numbers = numbers.profile(detail)
      profile.distinct = numbers.distinct
      if type == .boolean {
        let falses = numbers.zeros
        profile.values = [("false", falses), ("true", numbers.moments.count - falses)].filter { $0.1 > 0 }
          .sorted { $0.1 > $1.1 }.map { ColumnProfile.ValueCount(value: $0.0, count: $0.1) }
      }
    }
    if let categories {
      let occurring = categories.occurring
      profile.distinct = ColumnProfile.Distinct(count: occurring.count, isExact: true)
      profile.values = Array(occurring.prefix(ColumnProfile.valueLimit))
      profile.lengths = categories.lengths.profile
      if occurring.count <= detail.levels { profile.levels = occurring }
    }
    if let texts {
      // An estimate may be a little too large, but never more than there are.
      profile.distinct = ColumnProfile.Distinct(
        count: min(texts.lengths.count, texts.distinct.estimate), isExact: texts.distinct.isExact)
      profile.values = texts.frequent.items(ColumnProfile.valueLimit)
        .map { ColumnProfile.ValueCount(value: $0.text, count: $0.count) }
      profile.undercount = texts.frequent.undercount
      profile.lengths = texts.lengths.profile
    }
    if let entries {
      profile.numbers = entries.numbers.profile(detail)
      profile.entries = ColumnProfile.Entries(
        count: entries.numbers.moments.count,
        indices: min(entries.numbers.moments.count, entries.indices.estimate), isExact: entries.indices.isExact)
    }
    profile.association = association?.association
    return profile
  }
}

extension NumberSummary {
  /// Nil for no numbers.
  func profile(_ detail: ProfileDetail) -> ColumnProfile.Numbers? {
    guard moments.count > 0 else { return nil }
    let (values, rankError) = distribution
    func quantile(_ probability: Double) -> Double {
      // The ends are known, whatever was sampled.
      if probability == 0 { return minimum }
      if probability == 1 { return maximum }
      return min(maximum, max(minimum, values.quantile(probability)))
    }
    let (points, gap) = values.thinned(to: detail.points)
    var profile = ColumnProfile.Numbers(
      min: minimum, max: maximum, mean: min(maximum, max(minimum, moments.mean)), deviation: moments.deviation,
      zeros: zeros, quantiles: ColumnProfile.Numbers.probabilities.map(quantile),
      centiles: (0...100).map { quantile(Double($0) / 100) },
      histogram: values.histogram(minimum, maximum, bins: ColumnProfile.Numbers.binCount, of: moments.count),
      rankError: rankError, points: points, pointGap: gap)
    if let wholeExtent { (profile.wholeMin, profile.wholeMax) = wholeExtent }
    return profile
  }
}
