import Basics
import Glibc
import Learning
import LinearAlgebra

/// Bytes of encoded rows to keep: the rows are in memory already.
let keptBytes = environmentValue("KEEP").flatMap(Int.init) ?? 0

/// What can be timed, by name.
enum Work {
  typealias Run = @Sendable (NumpyMatrix, Int) throws -> JSON

  static let names = all.keys.sorted()

  static let all: [String: Run] = [
    "ridge": { try single($0, $1, .linear, Penalty(l2: 1 / Double($0.rowCount))) },
    "least-squares": { try single($0, $1, .linear, Penalty()) },
    "logistic": { try single($0, $1, .logistic, Penalty(l2: 1 / Double($0.rowCount))) },
    "logistic-l1": { try single($0, $1, .logistic, Penalty(l1: 1e-3)) },
    "multinomial": { matrix, threads in
      try single(
        matrix, threads, .multinomial(classes: 10), Penalty(l2: 1 / Double(matrix.rowCount)), targets: classes(matrix))
    },
    "lasso-path": lassoPath,
    "ridge-folds": { try folds($0, $1, .linear, exponents: -3...6) { $0 } },
    "logistic-folds": { try folds($0, $1, .logistic, exponents: -4...4) { 1 / $0 } },
  ]

  private static func single(
    _ matrix: NumpyMatrix, _ threads: Int, _ objective: Objective, _ penalty: Penalty, targets: [Double]? = nil
  ) throws -> JSON {
    let fitted = try fit(
      NumpyDesign(matrix: matrix, targets: targets),
      FitSettings(objective: objective, penalty: penalty, threads: threads, memory: keptBytes),
      cancellation: Cancellation())
    return [
      "objective": .number(fitted.objectiveValue), "gradient_norm": .number(fitted.gradientNorm),
      "iterations": JSON(fitted.iterations), "converged": .bool(fitted.converged), "solver": .string(fitted.solver),
      "gap": fitted.dualityGap.map { .number($0) } ?? .null,
      "sum": .number(fitted.coefficients.reduce(0, +)),
    ]
  }

  /// The classes of the peers' script: beside the file as raw bytes, written by it.
  private static func classes(_ matrix: NumpyMatrix) throws -> [Double] {
    try Files.read("/tmp/bench/multi_100000.bin").map { Double($0) }
  }

  private static func lassoPath(_ matrix: NumpyMatrix, _ threads: Int) throws -> JSON {
    let watch = ContinuousClock.now
    let settings = FitSettings(objective: .linear, threads: threads, memory: keptBytes)
    let design = NumpyDesign(matrix: matrix)
    let fits = try fitPath(design, settings, penalties: 100, smallest: 1e-3, cancellation: Cancellation())
    let seconds = watch.duration(to: .now) / .seconds(1)
    return [
      "seconds": .number(seconds),
      "objectives": .array([0, 25, 50, 75, 99].map { .number(fits[$0].objectiveValue) }),
      "worst_gap": .number(fits.compactMap(\.dualityGap).max() ?? 0),
      "sum": .number(fits.reduce(0) { $0 + $1.objectiveValue }),
    ]
  }

  /// Five folds of neighbouring rows and ten penalties, `strength` times the power of ten over the rows of a fold's training
  /// part, as scikit-learn's `alpha` and `1 / C` are.
  private static func folds(
    _ matrix: NumpyMatrix, _ threads: Int, _ objective: Objective, exponents: ClosedRange<Double>,
    strength: (Double) -> Double
  ) throws -> JSON {
    let rows = matrix.rowCount
    let training = Double(rows) * 4 / 5
    let penalties = (0..<10).map { index in
      let exponent = exponents.lowerBound + (exponents.upperBound - exponents.lowerBound) * Double(index) / 9
      return Penalty(l2: strength(pow(10, exponent)) / training)
    }.sorted { $0.l2 > $1.l2 }
    let folds = SharedFolds(
      source: NumpyDesign(matrix: matrix), count: 5, assignment: (0..<rows).map { UInt8($0 * 5 / rows) },
      standardised: [Bool](repeating: false, count: matrix.columnCount - 1))
    let path = try PenaltyPath.tune(
      penalties, shared: folds, FitSettings(objective: objective, threads: threads, memory: keptBytes),
      score: .loss(of: objective), cancellation: Cancellation())
    return [
      "best": .number(path?.points.map(\.mean).min() ?? .nan), "chosen": path?.chosen.json ?? .null,
      "unconverged": JSON(path?.points.reduce(0) { $0 + 5 - $1.convergedFolds } ?? -1),
    ]
  }
}
