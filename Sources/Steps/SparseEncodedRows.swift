import Inference
import Learning

/// Chosen rows of a table as `Learning` reads them, where the encoder is a sparse one: `EncodedRows` by their entries.
struct SparseEncodedRows: SparseDesignSource {
  private let rows: EncodedRows

  init(_ rows: EncodedRows) { self.rows = rows }

  var rowCount: Int { rows.rowCount }
  var columnCount: Int { rows.columnCount }
  var hasWeights: Bool { rows.hasWeights }
  var hasOffsets: Bool { rows.hasOffsets }

  func readTargets(_ range: Range<Int>, into out: UnsafeMutableBufferPointer<Double>) {
    rows.readTargets(range, into: out)
  }

  func readWeights(_ range: Range<Int>, into out: UnsafeMutableBufferPointer<Double>) {
    rows.readWeights(range, into: out)
  }

  func readOffsets(_ range: Range<Int>, into out: UnsafeMutableBufferPointer<Double>) {
    rows.readOffsets(range, into: out)
  }

  func readEntries(_ range: Range<Int>, into block: SparseBlock) {
    var encoding = SparseEncoding()
    do {
      try rows.encoder.encodeSparse(rows.rows, range, into: &encoding)
    } catch {
      // As in `EncodedRows`: the solver only sees that a number is not finite.
      rows.failures.note(error)
      let gap: (column: Int32, value: Double) = (0, .nan)
      for _ in range {
        withUnsafePointer(to: gap.column) { column in
          withUnsafePointer(to: gap.value) { value in
            block.append(
              columns: UnsafeBufferPointer(start: column, count: 1), values: UnsafeBufferPointer(start: value, count: 1)
            )
          }
        }
      }
      return
    }
    encoding.columns.withUnsafeBufferPointer { columns in
      encoding.values.withUnsafeBufferPointer { values in
        for row in 0..<encoding.rowCount {
          let part = encoding.starts[row]..<encoding.starts[row + 1]
          block.append(
            columns: UnsafeBufferPointer(rebasing: columns[part]), values: UnsafeBufferPointer(rebasing: values[part]))
        }
      }
    }
  }
}
