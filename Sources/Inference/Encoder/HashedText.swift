/// A bag of hashed words: for each run of up to `longestRun` words, joined by spaces, the bucket of its hash.
package struct TextFeature: Sendable, Hashable {
  /// What a bucket that a text has `n` times holds.
  package enum Term: String, Sendable, Hashable, CaseIterable {
    /// n
    case count
    /// 1
    case binary
  }

  package var input: String
  /// Names are this, `#`, and the number of the bucket.
  package var output: String
  package var buckets: Int
  package var longestRun: Int
  package var lowercase: Bool
  package var term: Term
  /// Whether half of the words count negative, by another bit of the hash, so that words that share a bucket tend to
  /// cancel out instead of adding up (K. Weinberger et al., "Feature hashing for large scale multitask learning", 2009).
  package var isSigned: Bool
  /// Whether the numbers of a text are divided by their Euclidean norm.
  package var isNormalised: Bool
}

/// A category by the bucket of its level's hash; a missing cell has none.
package struct HashFeature: Sendable, Hashable {
  package var input: String
  /// Names are this, `#`, and the number of the bucket.
  package var output: String
  package var buckets: Int

  func bucket(of level: some Sequence<UInt8>) -> Int32 { TextHash.bucket(TextHash.value(of: level), of: buckets) }
}

/// A sparse column: a column of the design for each index that training rows had. Other indices count as 0.
package struct SparseFeature: Sendable, Hashable {
  package var input: String
  /// Names are this, `:`, and the index.
  package var output: String
  /// Ascending.
  package var indices: [Int32]
}

/// Turns texts into the entries of a bag of words.
struct TextHasher {
  private let feature: TextFeature
  private var scanner: WordScanner
  private var found: [(bucket: Int32, sign: Double)] = []

  init(_ feature: TextFeature) {
    self.feature = feature
    scanner = WordScanner(lowercase: feature.lowercase)
  }

  /// Calls `body` with the buckets of a text that are not 0 and what they hold, ascending.
  mutating func each(_ text: some Sequence<UInt8>, _ body: (Int32, Double) -> Void) {
    scanner.scan(text)
    found.removeAll(keepingCapacity: true)
    let (bytes, ends) = (scanner.bytes, scanner.ends)
    for first in ends.indices {
      var hash = TextHash()
      for last in first..<min(ends.count, first + feature.longestRun) {
        if last > first { hash.add(UInt8(ascii: " ")) }
        hash.add(bytes[(last == 0 ? 0 : ends[last - 1])..<ends[last]])
        let value = hash.value
        let sign = feature.isSigned ? TextHash.sign(value) : 1
        found.append((TextHash.bucket(value, of: feature.buckets), sign))
      }
    }
    found.sort { $0.bucket < $1.bucket }
    if !feature.isNormalised { return eachBucket(body) }
    var square = 0.0
    eachBucket { square += $1 * $1 }
    let norm = square.squareRoot()
    eachBucket { body($0, $1 / norm) }
  }

  private func eachBucket(_ body: (Int32, Double) -> Void) {
    var at = 0
    while at < found.count {
      let bucket = found[at].bucket
      var sum = 0.0
      while at < found.count, found[at].bucket == bucket {
        sum += found[at].sign
        at += 1
      }
      if feature.term == .binary { sum = sum > 0 ? 1 : sum < 0 ? -1 : 0 }
      if sum != 0 { body(bucket, sum) }
    }
  }
}
