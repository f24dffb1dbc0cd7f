internal import Basics

/// Linear predictors of every row of a sparse source, its offsets included: rowCount × outputs, column-major. The bits do not depend on
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
          guard source.hasOffsets, let start = buffer.baseAddress else { return }
          withUnsafeTemporaryAllocation(of: Double.self, capacity: rows.count) { offsets in
            offsets.initialize(repeating: 0)
            source.readOffsets(rows, into: offsets)
            for output in 0..<outputs {
              for row in 0..<rows.count { start[output * rowCount + rows.lowerBound + row] += offsets[row] }
            }
          }
        }
      }
    }
  }
  return out
}

/// The scale of the default penalties of a sparse design: the mean square of its columns, each weighted by its own, so
/// that the many columns that are hardly ever there do not drive it to 0.
func sparseScale(
  of source: any SparseDesignSource, _ settings: FitSettings, cancellation: Cancellation
) throws -> Double {
  let rows = try SparseRows(source, settings, cancellation: cancellation)
  let loss = try SparseLoss(rows, source: source, settings, cancellation: cancellation)
  let moments = try loss.columnMoments()
  var squares = (0..<rows.width).map { moments[2 * $0 + 1] }
  for (column, centre) in zip(loss.centred, loss.centres) { squares[column] -= centre * centre }
  let sum = squares.reduce(0, +)
  return sum > 0 ? squares.reduce(0) { $0 + $1 * $1 } / sum : 1
}
