import Statistics
import Testing

@Suite struct QuantileSketchTests {
  private static let probabilities = [0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999]

  /// How far the rank of each found quantile is from the wanted one, as a share.
  private func rankErrors(_ sketch: QuantileSketch, _ values: [Double]) -> [Double] {
    let sorted = WeightedValues(values.map { ($0, 1) })
    return Self.probabilities.map { probability in
      let found = sketch.values.quantile(probability)
      let (below, upTo) = (sorted.count(below: found), sorted.count(upTo: found))
      let wanted = probability * Double(values.count - 1)
      let gap = wanted < Double(below) ? Double(below) - wanted : max(0, wanted - Double(upTo))
      return gap / Double(values.count)
    }
  }

  /// Numbers in an order that a sketch could fall for.
  private func numbers(_ shape: Int, _ count: Int, seed: UInt64) -> [Double] {
    var generator = SeededGenerator(seed: seed)
    switch shape {
    case 0: return (0..<count).map { _ in generator.nextUnit() }
    case 1: return (0..<count).map { Double($0) }
    case 2: return (0..<count).map { Double(count - $0) }
    case 3: return (0..<count).map { $0 % 2 == 0 ? Double($0) : -Double($0) }
    case 4: return (0..<count).map { _ in Double(generator.nextIndex(below: 10)) }
    default: return (0..<count).map { _ in 1 / (generator.nextUnit() + 1e-9) }
    }
  }

  @Test(arguments: 0..<6) func statedRankErrorHolds(shape: Int) {
    var (all, large) = (0, 0)
    for seed in 0..<12 as Range<UInt64> {
      let values = numbers(shape, 60_000 + Int(seed) * 997, seed: seed)
      var sketch = QuantileSketch()
      sketch.insert(values)
      #expect(sketch.weight == values.count)
      for error in rankErrors(sketch, values) {
        all += 1
        if error > QuantileSketch.rankError { large += 1 }
        #expect(error < 2 * QuantileSketch.rankError, "seed \(seed)")
      }
    }
    #expect(Double(large) <= 0.01 * Double(all) + 1)
  }

  /// Merged one after the other, and by halves: the stated error holds either way.
  @Test(arguments: 0..<6) func mergedPartsKeepTheStatedError(shape: Int) {
    for seed in 20..<24 as Range<UInt64> {
      let values = numbers(shape, 100_000, seed: seed)
      let parts = stride(from: 0, to: values.count, by: 3701).map { start in
        var sketch = QuantileSketch()
        sketch.insert(values[start..<min(values.count, start + 3701)])
        return sketch
      }
      var chain = QuantileSketch()
      for part in parts { chain.merge(part) }
      var tree = parts
      while tree.count > 1 {
        tree = stride(from: 0, to: tree.count, by: 2).map { index in
          var joined = tree[index]
          if index + 1 < tree.count { joined.merge(tree[index + 1]) }
          return joined
        }
      }
      for sketch in [chain, tree[0]] {
        #expect(sketch.weight == values.count)
        for error in rankErrors(sketch, values) { #expect(error < 2 * QuantileSketch.rankError, "seed \(seed)") }
      }
    }
  }

  /// In batches of samples that stand for four rows each, as profiles insert them.
  @Test(arguments: 0..<6) func batchesKeepTheStatedError(shape: Int) {
    for seed in 40..<44 as Range<UInt64> {
      let values = numbers(shape, 65_536, seed: seed)
      var sketch = QuantileSketch()
      for start in stride(from: 0, to: values.count, by: 4096) {
        var batch = Array(values[start..<start + 4096])
        sketch.insert(batch: &batch, level: 2)
      }
      #expect(sketch.weight == 4 * values.count)
      for error in rankErrors(sketch, values) { #expect(error < 2 * QuantileSketch.rankError, "seed \(seed)") }
    }
  }

  @Test func fewNumbersAreKeptAsTheyAre() {
    var generator = SeededGenerator(seed: 5)
    let values = (0..<2047).map { _ in generator.nextUnit() }
    var sketch = QuantileSketch()
    sketch.insert(values)
    #expect(sketch.isExact)
    let sorted = values.sorted()
    for probability in Self.probabilities {
      #expect(abs(sketch.values.quantile(probability) - quantile(sorted: sorted, probability)) < 1e-15)
    }
  }

  @Test func memoryStaysSmall() {
    var sketch = QuantileSketch()
    for start in 0..<100 { sketch.insert((0..<10_000).map { Double($0 * 100 + start) }) }
    #expect(sketch.values.values.count < 8 * QuantileSketch.capacity)
    #expect(sketch.weight == 1_000_000)
  }

  @Test func sameOrderGivesTheSameSketch() {
    let values = numbers(0, 30_000, seed: 3)
    var (first, second) = (QuantileSketch(), QuantileSketch())
    first.insert(values)
    for value in values { second.insert([value]) }
    #expect(first == second)
  }

  @Test func emptyHasNoQuantile() { #expect(QuantileSketch().values.quantile(0.5).isNaN) }
}

@Suite struct WeightedValuesTests {
  private let values = WeightedValues([(3, 2), (1, 1), (3, 1), (7, 4)])

  /// As NumPy finds them of 1, 3, 3, 3, 7, 7, 7, 7.
  @Test func quantilesAreThoseOfTheNumbersWrittenOut() {
    #expect(values.total == 8)
    #expect([0, 0.1, 0.25, 0.5, 0.52, 1].map(values.quantile) == [1, 2.4, 3, 5, 5.5600000000000005, 7])
    #expect((values.count(below: 3), values.count(upTo: 3), values.count(upTo: 0)) == (1, 4, 0))
    #expect(values.weight(at: 1) == 3)
  }

  @Test(arguments: [(5000, 101), (5000, 300), (101, 101), (5000, 2)])
  func thinnedNumbersAreOffByTheirGapAtMost(count: Int, limit: Int) {
    // Some stand there often: they stay as they are.
    var pairs: [(value: Double, weight: Int)] = []
    for index in 0..<count {
      let weight: Int = index % 700 == 5 ? 2000 : 1 + index % 3
      pairs.append((value: Double(index), weight: weight))
    }
    let all = WeightedValues(pairs)
    let (thin, gap) = all.thinned(to: limit)
    #expect(thin.values.count <= limit)
    #expect(thin.total == all.total)
    let most: Double = count <= limit ? 0 : limit > 2 ? 1.5 / Double(limit) : 1
    #expect(gap <= most)
    for pair in pairs {
      let off: Double = all.share(upTo: pair.value) - thin.share(upTo: pair.value)
      #expect(off >= 0 && off <= gap + 1e-12)
    }
    #expect(WeightedValues(ascending: thin.values, cumulative: thin.cumulative) == thin)
    #expect(WeightedValues(ascending: [2, 1], cumulative: [1, 2]) == nil)
  }

  @Test func binsHoldTheirLowerEdge() {
    #expect(values.histogram(1, 7, bins: 3, of: 8) == [1, 3, 4])
    #expect(values.histogram(1, 7, bins: 3, of: 80) == [10, 30, 40])
    #expect(values.histogram(1, 1, bins: 3, of: 8) == [8])
    #expect(WeightedValues([(-1.7e308, 1), (1.7e308, 1)]).histogram(-1.7e308, 1.7e308, bins: 2, of: 2) == [1, 1])
  }
}
