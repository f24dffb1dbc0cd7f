import CKernels

/// Some rows of a table as bits: for passes that read the same rows of many columns.
package struct RowMask: Sendable {
  private let bytes: [UInt8]

  /// Of `rows`, ascending and below `rowCount`.
  package init(_ rows: [Int], of rowCount: Int) {
    let size = (rowCount + 7) / 8
    bytes = [UInt8](unsafeUninitializedCapacity: size) { bytes, count in
      rows.withUnsafeBufferPointer { ckernels_mask($0.baseAddress, 0, $0.count, bytes.baseAddress, size) }
      count = size
    }
  }

  /// How many rows there are in a window, which begins at a multiple of 8 and ends at one or where the table ends.
  package func count(in window: Range<Int>) -> Int {
    bytes[window.lowerBound / 8..<(window.upperBound + 7) / 8].reduce(0) { $0 + $1.nonzeroBitCount }
  }

  /// Copies the numbers of the rows in such a window, of which the first lies at `from`, one after the other, and returns how
  /// many they are. `out` has room for the window, and may be `from`.
  package func pick(
    _ window: Range<Int>, from: UnsafePointer<Double>, into out: UnsafeMutablePointer<Double>
  ) -> Int {
    precondition(window.lowerBound % 8 == 0, "a window begins at a multiple of 8")
    return bytes.withUnsafeBufferPointer { bytes in
      guard let start = bytes.baseAddress else { return 0 }
      return ckernels_pick(from, start + window.lowerBound / 8, window.count, out)
    }
  }
}

extension ArraySlice<Int> {
  /// The first place from `start` on, of ascending numbers, with one that is not below `limit`; the end for none.
  package func firstIndex(from start: Int, notBelow limit: Int) -> Int {
    var (low, high) = (start, endIndex)
    while low < high {
      let middle = low + (high - low) / 2
      if self[middle] < limit { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
