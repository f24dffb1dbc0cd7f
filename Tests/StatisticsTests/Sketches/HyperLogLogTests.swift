import Statistics
import Testing

@Suite struct HyperLogLogTests {
  /// The stated relative standard error, over 40 seeds for each size (8 for large ones): the root mean square is within it, with the room that
  /// 40 draws need, and none is off by more than four of it.
  @Test(arguments: [10, 500, 5000, 40_000, 100_000])
  func statedErrorHolds(count: Int) {
    var squares = 0.0
    let seeds = count > 10_000 ? 8 : 40
    for seed in 0..<seeds {
      var sketch = HyperLogLog()
      for index in 0..<count { sketch.insert(hash: valueHash(UInt64(seed) << 40 | UInt64(index))) }
      let gap = sketch.estimate / Double(count) - 1
      #expect(abs(gap) < 4 * HyperLogLog.relativeError, "seed \(seed)")
      squares += gap * gap
    }
    #expect((squares / Double(seeds)).squareRoot() < 1.5 * HyperLogLog.relativeError)
  }

  @Test func emptyIsNone() { #expect(HyperLogLog().estimate == 0) }

  @Test func pieceMergedIsTheSameAsWhole() {
    let values = (0..<20_000).map { Double($0 % 9000) / 7 }
    var whole = HyperLogLog()
    values.withUnsafeBufferPointer { whole.insert($0) }
    var first = HyperLogLog()
    values[..<7000].withUnsafeBufferPointer { first.insert($0) }
    var second = HyperLogLog()
    values[7000...].withUnsafeBufferPointer { second.insert($0) }
    first.merge(second)
    #expect(first == whole)
  }
}

@Suite struct DistinctCounterTests {
  private func counter(_ values: [Double]) -> DistinctCounter {
    var counter = DistinctCounter()
    values.withUnsafeBufferPointer { counter.insert($0) }
    return counter
  }

  @Test func fewAreCountedExactly() {
    let all = counter((0..<50_000).map { Double($0 % 4096) } + [0, -0.0])
    #expect(all.isExact)
    #expect(all.estimate == 4096)
    #expect(all.counts?.first { $0.key == valueBits(0) }?.count == 13 + 2)
    #expect(counter([]).estimate == 0)
  }

  @Test func oneMoreIsEstimated() {
    let all = counter((0..<4097).map { Double($0) })
    #expect(!all.isExact)
    #expect(abs(Double(all.estimate) / 4097 - 1) < 0.05)
    #expect(all.counts == nil)
  }

  @Test func mergingDoesNotDependOnTheCut() {
    let values = (0..<30_000).map { Double($0 * 7 % 6007) }
    let whole = counter(values)
    for cut in [0, 1, 100, 5000, 29_999] {
      var first = counter(Array(values[..<cut]))
      first.merge(counter(Array(values[cut...])))
      #expect(first == whole, "cut at \(cut)")
    }
  }
}

@Suite struct ValueHashTests {
  @Test func textsOfEveryLengthDiffer() {
    var seen: Set<UInt64> = []
    for length in 0..<200 {
      let bytes = [UInt8](repeating: 0, count: length)
      seen.insert(bytes.withUnsafeBufferPointer { valueHash($0) })
    }
    #expect(seen.count == 200)
  }

  /// Reference: the same arithmetic in Python's integers. Estimates are persisted, so the hashes may never change.
  @Test func hashesNeverChange() {
    #expect(valueHash(0) == 17504965309670356325)
    #expect(Array("Grüße, Welt".utf8).withUnsafeBufferPointer { valueHash($0) } == 10595826315328806394)
  }
}
