package import Basics
internal import Statistics

extension PenaltyPath {
  /// The smallest l1 penalty at which no coefficient is left: max |Xᵀ·(weights · residuals of the model without
  /// coefficients)| / Σ weights.
  package static func largestL1(
    for source: some DesignSource, _ settings: FitSettings, cancellation: Cancellation
  ) throws -> Double {
    let rows = source.rowCount
    guard rows > 0 else { throw LearningError.noRows }
    func read(_ body: (Range<Int>, UnsafeMutableBufferPointer<Double>) -> Void) -> [Double] {
      var values = [Double](repeating: 0, count: rows)
      values.withUnsafeMutableBufferPointer { body(0..<rows, $0) }
      return values
    }
    let targets = read(source.readTargets)
    let weights = source.hasWeights ? read(source.readWeights) : [Double](repeating: 1, count: rows)
    let offsets = source.hasOffsets ? read(source.readOffsets) : nil
    let total = compensatedSum(weights)
    func share(_ hit: (Double) -> Double) -> Double {
      compensatedSum(rows == 0 ? [] : (0..<rows).lazy.map { weights[$0] * hit(targets[$0]) }) / total
    }
    let outputs = settings.objective.outputs
    var residuals = [[Double]]()
    switch settings.objective {
    case .linear:
      let centre = settings.intercept ? share { $0 } : 0
      residuals = [targets.map { $0 - centre }]
    case .logistic:
      let centre = settings.intercept ? share { $0 } : 0.5
      residuals = [targets.map { $0 - centre }]
    case .multinomial:
      residuals = (0..<outputs).map { output in
        let centre = settings.intercept ? share { $0 == Double(output) ? 1 : 0 } : 1 / Double(outputs)
        return targets.map { ($0 == Double(output) ? 1 : 0) - centre }
      }
    case .poisson:
      let rates = offsets.map { $0.map { Elementary.exp($0) } } ?? [Double](repeating: 1, count: rows)
      let exposure = compensatedSum(zip(weights, rates).lazy.map { $0 * $1 }) / total
      let factor = settings.intercept ? share { $0 } / exposure : 1
      residuals = [zip(targets, rates).map { $0 - factor * $1 }]
    }
    let blocks = RowBlocks(rowCount: rows, columnCount: source.columnCount)
    var products = [Double](repeating: 0, count: outputs * source.columnCount)
    var design = [Double](repeating: 0, count: blocks.leadingDimension * max(1, source.columnCount))
    for index in 0..<blocks.count {
      try cancellation.check()
      let range = blocks[index]
      design.withUnsafeMutableBufferPointer {
        source.readDesign(range, into: $0, leadingDimension: blocks.leadingDimension)
      }
      for output in 0..<outputs {
        for column in 0..<source.columnCount {
          var sum = 0.0
          let start = column * blocks.leadingDimension - range.lowerBound
          for row in range { sum += design[start + row] * weights[row] * residuals[output][row] }
          products[output * source.columnCount + column] += sum
        }
      }
    }
    return products.reduce(0) { max($0, abs($1)) } / total
  }
}
