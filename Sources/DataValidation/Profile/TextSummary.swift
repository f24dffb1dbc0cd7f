import Statistics

/// Texts of some rows, summarised in one pass.
struct TextSummary: Sendable {
  private(set) var lengths = LengthSummary()
  private(set) var distinct = DistinctCounter()
  private(set) var frequent = FrequentItems()

  /// Takes the UTF-8 of a text.
  mutating func insert(_ bytes: UnsafeBufferPointer<UInt8>) {
    // Every scalar has one byte that does not continue another.
    lengths.insert(bytes.reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) })
    let hash = valueHash(bytes)
    distinct.insert(key: hash)
    frequent.insert(bytes, hash: hash)
  }
}

/// Lengths in Unicode scalars.
struct LengthSummary: Sendable {
  private(set) var count = 0
  private(set) var minimum = Int.max
  private(set) var maximum = 0
  private var sum = 0

  mutating func insert(_ length: Int, _ times: Int = 1) {
    count += times
    minimum = min(minimum, length)
    maximum = max(maximum, length)
    sum += length * times
  }

  /// Nil where there is no text.
  var profile: ColumnProfile.Lengths? {
    count == 0 ? nil : ColumnProfile.Lengths(min: minimum, max: maximum, mean: Double(sum) / Double(count))
  }
}
