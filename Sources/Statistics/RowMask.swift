import CKernels

/// Some rows of a table as bits: for passes that read the same rows of many columns.
package struct RowMask: Sendable {
  private let words: [UInt64]
  /// How many rows there are before each word.
  private let ranks: [Int]

  /// Of `rows`, ascending and below `rowCount`.
  package init(_ rows: [Int], of rowCount: Int) {
    let size = rowCount / 64 + 1
    words = [UInt64](unsafeUninitializedCapacity: size) { words, count in
      let bytes = UnsafeMutableRawBufferPointer(words).bindMemory(to: UInt8.self)
      rows.withUnsafeBufferPointer { ckernels_mask($0.baseAddress, 0, $0.count, bytes.baseAddress, 8 * size) }
      count = size
    }
    var rank = 0
    ranks = words.map { word in
      defer { rank += word.nonzeroBitCount }
      return rank
    }
  }

  /// How many rows there are before `row`: where it, or the next one, stands among them.
  package func rank(of row: Int) -> Int {
    ranks[row >> 6] + (words[row >> 6] & (1 << UInt64(row & 63) - 1)).nonzeroBitCount
  }

  /// Copies the numbers of the rows in a window, which begins at a multiple of 8, one after the other, and returns how many
  /// they are. That of its first row lies at `from`. `out` has room for the window, and may be `from`.
  package func pick(
    _ window: Range<Int>, from: UnsafePointer<Double>, into out: UnsafeMutablePointer<Double>
  ) -> Int {
    precondition(window.lowerBound % 8 == 0, "a window begins at a multiple of 8")
    return words.withUnsafeBytes { bytes in
      let bytes = bytes.bindMemory(to: UInt8.self)
      return ckernels_pick(from, bytes.baseAddress.map { $0 + window.lowerBound / 8 }, window.count, out)
    }
  }
}
