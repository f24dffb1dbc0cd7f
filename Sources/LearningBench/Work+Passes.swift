import Basics
import Learning

/// Single passes over rows that are packed in memory, which all solvers are made of.
extension Work {
  static func gramPass(_ matrix: NumpyMatrix, _ threads: Int) throws -> JSON {
    let passes = RowPasses(NumpyDesign(matrix: matrix), threads: threads, memory: 8 << 30)
    return try timed { try passes.gram(cancellation: Cancellation()) }
  }

  static func gradientPass(_ matrix: NumpyMatrix, _ threads: Int) throws -> JSON {
    let passes = RowPasses(NumpyDesign(matrix: matrix), threads: threads, memory: 8 << 30)
    return try timed { try passes.gradient(coefficient: 0.01, cancellation: Cancellation()) }
  }

  /// The median of seven passes, after one that touches memory first.
  private static func timed(_ pass: () throws -> Double) throws -> JSON {
    var value = try pass()
    var seconds: [Double] = []
    for _ in 0..<7 {
      let watch = ContinuousClock.now
      value = try pass()
      seconds.append(watch.duration(to: .now) / .seconds(1))
    }
    return [
      "seconds": .number(seconds.sorted()[3]), "passes": .array(seconds.map { .number($0) }), "value": .number(value),
    ]
  }
}
