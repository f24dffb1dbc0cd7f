import Statistics
import Testing

struct SummaryTests {
  @Test func compensatedSumKeepsWhatPlainAdditionLoses() {
    #expect(compensatedSum([1, 1e100, 1, -1e100]) == 2)
    #expect(compensatedSum([.infinity, 1]) == .infinity)
    #expect(compensatedSum([Double.nan, 1]).isNaN)
    var product = CompensatedSum()
    product.addProduct(1 + 0x1p-30, 1 - 0x1p-30)
    product.add(-1)
    #expect(product.value == -0x1p-60)
  }

  @Test func pairwiseSumIsNearTheExactOne() {
    let values = (1...10_000).map { 1 / Double($0) }
    #expect(abs(pairwiseSum(values) - compensatedSum(values)) < 1e-14)
  }

  /// numpy.quantile(…, method="linear"), its default.
  @Test func quantileIsTypeSeven() {
    let values = [1.0, 2, 4, 8, 16]
    #expect(quantile(sorted: values, 0) == 1)
    #expect(quantile(sorted: values, 0.3) == 2.4)
    #expect(quantile(sorted: values, 0.5) == 4)
    #expect(quantile(sorted: values, 1) == 16)
    #expect(quantile(sorted: [3.0], 0.9) == 3)
    #expect(quantile(sorted: [Double](), 0.5).isNaN)
    #expect(median([3, 1, 2, 10]) == 2.5)
  }

  /// statistics.stdev of Python.
  @Test func deviationHasDivisorOneLess() {
    #expect(abs(standardDeviation([2, 4, 4, 4, 5, 5, 7, 9]) - 2.138089935299395) < 1e-15)
    #expect(standardDeviation([1.0]).isNaN)
  }
}

@Suite struct RankSelectorTests {
  /// Against sorting: numbers in order, with ties, few different ones, and in no order.
  @Test(arguments: 0..<4, [[0.5], [0.0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0]])
  func ranksAreThoseOfTheSortedNumbers(_ kind: Int, _ shares: [Double]) {
    var random = SeededGenerator(seed: 77)
    let count = 60_000
    var values = (0..<count).map { row in
      switch kind {
      case 0: Double(row)
      case 1: Double(row % 7)
      case 2: (random.nextUnit() * 500).rounded() / 4
      default: random.nextUnit() * random.nextUnit() - 0.5
      }
    }
    var sample = StratifiedSample(size: 2048, of: count)
    values.withUnsafeMutableBufferPointer { sample.add($0) }
    #expect(!sample.isWhole && sample.values.count >= 2000)
    let ranks = Set(shares.flatMap { [Int(Double(count - 1) * $0), min(count - 1, Int(Double(count - 1) * $0) + 1)] })
      .sorted()
    var selector = RankSelector(sample: sample.values, ranks: ranks, of: count)
    values.withUnsafeMutableBufferPointer { selector.add($0) }
    let sorted = values.sorted()
    // A rank outside of its bracket has no answer, and must be rare: none here.
    #expect(selector.values(of: ranks) == ranks.map { sorted[$0] })
  }
}
