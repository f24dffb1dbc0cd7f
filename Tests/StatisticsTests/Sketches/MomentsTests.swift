import Statistics
import Testing

@Suite struct MomentsTests {
  private func moments(_ values: [Double]) -> Moments { values.withUnsafeBufferPointer { Moments($0) } }

  /// Against two passes with compensated sums, cut at every place.
  @Test func mergingDoesNotDependOnTheCut() {
    var generator = SeededGenerator(seed: 9)
    let values = (0..<500).map { _ in 1e6 + generator.nextUnit() }
    let centre = mean(values)
    let deviation = (compensatedSum(values.map { ($0 - centre) * ($0 - centre) }) / 500).squareRoot()
    for cut in 0...500 {
      var first = moments(Array(values[..<cut]))
      first.merge(moments(Array(values[cut...])))
      #expect(first.count == 500)
      #expect(abs(first.mean - centre) < 1e-9)
      #expect(abs(first.deviation / deviation - 1) < 1e-9)
    }
  }

  @Test func equalNumbersDoNotDeviate() {
    var all = moments([Double](repeating: 0.1, count: 1001))
    all.merge(moments([Double](repeating: 0.1, count: 77)))
    #expect((all.mean, all.deviation, all.count) == (0.1, 0, 1078))
  }

  @Test func largestAndSmallestNumbersStayFinite() {
    let huge = moments([1.7e308, -1.7e308, 1.7e308, -1.7e308])
    #expect(huge.mean == 0)
    #expect(abs(huge.deviation / 1.7e308 - 1) < 1e-12)
    let tiny = moments([Double.leastNonzeroMagnitude, 0])
    #expect(tiny.deviation >= 0 && tiny.deviation.isFinite)
    let small = moments([1e-200, 3e-200])
    #expect(abs(small.deviation / 1e-200 - 1) < 1e-12)
    #expect(moments([]).count == 0)
    #expect(moments([4]).deviation == 0)
  }

  /// Reference: NumPy `corrcoef`.
  @Test func correlationAgreesWithNumPy() throws {
    let xs: [Double] = [1, 2, 3, 4, 5, 7.5, -2, 0]
    let ys: [Double] = [2, 1, 4, 3, 7, 9, -1, 1]
    func pairs(_ range: Range<Int>) -> CoMoments {
      xs[range].withUnsafeBufferPointer { x in ys[range].withUnsafeBufferPointer { CoMoments(x, $0) } }
    }
    for cut in 0...8 {
      var all = pairs(0..<cut)
      all.merge(pairs(cut..<8))
      #expect(abs(try #require(all.correlation) - 0.9448678672159718) < 1e-12)
    }
    #expect(CoMoments().correlation == nil)
  }
}

@Suite struct FrequentItemsTests {
  private func items(_ texts: some Sequence<String>) -> FrequentItems {
    var items = FrequentItems()
    for text in texts {
      Array(text.utf8).withUnsafeBufferPointer { items.insert($0, hash: valueHash($0)) }
    }
    return items
  }

  @Test func fewTextsAreCountedExactly() {
    let all = items((0..<5000).map { "t\($0 % 200 % (1 + $0 % 3))" } + ["é", "e\u{301}"])
    #expect(all.undercount == 0)
    #expect(all.items(10).reduce(0) { $0 + $1.count } == 5002)
    // Texts that only look alike are two.
    #expect(all.items(10).filter { $0.count == 1 }.map { Array($0.text.utf8) } == [[0x65, 0xCC, 0x81], [0xC3, 0xA9]])
  }

  /// The bound of Misra and Gries: no count is too large, none too small by more than `undercount`, and that is at most
  /// rows/(capacity + 1).
  @Test(arguments: 0..<10 as Range<UInt64>) func statedErrorHolds(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let texts = (0..<30_000).map { _ in "w\(Int(1 / (generator.nextUnit() + 1e-5)))" }
    let counts = Dictionary(texts.map { ($0, 1) }, uniquingKeysWith: +)
    var merged = FrequentItems()
    for start in stride(from: 0, to: texts.count, by: 4000) {
      merged.merge(items(texts[start..<min(texts.count, start + 4000)]))
    }
    #expect(merged.undercount <= texts.count / (FrequentItems.capacity + 1) + 8)
    for item in merged.items(FrequentItems.capacity) {
      let exact = counts[item.text] ?? 0
      #expect(item.count <= exact && exact <= item.count + merged.undercount)
    }
    let listed = Set(merged.items(FrequentItems.capacity).map(\.text))
    for (text, count) in counts where count > merged.undercount { #expect(listed.contains(text)) }
  }
}
