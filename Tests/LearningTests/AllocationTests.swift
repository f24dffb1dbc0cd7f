import Basics
import CAllocations
import LinearAlgebra
import Statistics
import Testing

@testable import Learning

/// No iteration of a solver allocates what grows with rows or columns: a fit that is stopped later has asked for memory as
/// often as one that is stopped sooner. With one thread, since a thread is started with memory of its own.
@Suite struct AllocationTests {
  private func allocations(_ body: () throws -> Void) rethrows -> Int {
    let before = callocations_count()
    try body()
    return callocations_count() - before
  }

  private func design(_ objective: Objective) -> DenseDesign {
    var random = SeededGenerator(seed: 9)
    let (rows, columns) = (900, 80)
    let values = (0..<rows * columns).map { _ in random.nextUnit() * 2 - 1 }
    let targets = (0..<rows).map { row -> Double in
      let score = values[row] - 2 * values[rows + row] + random.nextUnit()
      switch objective {
      case .linear: return score
      case .logistic: return score > 0.5 ? 1 : 0
      case .multinomial: return score > 1 ? 2 : score > 0 ? 1 : 0
      case .poisson: return max(0, (2 * score).rounded())
      }
    }
    return DenseDesign(columnCount: columns, values: values, targets: targets)
  }

  private func sparse(_ objective: Objective) -> SparseDesign {
    let dense = design(objective)
    var starts = [0]
    var columns: [Int32] = []
    var values: [Double] = []
    var row = [Double](repeating: 0, count: dense.columnCount)
    for index in 0..<dense.rowCount {
      row.withUnsafeMutableBufferPointer { dense.readDesign(index..<index + 1, into: $0, leadingDimension: 1) }
      for (column, value) in row.enumerated() where (index + column) % 3 != 0 {
        columns.append(Int32(column))
        values.append(value)
      }
      starts.append(columns.count)
    }
    var targets = [Double](repeating: 0, count: dense.rowCount)
    targets.withUnsafeMutableBufferPointer { dense.readTargets(0..<dense.rowCount, into: $0) }
    return SparseDesign(
      columnCount: dense.columnCount, starts: starts, columns: columns, values: values, targets: targets)
  }

  private static let objectives: [Objective] = [.logistic, .poisson, .multinomial(classes: 3)]

  /// Allocations of the same fit stopped after some iterations, and after more.
  private func compare(
    _ source: some DesignSource, _ objective: Objective, _ penalty: Penalty, _ solver: SolverChoice?,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let counts = try [2, 2, 5].map { iterations in
      let settings = FitSettings(
        objective: objective, penalty: penalty, tolerance: 1e-300, maximumIterations: iterations, solver: solver)
      return try allocations {
        let found = try fit(source, settings, cancellation: never)
        #expect(found.iterations == iterations, sourceLocation: sourceLocation)
      }
    }
    #expect(counts[0] > 0, "nothing is counted", sourceLocation: sourceLocation)
    #expect(counts[1] == counts[2], "\(counts)", sourceLocation: sourceLocation)
  }

  @Test(arguments: objectives, [SolverChoice.newton, .lbfgs])
  func smoothSolvers(objective: Objective, solver: SolverChoice) throws {
    try compare(design(objective), objective, Penalty(l2: 1e-3), solver)
  }

  @Test(arguments: objectives) func proximalNewton(objective: Objective) throws {
    try compare(design(objective), objective, Penalty(l1: 1e-4), nil)
  }

  @Test(arguments: objectives) func truncatedNewton(objective: Objective) throws {
    try compare(sparse(objective), objective, Penalty(l2: 1e-3), nil)
  }

  @Test(arguments: objectives) func proximalNewtonOnSparseRows(objective: Objective) throws {
    try compare(sparse(objective), objective, Penalty(l1: 1e-7, l2: 0.01), nil)
  }

  @Test(arguments: [Objective.logistic, .poisson]) func folds(objective: Objective) throws {
    let source = design(objective)
    let folds = SharedFolds(
      source: source, count: 3, assignment: (0..<source.rowCount).map { UInt8($0 % 3) },
      standardised: [Bool](repeating: true, count: source.columnCount))
    let counts = try [2, 2, 6].map { iterations in
      let settings = FitSettings(objective: objective, tolerance: 1e-300, maximumIterations: iterations)
      let problem = try FoldedLosses(folds, settings, cancellation: never)
      return try allocations {
        _ = try problem.fits([Penalty(l2: 0.1), Penalty(l2: 0.001)], cancellation: never)
      }
    }
    #expect(counts[1] == counts[2], "\(counts)")
  }

  @Test func coordinateDescent() {
    let size = 80
    var random = SeededGenerator(seed: 2)
    let root = Matrix(rows: size, columns: size, elements: (0..<size * size).map { _ in random.nextUnit() - 0.5 })
    let gram = root.times(root, transposingSelf: true)
    var descent = CoordinateDescent(upperTriangle: gram, l1: [Double](repeating: 1e-3, count: size))
    let linear = (0..<size).map { _ in random.nextUnit() - 0.5 }
    var point = [Double](repeating: 0, count: size)
    _ = descent.minimise(linear, from: &point, tolerance: 1e-12)
    let count = allocations {
      for index in point.indices { point[index] = 0 }
      descent.take(upperTriangle: gram)
      _ = descent.minimise(linear, from: &point, tolerance: 1e-12)
    }
    #expect(count == 0)
  }
}
