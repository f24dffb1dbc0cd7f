/// Quantiles of numbers that go by, in some 50 KiB however many they are.
///
/// Karnin, Lang and Liberty, "Optimal quantile approximation in streams" (FOCS 2016): levels of numbers that stand for 2ʰ
/// each; a level that is full is sorted, and every second number of it moves up. Which half is decided by a hash of the
/// level and of how often it was full, so the same numbers in the same order give the same sketch on every machine. Up to
/// `capacity` numbers are all kept: then everything is exact.
///
/// The rank of a quantile is off by at most 0.25 % of the numbers with a probability of 99 %, wherever they come from and
/// however the sketches of parts were merged. Numbers that come in at a higher level, as samples for 2ʰ each, add what the
/// sampling leaves open.
package struct QuantileSketch: Sendable, Hashable {
  /// Numbers of the topmost level; each below holds two thirds of that above, but at least an eighth of the topmost.
  package static let capacity = 2048
  /// How far the rank of a quantile may be off, as a share of all, with a probability of 99 %.
  package static let rankError = 0.0025

  /// Fewer numbers than these are no batch.
  package static let leastBatch = 2049

  /// Numbers that stand for 2ʰ each, by h, in no order.
  private(set) var levels: [[Double]] = [[]]
  /// How often a level was full.
  private var compactions: [UInt64] = [0]
  /// False once something was left out.
  package private(set) var isExact = true

  package init() {}

  /// Numbers seen: those at level h count 2ʰ times.
  package var weight: Int { levels.indices.reduce(0) { $0 + levels[$1].count << $1 } }

  /// Takes numbers, not NaN, each of which stands for 2^`level`.
  package mutating func insert(_ values: some Collection<Double>, level: Int = 0) {
    raise(to: level)
    if level > 0, !values.isEmpty { isExact = false }
    var rest = values[...]
    while !rest.isEmpty {
      let room = max(1, limit(level) - levels[level].count)
      levels[level].append(contentsOf: rest.prefix(room))
      rest = rest.dropFirst(room)
      settle(from: level)
    }
  }

  /// Takes many numbers at once, not NaN, each of which stands for 2^`level`, and leaves them sorted: of every eight neighbours
  /// one moves up three levels. The rank of a number is off by at most 8·2^`level` by that, which is little beside all where
  /// they are many: cheaper than `insert`, as they are sorted once.
  package mutating func insert(batch values: inout [Double], level: Int) {
    guard values.count >= Self.leastBatch else { return insert(values, level: level) }
    raise(to: level + 3)
    isExact = false
    sortNumbers(&values)
    let whole = values.count & ~7
    let offset = Int(rowHash(seed: UInt64(level), row: ~compactions[level]) >> 61)
    compactions[level] += 1
    for index in stride(from: offset, to: whole, by: 8) { levels[level + 3].append(values[index]) }
    levels[level].append(contentsOf: values[whole...])
    settle(from: level)
  }

  /// Adds what another sketch has seen after this one. The levels meet; what was full stays as exact as it was.
  package mutating func merge(_ other: QuantileSketch) {
    if !other.isExact { isExact = false }
    raise(to: other.levels.count - 1)
    for level in other.levels.indices.reversed() where !other.levels[level].isEmpty {
      levels[level].append(contentsOf: other.levels[level])
    }
    settle(from: 0)
  }

  private mutating func raise(to level: Int) {
    while levels.count <= level {
      levels.append([])
      compactions.append(0)
    }
  }

  private func limit(_ level: Int) -> Int {
    let depth = levels.count - 1 - level
    return max(Self.capacity / 8, Int(Double(Self.capacity) * [1, 0.667, 0.444, 0.296, 0.198, 0.125][min(5, depth)]))
  }

  /// Compacts whatever is full, from below.
  private mutating func settle(from start: Int) {
    var level = start
    while level < levels.count {
      if levels[level].count >= limit(level), levels[level].count > 1 { compact(level) }
      level += 1
    }
  }

  private mutating func compact(_ level: Int) {
    raise(to: level + 1)
    isExact = false
    var values = levels[level]
    levels[level] = []
    sortNumbers(&values)
    // An odd one stays below.
    if values.count % 2 == 1 { levels[level].append(values.removeLast()) }
    let offset = Int(rowHash(seed: UInt64(level), row: compactions[level]) >> 63)
    compactions[level] += 1
    levels[level + 1].reserveCapacity(levels[level + 1].count + values.count / 2)
    for index in stride(from: offset, to: values.count, by: 2) { levels[level + 1].append(values[index]) }
  }

  /// All numbers kept, with their weights.
  package var values: WeightedValues {
    WeightedValues(
      ascending: levels.enumerated().map { level, values in
        var values = values
        sortNumbers(&values)
        return (values, 1 << level)
      })
  }
}
