internal import Basics

/// Linear predictors of every row of a sparse source: rowCount × outputs, column-major. The bits do not depend on
/// `threads`.
func sparsePredictors(
  of fit: Fit, on source: any SparseDesignSource, threads: Int, cancellation: Cancellation
) throws -> [Double] {
  let outputs = fit.intercepts.count
  let rowCount = source.rowCount
  let size = SparseRows.rowsPerBlock
  var out = [Double](repeating: 0, count: rowCount * outputs)
  let pool = Pool<SparseBlock> { SparseBlock(rows: size, entries: 1 << 16) }
  try out.withUnsafeMutableBufferPointer { buffer in
    nonisolated(unsafe) let buffer = buffer
    try fit.coefficients.withUnsafeBufferPointer { coefficients in
      nonisolated(unsafe) let coefficients = coefficients
      try parallelFor(count: (rowCount + size - 1) / size, threads: threads) { index in
        try cancellation.check()
        let rows = index * size..<min(rowCount, (index + 1) * size)
        pool.lend { block in
          block.clear()
          source.readEntries(rows, into: block)
          let view = SparseView(block)
          for output in 0..<outputs {
            guard let start = buffer.baseAddress else { return }
            let place = start + output * rowCount + rows.lowerBound
            if let weights = coefficients.baseAddress {
              var intercept = fit.intercepts[output]
              view.multiply(weights + output * source.columnCount, outputs: 1, shift: &intercept, into: place)
            } else {
              place.update(repeating: fit.intercepts[output], count: rows.count)
            }
          }
        }
      }
    }
  }
  return out
}
