import Basics
import Inference
import Learning
import Tabular

/// Chosen rows of a table as `Learning` reads them: encoded on the fly by a fitted encoder, with their targets. What of it is
/// worth keeping between passes, `Learning` keeps.
struct EncodedRows: DesignSource {
  let table: Table
  let encoder: Encoder
  /// Ascending row numbers of the table.
  let rows: [Int]
  /// By position in `rows`.
  let targets: [Double]

  var rowCount: Int { rows.count }
  var columnCount: Int { encoder.outputNames.count }

  /// How many rows of the table are encoded at once when the chosen ones are scattered.
  private static let window = 4096

  func readTargets(_ range: Range<Int>, into out: UnsafeMutableBufferPointer<Double>) {
    for (offset, index) in range.enumerated() { out[offset] = targets[index] }
  }

  func readDesign(_ range: Range<Int>, into out: UnsafeMutableBufferPointer<Double>, leadingDimension: Int) {
    do {
      try encode(rows[range], into: out, leadingDimension: leadingDimension)
    } catch {
      // The encoder was fitted on these rows, so they can be encoded; if not, the solver names the column.
      for column in 0..<columnCount {
        for offset in range.indices { out[column * leadingDimension + offset - range.lowerBound] = .nan }
      }
    }
  }

  /// Encodes runs of nearby rows at once and gathers the chosen ones.
  private func encode(
    _ rows: ArraySlice<Int>, into out: UnsafeMutableBufferPointer<Double>, leadingDimension: Int
  ) throws {
    guard let first = rows.first, let last = rows.last else { return }
    if last - first + 1 == rows.count {
      try encoder.encode(table, rows: first..<last + 1, into: out, leadingDimension: leadingDimension)
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
        try encoder.encode(table, rows: start..<rows[end - 1] + 1, into: scratch, leadingDimension: Self.window)
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
