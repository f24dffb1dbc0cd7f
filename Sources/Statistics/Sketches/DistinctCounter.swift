/// Different values: exactly, with how often each stands there, up to `exactLimit` of them; by `HyperLogLog` beyond.
///
/// What it says depends on the values alone, not on how they were cut into pieces and merged.
package struct DistinctCounter: Sendable, Hashable {
  /// The most different values that are kept one by one.
  package static let exactLimit = 4096

  private var table = KeyCounts()
  private var sketch: HyperLogLog?

  package init() {}

  /// Counts numbers that are not NaN.
  package mutating func insert(_ values: UnsafeBufferPointer<Double>) {
    var rest = values
    if sketch == nil {
      let taken = table.insert(values, limit: Self.exactLimit)
      if taken == values.count { return }
      spill()
      rest = UnsafeBufferPointer(rebasing: values[taken...])
    }
    sketch?.insert(rest)
  }

  /// Counts one key: the bits of a value, or the hash of a text.
  package mutating func insert(key: UInt64, count: Int = 1) {
    if sketch == nil {
      if table.add(key, count, limit: Self.exactLimit) { return }
      spill()
    }
    sketch?.insert(hash: valueHash(key))
  }

  package mutating func merge(_ other: DistinctCounter) {
    if let theirs = other.sketch {
      spill()
      sketch?.merge(theirs)
      return
    }
    other.table.each { insert(key: $0, count: $1) }
  }

  private mutating func spill() {
    guard sketch == nil else { return }
    var sketch = HyperLogLog()
    table.each { key, _ in sketch.insert(hash: valueHash(key)) }
    self.sketch = sketch
    table = KeyCounts()
  }

  package var isExact: Bool { sketch == nil }

  /// How many different values there are, about so many where not `isExact`.
  package var estimate: Int { sketch.map { Int($0.estimate.rounded()) } ?? table.count }

  /// The keys with how often they stand there, in no order that means anything; nil where they are not kept.
  package var counts: [(key: UInt64, count: Int)]? {
    guard sketch == nil else { return nil }
    var all: [(key: UInt64, count: Int)] = []
    all.reserveCapacity(table.count)
    table.each { all.append(($0, $1)) }
    return all
  }
}
