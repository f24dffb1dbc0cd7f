import Inference
import Learning

/// Chosen rows of a table as `Learning` reads them, where the encoder is a sparse one: see `EncodedRows` for the others.
struct SparseEncodedRows: SparseDesignSource {
  let encoder: BoundEncoder
  let rows: RowSelection
  /// One a chosen row, as are weights and offsets.
  let targets: [Double]
  var weights: [Double]?
  var offsets: [Double]?
  /// Where to say what could not be encoded.
  let failures: EncodingFailures

  var rowCount: Int { targets.count }
  var columnCount: Int { encoder.encoder.columnCount }

  var hasWeights: Bool { weights != nil }
  var hasOffsets: Bool { offsets != nil }

  func readTargets(_ range: Range<Int>, into out: UnsafeMutableBufferPointer<Double>) { copy(targets, range, out) }

  func readWeights(_ range: Range<Int>, into out: UnsafeMutableBufferPointer<Double>) {
    if let weights { copy(weights, range, out) }
  }

  func readOffsets(_ range: Range<Int>, into out: UnsafeMutableBufferPointer<Double>) {
    if let offsets { copy(offsets, range, out) }
  }

  private func copy(_ values: [Double], _ range: Range<Int>, _ out: UnsafeMutableBufferPointer<Double>) {
    for (offset, index) in range.enumerated() { out[offset] = values[index] }
  }

  func readEntries(_ range: Range<Int>, into block: SparseBlock) {
    var encoding = SparseEncoding()
    do {
      try encoder.encodeSparse(rows, range, into: &encoding)
    } catch {
      // As in `EncodedRows`: the solver only sees that a number is none.
      failures.note(error)
      encoding = SparseEncoding()
    }
    let isSound = encoding.rowCount == range.count
    encoding.columns.withUnsafeBufferPointer { columns in
      encoding.values.withUnsafeBufferPointer { values in
        for row in 0..<encoding.rowCount where isSound {
          let part = encoding.starts[row]..<encoding.starts[row + 1]
          block.append(
            columns: UnsafeBufferPointer(rebasing: columns[part]), values: UnsafeBufferPointer(rebasing: values[part]))
        }
      }
    }
    if isSound { return }
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: 1) { column in
      withUnsafeTemporaryAllocation(of: Double.self, capacity: 1) { value in
        column.initialize(repeating: 0)
        value.initialize(repeating: .nan)
        for _ in range { block.append(columns: UnsafeBufferPointer(column), values: UnsafeBufferPointer(value)) }
      }
    }
  }
}
