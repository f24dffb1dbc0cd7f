import Basics
import Inference
import Learning

/// Chosen rows of a table as `Learning` reads them: encoded on the fly by a fitted encoder, with their targets. What of it is
/// worth keeping between passes, `Learning` keeps.
struct EncodedRows: DesignSource {
  let encoder: BoundEncoder
  /// Ascending row numbers of the table.
  let rows: [Int]
  /// By position in `rows`.
  let targets: [Double]

  var rowCount: Int { rows.count }
  var columnCount: Int { encoder.encoder.columnCount }

  /// How many rows of the table are encoded at once when the chosen ones are scattered.
  private static let window = 4096

  func readTargets(_ range: Range<Int>, into out: UnsafeMutableBufferPointer<Double>) {
    for (offset, index) in range.enumerated() { out[offset] = targets[index] }
  }

  func readDesign(_ range: Range<Int>, into out: UnsafeMutableBufferPointer<Double>, leadingDimension: Int) {
    do {
      try encode(rows[range], into: out, leadingDimension: leadingDimension)
    } catch {
      // Rows held out of the fit may have a gap where nothing is imputed; the solver names the column.
      for column in 0..<columnCount {
        for offset in 0..<range.count { out[column * leadingDimension + offset] = .nan }
      }
    }
  }

  /// Encodes runs of nearby rows at once and gathers the chosen ones.
  private func encode(
    _ rows: ArraySlice<Int>, into out: UnsafeMutableBufferPointer<Double>, leadingDimension: Int
  ) throws {
    guard let first = rows.first, let last = rows.last else { return }
    if last - first + 1 == rows.count {
      try encoder.encode(first..<last + 1, into: out, leadingDimension: leadingDimension)
      return
    }
    var scratch = [Double](repeating: 0, count: Self.window * columnCount)
    var position = 0
    var index = rows.startIndex
    while index < rows.endIndex {
      let start = rows[index]
      var end = index
      while end < rows.endIndex, rows[end] < start + Self.window { end += 1 }
      try scratch.withUnsafeMutableBufferPointer { scratch in
        try encoder.encode(start..<rows[end - 1] + 1, into: scratch, leadingDimension: Self.window)
        for column in 0..<columnCount {
          let target = column * leadingDimension + position - index
          for chosen in index..<end { out[target + chosen] = scratch[column * Self.window + rows[chosen] - start] }
        }
      }
      position += end - index
      index = end
    }
  }
}
