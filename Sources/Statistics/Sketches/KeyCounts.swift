/// Keys of 64 bits with a count each: open addressing with linear probing, at most half full.
struct KeyCounts: Sendable {
  private(set) var count = 0
  private var keys: [UInt64]
  /// 0 where there is no key.
  private var counts: [Int]
  private var mask: Int

  init() {
    keys = [UInt64](repeating: 0, count: 64)
    counts = [Int](repeating: 0, count: 64)
    mask = 63
  }

  /// False, and nothing is added, where the key would be one more than `limit`.
  mutating func add(_ key: UInt64, _ amount: Int, limit: Int) -> Bool {
    var at = Int(truncatingIfNeeded: valueHash(key)) & mask
    while counts[at] != 0 {
      if keys[at] == key {
        counts[at] += amount
        return true
      }
      at = (at + 1) & mask
    }
    if count == limit { return false }
    keys[at] = key
    counts[at] = amount
    count += 1
    if count * 2 > mask { grow() }
    return true
  }

  /// Adds numbers until one would be more than `limit`; returns how many were taken.
  mutating func insert(_ values: UnsafeBufferPointer<Double>, limit: Int) -> Int {
    var index = 0
    while index < values.count {
      index = fill(values, from: index, limit: limit)
      if index < values.count, count * 2 > mask { grow() } else { break }
    }
    return index
  }

  /// Adds numbers until the table has to grow or is at its limit.
  private mutating func fill(_ values: UnsafeBufferPointer<Double>, from start: Int, limit: Int) -> Int {
    var added = count
    let mask = mask
    defer { count = added }
    return keys.withUnsafeMutableBufferPointer { keys in
      counts.withUnsafeMutableBufferPointer { counts in
        for index in start..<values.count {
          let key = valueBits(values[index])
          var at = Int(truncatingIfNeeded: valueHash(key)) & mask
          while counts[at] != 0, keys[at] != key { at = (at + 1) & mask }
          if counts[at] == 0 {
            if added == limit || added * 2 > mask { return index }
            keys[at] = key
            added += 1
          }
          counts[at] += 1
        }
        return values.count
      }
    }
  }

  func each(_ body: (UInt64, Int) -> Void) {
    for index in keys.indices where counts[index] != 0 { body(keys[index], counts[index]) }
  }

  private mutating func grow() {
    let old = self
    let size = (mask + 1) * 4
    keys = [UInt64](repeating: 0, count: size)
    counts = [Int](repeating: 0, count: size)
    mask = size - 1
    count = 0
    old.each { _ = add($0, $1, limit: .max) }
  }
}

extension KeyCounts: Hashable {
  private var sorted: [(UInt64, Int)] {
    var all: [(UInt64, Int)] = []
    each { all.append(($0, $1)) }
    return all.sorted { $0.0 < $1.0 }
  }

  /// Equal for the same keys with the same counts, in whatever order they came.
  static func == (left: KeyCounts, right: KeyCounts) -> Bool {
    left.count == right.count && zip(left.sorted, right.sorted).allSatisfy { $0 == $1 }
  }

  func hash(into hasher: inout Hasher) { hasher.combine(count) }
}
