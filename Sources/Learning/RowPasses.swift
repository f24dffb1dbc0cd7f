package import Basics
internal import LinearAlgebra

/// The passes over all rows that training is made of, one at a time, for whoever times them.
package struct RowPasses: Sendable {
  private let products: EncodedRows
  private let problem: LossProblem
  private let threads: Int

  /// Rows are kept encoded where they take at most `memory` bytes.
  package init(_ source: some DesignSource, threads: Int, memory: Int) {
    self.threads = threads
    let centred = Pilot(source, intercept: true, targetCentred: true).frame
    products = EncodedRows(source, frame: centred, intercept: true, memory: memory)
    let frame = Pilot(source, intercept: true, targetCentred: false).frame
    let rows = EncodedRows(source, frame: frame, intercept: true, memory: memory)
    let width = rows.designWidth
    let metric = LossProblem.Metric(
      means: [Double](repeating: 0, count: width), inverseDeviations: [Double](repeating: 1, count: width))
    problem = LossProblem(
      rows, Loss(.logistic), penalties: [Double](repeating: 0, count: width), metric: metric, threads: threads)
  }

  /// All sums of products of `[1 | Z | y]`, as least squares take them. Returns the last one, Σ y² of centred targets.
  package func gram(cancellation: Cancellation) throws -> Double {
    let sums = try Moments.gramSums(of: products, isFull: true, threads: threads, cancellation: cancellation)
    return sums.square(sums.gram.columns - 1)
  }

  /// Value and gradient of the logistic loss where every coefficient is `coefficient`. Returns the value.
  package func gradient(coefficient: Double, cancellation: Cancellation) throws -> Double {
    var evaluation = Evaluation(dimension: problem.dimension)
    try problem.evaluate(
      at: [Double](repeating: coefficient, count: problem.dimension), problem.everything, hessian: false,
      into: &evaluation, cancellation: cancellation)
    return evaluation.value
  }
}
