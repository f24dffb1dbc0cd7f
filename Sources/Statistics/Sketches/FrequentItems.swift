/// The texts that stand there most often, in memory that does not grow with their number.
///
/// Misra and Gries, "Finding repeated elements" (1982), merged as in Agarwal and others, "Mergeable summaries" (PODS 2012):
/// every count is at most too small by `undercount`, which is at most rows/(capacity + 1); a text that stands there more
/// often than that is among `items`. Exact while there are at most `capacity` different texts.
package struct FrequentItems: Sendable {
  package static let capacity = 256

  private var counts: [UInt64: Int] = [:]
  private var texts: [UInt64: [UInt8]] = [:]
  /// How much a count may be too small.
  package private(set) var undercount = 0

  package init() {}

  /// Counts a text by its hash (`valueHash`). O(1) amortised.
  package mutating func insert(_ bytes: UnsafeBufferPointer<UInt8>, hash: UInt64) {
    if let count = counts[hash] {
      counts[hash] = count + 1
      return
    }
    counts[hash] = 1
    texts[hash] = Array(bytes)
    // Cut when twice as many are kept, so that cutting is rare.
    if counts.count > 2 * Self.capacity { cut() }
  }

  /// Adds what another summary has seen.
  package mutating func merge(_ other: FrequentItems) {
    counts.merge(other.counts, uniquingKeysWith: +)
    texts.merge(other.texts) { first, _ in first }
    undercount += other.undercount
    if counts.count > Self.capacity { cut() }
  }

  /// Takes the count of the first that is not among the `capacity` largest away from all.
  private mutating func cut() {
    let sorted = counts.values.sorted(by: >)
    guard sorted.count > Self.capacity else { return }
    let least = sorted[Self.capacity]
    undercount += least
    for (hash, count) in counts {
      if count > least {
        counts[hash] = count - least
      } else {
        counts[hash] = nil
        texts[hash] = nil
      }
    }
  }

  /// The most frequent texts, most frequent first, equally frequent ones by their bytes; each at least so often.
  package func items(_ limit: Int) -> [(text: String, count: Int)] {
    counts.compactMap { hash, count in texts[hash].map { ($0, count) } }
      .sorted { $0.1 != $1.1 ? $0.1 > $1.1 : $0.0.lexicographicallyPrecedes($1.0) }
      .prefix(limit).map { (String(decoding: $0.0, as: UTF8.self), $0.1) }
  }
}
