internal import Basics

/// xoshiro256++ 1.0, seeded through SplitMix64 as its authors advise: the same seed gives the same numbers on every
/// machine, for ever (golden tests hold it to the reference implementation).
///
/// Blackman and Vigna, "Scrambled Linear Pseudorandom Number Generators", ACM TOMS 47 (2021).
package struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var state: (UInt64, UInt64, UInt64, UInt64)

  package init(seed: UInt64) {
    state = (
      splitMix(seed, 1), splitMix(seed, 2), splitMix(seed, 3), splitMix(seed, 4)
    )
  }

  package mutating func next() -> UInt64 {
    let result = rotateLeft(state.0 &+ state.3, 23) &+ state.0
    let shifted = state.1 << 17
    state.2 ^= state.0
    state.3 ^= state.1
    state.1 ^= state.2
    state.0 ^= state.3
    state.2 ^= shifted
    state.3 = rotateLeft(state.3, 45)
    return result
  }

  /// A number in [0, 1), one of 2⁵³ equally likely ones.
  package mutating func nextUnit() -> Double { unitInterval(next()) }

  /// An integer below `bound`, each equally likely (Lemire, "Fast Random Integer Generation in an Interval", 2019).
  /// Does not depend on the standard library's own method, which may change.
  package mutating func nextIndex(below bound: Int) -> Int {
    precondition(bound > 0, "no index is below \(bound)")
    let bound = UInt64(bound)
    var product = next().multipliedFullWidth(by: bound)
    if product.low < bound {
      let threshold = (0 &- bound) % bound
      while product.low < threshold { product = next().multipliedFullWidth(by: bound) }
    }
    return Int(product.high)
  }

  /// Puts `values` in random order, each order equally likely (Fisher and Yates).
  package mutating func shuffle<Element>(_ values: inout [Element]) {
    guard values.count > 1 else { return }
    for last in stride(from: values.count - 1, to: 0, by: -1) { values.swapAt(last, nextIndex(below: last + 1)) }
  }
}

/// The seed for one purpose, such as `split/test`: purposes of one workflow seed have independent streams.
///
/// The first 64 bits of the SHA-256 of `seed/purpose`.
package func derivedSeed(_ seed: UInt64, _ purpose: String) -> UInt64 {
  Digest(of: "\(seed)/\(purpose)").leadingWord
}

/// 64 well-mixed bits for one row: they depend on the seed and the row's number alone, not on other rows, so that parts
/// and folds stay where they are when rows are appended.
package func rowHash(seed: UInt64, row: UInt64) -> UInt64 {
  splitMix(mixed(seed &+ goldenGamma), row &+ 1)
}

/// A number in [0, 1) from the upper 53 of 64 random bits.
package func unitInterval(_ bits: UInt64) -> Double { Double(bits >> 11) * 0x1p-53 }

private let goldenGamma: UInt64 = 0x9E37_79B9_7F4A_7C15

/// The `index`-th output (from 1) of SplitMix64 with this seed. Steele, Lea and Flood, OOPSLA 2014.
private func splitMix(_ seed: UInt64, _ index: UInt64) -> UInt64 { mixed(seed &+ index &* goldenGamma) }

private func mixed(_ value: UInt64) -> UInt64 {
  var bits = value
  bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
  bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
  return bits ^ (bits >> 31)
}

private func rotateLeft(_ value: UInt64, _ count: UInt64) -> UInt64 { value << count | value >> (64 - count) }
