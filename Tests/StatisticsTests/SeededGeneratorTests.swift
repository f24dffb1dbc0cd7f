import Statistics
import Testing

struct SeededGeneratorTests {
  /// xoshiro256++ over SplitMix64, computed with the authors' algorithms in Python integers.
  @Test func sequenceEqualsReferenceImplementation() {
    var generator = SeededGenerator(seed: 7)
    let expected: [UInt64] = [
      1_021_219_803_524_665_661, 3_174_977_118_032_272_916, 13_236_943_193_235_544_178, 7_880_630_202_246_103_356,
    ]
    #expect((0..<4).map { _ in generator.next() } == expected)
  }

  /// The first 8 bytes of `printf 7/split/test | sha256sum`.
  @Test func purposeSeedIsTheStartOfASha256() {
    #expect(derivedSeed(7, "split/test") == 5_573_926_212_423_188_486)
    #expect(derivedSeed(7, "split/validation") != derivedSeed(7, "split/test"))
  }

  @Test func rowHashesAreUniformAndIndependentOfOtherSeeds() {
    let count = 20_000
    func share(_ seed: UInt64) -> [Bool] {
      (0..<count).map { unitInterval(rowHash(seed: seed, row: UInt64($0))) < 0.25 }
    }
    let first = share(1)
    let second = share(2)
    // Five standard deviations of a binomial count.
    #expect(abs(first.count { $0 } - count / 4) < 5 * 62)
    let both = zip(first, second).count { $0 && $1 }
    #expect(abs(both - count / 16) < 5 * 35)
  }

  @Test func indicesBelowABoundAreEquallyLikely() {
    var generator = SeededGenerator(seed: 11)
    var counts = [Int](repeating: 0, count: 6)
    for _ in 0..<12_000 { counts[generator.nextIndex(below: 6)] += 1 }
    #expect(counts.allSatisfy { abs($0 - 2000) < 5 * 41 })
  }

  @Test func shuffleKeepsEveryElement() {
    var generator = SeededGenerator(seed: 3)
    var values = Array(0..<100)
    generator.shuffle(&values)
    #expect(values != Array(0..<100))
    #expect(values.sorted() == Array(0..<100))
  }
}
