import CSketches

/// Puts numbers into ascending order, −0 before 0; not NaN. O(n) for most: by the 22 or 24 highest bits in which they differ, then
/// by comparing neighbours, and by all bits where that does not settle it soon. Few numbers by comparing.
package func sortNumbers(_ values: inout [Double]) {
  if values.count < 128 { return values.sort() }
  let count = values.count
  withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 2 * count) { spare in
    values.withUnsafeMutableBufferPointer { values in
      guard let start = values.baseAddress, let spare = spare.baseAddress else { return }
      csketches_sort(start, Int64(count), spare)
    }
  }
}

/// The places of numbers from the lowest up, of equal ones the first first; −0 is below 0. O(n) as `sortNumbers`.
package func ascendingOrder(of values: [Double]) -> [Int] {
  if values.count < 256 {
    return values.indices.sorted { (orderedBits(values[$0]), $0) < (orderedBits(values[$1]), $1) }
  }
  var spare = [Place](repeating: Place(key: 0, index: 0), count: 2 * values.count)
  return spare.withUnsafeMutableBufferPointer { spare in
    for index in values.indices { spare[index] = Place(key: orderedBits(values[index]), index: index) }
    return sort(spare).map(\.index)
  }
}

/// A number by its key, and where it stands.
private struct Place {
  var key: UInt64
  var index: Int
}

/// Sorts the first half of `spare`, equal keys as they stand, with the help of the second; returns the half that holds the result.
private func sort(_ spare: UnsafeMutableBufferPointer<Place>) -> UnsafeMutableBufferPointer<Place> {
  let count = spare.count / 2
  let first = UnsafeMutableBufferPointer(rebasing: spare[..<count])
  let second = UnsafeMutableBufferPointer(rebasing: spare[count...])
  var differing: UInt64 = 0
  for item in first { differing |= item.key ^ first[0].key }
  // The lowest of the 24 bits.
  let low = UInt64(max(0, 40 - differing.leadingZeroBitCount))
  let sorted = order(first, second, from: low, to: low + 24)
  if low == 0 || settle(sorted) { return sorted }
  return order(sorted, sorted.baseAddress == first.baseAddress ? second : first, from: 0, to: 64)
}

/// Orders items by some bits of their keys, eight at a time; returns which of the two buffers holds them then.
private func order(
  _ first: UnsafeMutableBufferPointer<Place>, _ second: UnsafeMutableBufferPointer<Place>, from: UInt64, to: UInt64
) -> UnsafeMutableBufferPointer<Place> {
  var (from, to, end) = (from, second, to)
  var items = first
  while from < end {
    if pass(items, to, from) { swap(&items, &to) }
    from += 8
    end = min(end, 64)
  }
  return items
}

/// Puts neighbours into order, which is soon done when few are out of it; false when it is not.
private func settle(_ items: UnsafeMutableBufferPointer<Place>) -> Bool {
  var moves = 0
  for index in 1..<items.count {
    let item = items[index]
    var at = index
    while at > 0, items[at - 1].key > item.key {
      items[at] = items[at - 1]
      at -= 1
      moves += 1
    }
    items[at] = item
    if moves > 4 * items.count { return false }
  }
  return true
}

/// Moves `from` into `to`, ordered by one byte; false, and nothing is moved, where all have the same.
private func pass(
  _ from: UnsafeMutableBufferPointer<Place>, _ to: UnsafeMutableBufferPointer<Place>, _ shift: UInt64
) -> Bool {
  withUnsafeTemporaryAllocation(of: Int.self, capacity: 256) { starts in
    starts.initialize(repeating: 0)
    for item in from { starts[Int(truncatingIfNeeded: item.key >> shift) & 255] += 1 }
    if starts[Int(truncatingIfNeeded: from[0].key >> shift) & 255] == from.count { return false }
    var sum = 0
    for byte in 0..<256 {
      let count = starts[byte]
      starts[byte] = sum
      sum += count
    }
    for item in from {
      let byte = Int(truncatingIfNeeded: item.key >> shift) & 255
      to[starts[byte]] = item
      starts[byte] += 1
    }
    return true
  }
}

/// Bits that are ordered as integers as the numbers are.
@inline(__always)
private func orderedBits(_ value: Double) -> UInt64 {
  let bits = value.bitPattern
  return bits >> 63 == 0 ? bits | 1 << 63 : ~bits
}
