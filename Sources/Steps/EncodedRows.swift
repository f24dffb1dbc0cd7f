import Inference
import Learning

/// Chosen rows of a table as `Learning` reads them: encoded on the fly by a fitted encoder, with their targets. What of it is
/// worth keeping between passes, `Learning` keeps.
struct EncodedRows: DesignSource {
  let encoder: BoundEncoder
  let rows: RowSelection
  /// One a chosen row.
  let targets: [Double]

  var rowCount: Int { targets.count }
  var columnCount: Int { encoder.encoder.columnCount }

  func readTargets(_ range: Range<Int>, into out: UnsafeMutableBufferPointer<Double>) {
    for (offset, index) in range.enumerated() { out[offset] = targets[index] }
  }

  func readDesign(_ range: Range<Int>, into out: UnsafeMutableBufferPointer<Double>, leadingDimension: Int) {
    do {
      try encoder.encode(rows, range, into: out, leadingDimension: leadingDimension)
    } catch {
      // Rows held out of the fit may have a gap where nothing is imputed; the solver names the column.
      for column in 0..<columnCount {
        for offset in 0..<range.count { out[column * leadingDimension + offset] = .nan }
      }
    }
  }
}
