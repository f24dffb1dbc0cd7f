/// Puts numbers into ascending order, −0 before 0; not NaN. O(n) for most: by the 24 highest bits in which they differ, then by
/// comparing neighbours, and by all bits where that does not settle it soon. Few numbers by comparing.
package func sortNumbers(_ values: inout [Double]) {
  if values.count < 256 { return values.sort() }
  var spare = [UInt64](repeating: 0, count: 2 * values.count)
  values.withUnsafeMutableBufferPointer { values in
    spare.withUnsafeMutableBufferPointer { spare in
      let first = UnsafeMutableBufferPointer(rebasing: spare[..<values.count])
      let second = UnsafeMutableBufferPointer(rebasing: spare[values.count...])
      var differing: UInt64 = 0
      for index in values.indices {
        first[index] = orderedBits(values[index])
        differing |= first[index] ^ first[0]
      }
      // The lowest of the 24 bits.
      let low = UInt64(max(0, 40 - differing.leadingZeroBitCount))
      var sorted = order(first, second, from: low, to: low + 24)
      if low > 0, !settle(sorted) {
        let other = sorted.baseAddress == first.baseAddress ? second : first
        sorted = order(sorted, other, from: 0, to: 64)
      }
      for index in values.indices { values[index] = number(sorted[index]) }
    }
  }
}

/// Orders keys by some bits, eight at a time; returns which of the two buffers holds them then.
private func order(
  _ first: UnsafeMutableBufferPointer<UInt64>, _ second: UnsafeMutableBufferPointer<UInt64>, from: UInt64, to: UInt64
) -> UnsafeMutableBufferPointer<UInt64> {
  var (from, to, end) = (from, second, to)
  var keys = first
  while from < end {
    if pass(keys, to, from) { swap(&keys, &to) }
    from += 8
    end = min(end, 64)
  }
  return keys
}

/// Puts neighbours into order, which is soon done when few are out of it; false when it is not.
private func settle(_ keys: UnsafeMutableBufferPointer<UInt64>) -> Bool {
  var moves = 0
  for index in 1..<keys.count {
    let key = keys[index]
    var at = index
    while at > 0, keys[at - 1] > key {
      keys[at] = keys[at - 1]
      at -= 1
      moves += 1
    }
    keys[at] = key
    if moves > 4 * keys.count { return false }
  }
  return true
}

/// Moves `from` into `to`, ordered by one byte; false, and nothing is moved, where all have the same.
private func pass(_ from: UnsafeMutableBufferPointer<UInt64>, _ to: UnsafeMutableBufferPointer<UInt64>, _ shift: UInt64)
  -> Bool
{
  withUnsafeTemporaryAllocation(of: Int.self, capacity: 256) { starts in
    starts.initialize(repeating: 0)
    for key in from { starts[Int(truncatingIfNeeded: key >> shift) & 255] += 1 }
    if starts[Int(truncatingIfNeeded: from[0] >> shift) & 255] == from.count { return false }
    var sum = 0
    for byte in 0..<256 {
      let count = starts[byte]
      starts[byte] = sum
      sum += count
    }
    for key in from {
      let byte = Int(truncatingIfNeeded: key >> shift) & 255
      to[starts[byte]] = key
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

@inline(__always)
private func number(_ bits: UInt64) -> Double {
  Double(bitPattern: bits >> 63 == 1 ? bits & ~(1 << 63) : ~bits)
}
