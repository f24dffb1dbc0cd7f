/// The encoded rows of one fit, however they are kept: in memory, or encoded on the fly from a mapped table.
///
/// Reading the same rows again gives the same bits. Several threads read different blocks at once.
package protocol DesignSource: Sendable {
  var rowCount: Int { get }
  var columnCount: Int { get }

  /// Fills a column-major block: `out[column * leadingDimension + (row - rows.lowerBound)]`.
  func readDesign(_ rows: Range<Int>, into out: UnsafeMutableBufferPointer<Double>, leadingDimension: Int)

  /// Targets: the number (linear), 0 or 1 (logistic), the class index (multinomial).
  func readTargets(_ rows: Range<Int>, into out: UnsafeMutableBufferPointer<Double>)
}

/// Encoded rows held in memory, column-major.
package struct DenseDesign: DesignSource {
  package let rowCount: Int
  package let columnCount: Int
  private let values: [Double]
  private let targets: [Double]

  /// `values.count == targets.count * columnCount`, column after column.
  package init(columnCount: Int, values: [Double], targets: [Double]) {
    precondition(values.count == targets.count * columnCount, "shape and element count differ")
    rowCount = targets.count
    self.columnCount = columnCount
    self.values = values
    self.targets = targets
  }

  package func readDesign(_ rows: Range<Int>, into out: UnsafeMutableBufferPointer<Double>, leadingDimension: Int) {
    for column in 0..<columnCount {
      let start = column * rowCount
      for row in rows { out[column * leadingDimension + row - rows.lowerBound] = values[start + row] }
    }
  }

  package func readTargets(_ rows: Range<Int>, into out: UnsafeMutableBufferPointer<Double>) {
    for row in rows { out[row - rows.lowerBound] = targets[row] }
  }
}
