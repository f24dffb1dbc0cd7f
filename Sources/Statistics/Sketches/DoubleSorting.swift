internal import CSketches

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
