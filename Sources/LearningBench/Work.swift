import Basics
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
    "ridge-folds": ridgeFolds,
    "logistic-folds": logisticFolds,
    "gram-pass": gramPass,
    "gradient-pass": gradientPass,
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

  /// The classes beside a file `num_….npy`: raw bytes in `multi_….bin`, as Benchmarks/data.py writes them.
  private static func classes(_ matrix: NumpyMatrix) throws -> [Double] {
    var parts = matrix.path.split(separator: "/", omittingEmptySubsequences: false)
    let name = parts.removeLast()
    precondition(name.hasPrefix("num_") && name.hasSuffix(".npy"), "expected a file named num_….npy")
    parts.append("multi_\(name.dropFirst(4).dropLast(4)).bin")
    return try Files.read(parts.joined(separator: "/")).map { Double($0) }
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
      "objective": .number(fits.reduce(0) { $0 + $1.objectiveValue }),
    ]
  }
}
