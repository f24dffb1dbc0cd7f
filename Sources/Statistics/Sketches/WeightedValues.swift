/// Numbers in ascending order, each of which stands there so many times: what quantiles, ranks and histograms are read from.
package struct WeightedValues: Sendable, Hashable {
  package private(set) var values: [Double] = []
  /// How many stand up to and with each number.
  package private(set) var cumulative: [Int] = []

  /// Numbers with their weights, in any order; not NaN. O(n log n).
  package init(_ pairs: [(value: Double, weight: Int)]) {
    self.init(sorted: pairs.sorted { $0.value < $1.value })
  }

  private init(sorted pairs: [(value: Double, weight: Int)]) {
    values.reserveCapacity(pairs.count)
    cumulative.reserveCapacity(pairs.count)
    var total = 0
    for pair in pairs where pair.weight > 0 {
      total += pair.weight
      if let last = values.last, last == pair.value {
        cumulative[cumulative.count - 1] = total
      } else {
        values.append(pair.value)
        cumulative.append(total)
      }
    }
  }

  /// Lists of numbers in ascending order, and the weight of each of their numbers. O(n) a list.
  init(ascending lists: [(values: [Double], weight: Int)]) {
    var merged: [(value: Double, weight: Int)] = []
    for list in lists where !list.values.isEmpty {
      var joined: [(value: Double, weight: Int)] = []
      joined.reserveCapacity(merged.count + list.values.count)
      var next = 0
      for value in list.values {
        while next < merged.count, merged[next].value <= value {
          joined.append(merged[next])
          next += 1
        }
        joined.append((value, list.weight))
      }
      joined.append(contentsOf: merged[next...])
      merged = joined
    }
    self.init(sorted: merged)
  }

  /// Numbers in ascending order with how many stand up to and with each; nil where they do not ascend.
  package init?(ascending values: [Double], cumulative: [Int]) {
    guard values.count == cumulative.count, cumulative.first ?? 1 > 0,
      zip(values, values.dropFirst()).allSatisfy({ $0 < $1 }),
      zip(cumulative, cumulative.dropFirst()).allSatisfy({ $0 < $1 })
    else { return nil }
    self.values = values
    self.cumulative = cumulative
  }

  /// At most `limit` of the numbers, the largest among them, with what stands between two of them counted to the larger; and
  /// the largest share that was moved so: no rank is off by more. Numbers that stand there often are kept as they are.
  package func thinned(to limit: Int) -> (values: WeightedValues, gap: Double) {
    guard values.count > limit, limit > 1 else { return (self, 0) }
    var step = (total + limit - 1) / limit
    while true {
      let kept = places(apart: step)
      if kept.count <= limit {
        var thin = self
        thin.values = kept.map { values[$0] }
        thin.cumulative = kept.map { cumulative[$0] }
        // What a number stands for beside itself.
        var (most, before) = (0, 0)
        for place in kept {
          most = max(most, cumulative[place] - weight(at: place) - before)
          before = cumulative[place]
        }
        return (thin, Double(most) / Double(total))
      }
      step += max(1, step / 16)
    }
  }

  /// Places with at most `step` between them, as far as the numbers allow.
  private func places(apart step: Int) -> [Int] {
    var kept: [Int] = []
    var before = 0
    for place in values.indices {
      if cumulative[place] - before <= step, place + 1 < values.count { continue }
      // The one before closes what was passed over, unless this one does so by itself.
      if place > 0, kept.last != place - 1, cumulative[place] - before > step {
        kept.append(place - 1)
        before = cumulative[place - 1]
      }
      if cumulative[place] - before > step || place + 1 == values.count {
        kept.append(place)
        before = cumulative[place]
      }
    }
    return kept
  }

  package var total: Int { cumulative.last ?? 0 }

  /// How often the number at a place stands there.
  package func weight(at index: Int) -> Int { cumulative[index] - (index == 0 ? 0 : cumulative[index - 1]) }

  /// How many are at most `value`. O(log n).
  package func count(upTo value: Double) -> Int {
    let index = firstIndex { values[$0] > value }
    return index == 0 ? 0 : cumulative[index - 1]
  }

  /// How many are below `value`. O(log n).
  package func count(below value: Double) -> Int {
    let index = firstIndex { values[$0] >= value }
    return index == 0 ? 0 : cumulative[index - 1]
  }

  /// The share of those at most `value`: the empirical distribution function.
  package func share(upTo value: Double) -> Double { Double(count(upTo: value)) / Double(total) }

  /// The quantile as `quantile(sorted:_:)` would find it with every number written out as often as it stands there.
  package func quantile(_ probability: Double) -> Double {
    guard total > 0 else { return .nan }
    let position = Double(total - 1) * min(1, max(0, probability))
    let below = Int(position)
    let lower = value(at: below)
    let fraction = position - Double(below)
    guard fraction > 0 else { return lower }
    let upper = value(at: below + 1)
    return upper == lower ? lower : lower * (1 - fraction) + fraction * upper
  }

  /// Rows of each of `bins` bins of equal width between two ends; each bin holds its lower edge, the last one both. One bin
  /// where the ends are one. What stands there is scaled to `count` rows.
  package func histogram(_ low: Double, _ high: Double, bins: Int, of count: Int) -> [Int] {
    guard total > 0 else { return [] }
    // Halves keep the width finite where the span is not.
    let half = (high / 2 - low / 2) / Double(bins)
    guard low < high, half > 0 else { return [count] }
    var result: [Int] = []
    var before = 0
    for bin in 1...bins {
      let edge = (low / 2 + half * Double(bin)) * 2
      let below = bin == bins ? total : self.count(below: edge)
      let scaled = total == count ? below : Int((Double(below) / Double(total) * Double(count)).rounded())
      result.append(max(0, scaled - before))
      before = max(before, scaled)
    }
    return result
  }

  private func value(at position: Int) -> Double { values[firstIndex { cumulative[$0] > position }] }

  private func firstIndex(_ holds: (Int) -> Bool) -> Int {
    var (low, high) = (0, values.count)
    while low < high {
      let middle = (low + high) / 2
      if holds(middle) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
