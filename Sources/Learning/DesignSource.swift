/// The encoded rows of one fit, however they are kept: in memory, or encoded on the fly from a mapped table.
///
/// Reading the same rows again gives the same bits. Several threads read different blocks at once.
package protocol DesignSource: Sendable {
  var rowCount: Int { get }
  var columnCount: Int { get }

  /// Fills a column-major block: `out[column * leadingDimension + (row - rows.lowerBound)]`.
  func readDesign(_ rows: Range<Int>, into out: UnsafeMutableBufferPointer<Double>, leadingDimension: Int)

  /// Targets: the number (linear), 0 or 1 (logistic), the class index (multinomial), the count (poisson).
  func readTargets(_ rows: Range<Int>, into out: UnsafeMutableBufferPointer<Double>)

  /// Whether rows count differently; without it every row weighs 1.
  var hasWeights: Bool { get }
  /// Weights of rows, 0 or more. Called only when `hasWeights`.
  func readWeights(_ rows: Range<Int>, into out: UnsafeMutableBufferPointer<Double>)

  /// Whether known terms are added to the linear predictors, such as the logarithm of an exposure.
  var hasOffsets: Bool { get }
  /// The known terms. Called only when `hasOffsets`.
  func readOffsets(_ rows: Range<Int>, into out: UnsafeMutableBufferPointer<Double>)
}

extension DesignSource {
  package var hasWeights: Bool { false }
  package func readWeights(_ rows: Range<Int>, into out: UnsafeMutableBufferPointer<Double>) {
    out.update(repeating: 1)
  }
  package var hasOffsets: Bool { false }
  package func readOffsets(_ rows: Range<Int>, into out: UnsafeMutableBufferPointer<Double>) {
    out.update(repeating: 0)
  }
}

/// Encoded rows held in memory, column-major.
package struct DenseDesign: DesignSource {
  package let rowCount: Int
  package let columnCount: Int
  private let values: [Double]
  private let targets: [Double]
  private let weights: [Double]?
  private let offsets: [Double]?

  /// `values.count == targets.count * columnCount`, column after column; weights and offsets one a row.
  package init(
    columnCount: Int, values: [Double], targets: [Double], weights: [Double]? = nil, offsets: [Double]? = nil
  ) {
    precondition(values.count == targets.count * columnCount, "shape and element count differ")
    precondition([weights?.count, offsets?.count].allSatisfy { $0 == nil || $0 == targets.count }, "lengths differ")
    self.weights = weights
    self.offsets = offsets
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

  package var hasWeights: Bool { weights != nil }

  package func readWeights(_ rows: Range<Int>, into out: UnsafeMutableBufferPointer<Double>) {
    guard let weights else { return out.update(repeating: 1) }
    for row in rows { out[row - rows.lowerBound] = weights[row] }
  }

  package var hasOffsets: Bool { offsets != nil }

  package func readOffsets(_ rows: Range<Int>, into out: UnsafeMutableBufferPointer<Double>) {
    guard let offsets else { return out.update(repeating: 0) }
    for row in rows { out[row - rows.lowerBound] = offsets[row] }
  }
}
