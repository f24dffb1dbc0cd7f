import Basics
import Statistics
import Testing

@testable import Learning

@Suite struct SparseSolverTests {
  /// Many blocks and several groups of rows, the first columns in most rows.
  private func sample(rows: Int, columns: Int, seed: UInt64) -> (
    starts: [Int], columns: [Int32], values: [Double], scores: [Double]
  ) {
    var generator = SeededGenerator(seed: seed)
    var starts = [0]
    var places: [Int32] = []
    var values: [Double] = []
    var scores: [Double] = []
    for _ in 0..<rows {
      var chosen: Set<Int32> = []
      for _ in 0..<20 {
        let unit = generator.nextUnit()
        chosen.insert(Int32(min(Double(columns - 1), unit * unit * unit * Double(columns))))
      }
      var score = -0.2
      for column in chosen.sorted() {
        let value = generator.nextUnit() + 0.1
        places.append(column)
        values.append(value)
        score += value * (column % 3 == 0 ? 1 : column % 3 == 1 ? -1 : 0)
      }
      starts.append(places.count)
      scores.append(score + generator.nextUnit() * 2 - 1)
    }
    return (starts, places, values, scores)
  }

  private func design(_ objective: Objective, rows: Int = 9000, columns: Int = 700) -> SparseDesign {
    let sample = sample(rows: rows, columns: columns, seed: 3)
    let targets = sample.scores.map { score in
      switch objective {
      case .linear: score
      case .logistic: score > 0 ? 1.0 : 0
      case .multinomial(let classes): Double(min(classes - 1, max(0, Int(score + 2))))
      case .poisson: max(0, (score + 2).rounded())
      }
    }
    return SparseDesign(
      columnCount: columns, starts: sample.starts, columns: sample.columns, values: sample.values, targets: targets)
  }

  @Test(arguments: [Objective.linear, .logistic, .poisson, .multinomial(classes: 3)], [0, 0.002])
  func bitsDoNotDependOnThreadsOrMemory(objective: Objective, l1: Double) throws {
    let design = design(objective, rows: objective.outputs > 1 && l1 > 0 ? 3000 : 9000)
    let penalty = Penalty(l1: l1, l2: 0.001)
    let one = try fit(design, FitSettings(objective: objective, penalty: penalty), cancellation: never)
    #expect(one.converged, "\(one.notes)")
    for threads in 2...3 {
      let other = try fit(
        design, FitSettings(objective: objective, penalty: penalty, threads: threads), cancellation: never)
      #expect(one == other)
    }
    let streamed = try fit(
      design, FitSettings(objective: objective, penalty: penalty, threads: 2, memory: 0), cancellation: never)
    #expect(one == streamed)
  }

  /// Columns that are hardly ever 0, with a mean far above their deviation, as unscaled numbers beside text.
  @Test func fullColumnsWithALargeMeanAreNoHindrance() throws {
    let base = sample(rows: 3000, columns: 300, seed: 8)
    var generator = SeededGenerator(seed: 4)
    var starts = [0]
    var columns: [Int32] = []
    var values: [Double] = []
    for row in 0..<3000 {
      let part = base.starts[row]..<base.starts[row + 1]
      columns += base.columns[part] + [300, 301]
      values += base.values[part] + [1000 + generator.nextUnit(), -50 + generator.nextUnit() * 0.1]
      starts.append(columns.count)
    }
    let design = SparseDesign(
      columnCount: 302, starts: starts, columns: columns, values: values,
      targets: base.scores.map { $0 > 0 ? 1 : 0 })
    let result = try fit(
      design, FitSettings(objective: .logistic, penalty: Penalty(l2: 0.001)), cancellation: never)
    #expect(result.converged && result.iterations < 15)
    let lasso = try fit(
      design, FitSettings(objective: .logistic, penalty: Penalty(l1: 0.001)), cancellation: never)
    #expect(lasso.converged && lasso.iterations < 40, "\(lasso.iterations)")
  }

  @Test func repeatedRowsAreWeights() throws {
    let base = sample(rows: 400, columns: 60, seed: 12)
    let targets = base.scores.map { $0 > 0 ? 1.0 : 0 }
    var starts = [0]
    var columns: [Int32] = []
    var values: [Double] = []
    var repeated: [Double] = []
    for row in 0..<400 {
      for _ in 0..<(row % 3) {
        columns += base.columns[base.starts[row]..<base.starts[row + 1]]
        values += base.values[base.starts[row]..<base.starts[row + 1]]
        starts.append(columns.count)
        repeated.append(targets[row])
      }
    }
    for penalty in [Penalty(l2: 0.01), Penalty(l1: 0.004), Penalty(l1: 0.004, l2: 0.01)] {
      let settings = FitSettings(objective: .logistic, penalty: penalty, tolerance: 1e-11)
      let weighted = try fit(
        SparseDesign(
          columnCount: 60, starts: base.starts, columns: base.columns, values: base.values, targets: targets,
          weights: (0..<400).map { Double($0 % 3) }), settings, cancellation: never)
      let written = try fit(
        SparseDesign(columnCount: 60, starts: starts, columns: columns, values: values, targets: repeated), settings,
        cancellation: never)
      for (left, right) in zip(weighted.coefficients, written.coefficients) { #expect(abs(left - right) < 1e-5) }
      #expect(abs(weighted.objectiveValue - written.objectiveValue) < 1e-10)
    }
  }

  /// An exposure is an offset of its logarithm: twice the exposure is ln 2 less in the intercept.
  @Test func offsetsMoveTheIntercept() throws {
    let base = sample(rows: 500, columns: 40, seed: 2)
    let counts = base.scores.map { max(0, ($0 + 2).rounded()) }
    func result(_ offset: Double) throws -> Fit {
      try fit(
        SparseDesign(
          columnCount: 40, starts: base.starts, columns: base.columns, values: base.values, targets: counts,
          offsets: [Double](repeating: offset, count: 500)),
        FitSettings(objective: .poisson, penalty: Penalty(l2: 0.01), tolerance: 1e-11), cancellation: never)
    }
    let (plain, shifted) = (try result(0), try result(Elementary.log(2)))
    #expect(abs(plain.intercepts[0] - shifted.intercepts[0] - Elementary.log(2)) < 1e-8)
    for (left, right) in zip(plain.coefficients, shifted.coefficients) { #expect(abs(left - right) < 1e-8) }
  }

  @Test func warmStartsEndInTheSamePlace() throws {
    let design = design(.logistic, rows: 3000, columns: 200)
    let far = try fit(design, FitSettings(objective: .logistic, penalty: Penalty(l2: 1)), cancellation: never)
    let settings = FitSettings(objective: .logistic, penalty: Penalty(l2: 0.01), tolerance: 1e-11)
    let cold = try fit(design, settings, cancellation: never)
    let warm = try fit(design, settings, start: far, cancellation: never)
    for (left, right) in zip(cold.coefficients, warm.coefficients) { #expect(abs(left - right) < 1e-8) }
    // From the minimum itself there is nothing to do.
    #expect(
      try fit(design, FitSettings(objective: .logistic, penalty: Penalty(l2: 0.01)), start: cold, cancellation: never)
        .iterations == 0)
  }

  @Test func aPenaltyAboveTheLargestSlopeLeavesOnlyTheIntercept() throws {
    let result = try fit(
      design(.logistic, rows: 2000, columns: 100), FitSettings(objective: .logistic, penalty: Penalty(l1: 10)),
      cancellation: never)
    #expect(result.coefficients.allSatisfy { $0 == 0 })
    #expect(result.converged && result.dualityGap ?? 1 < 1e-12)
  }

  @Test func separationWithoutAPenaltyIsTold() throws {
    let design = SparseDesign(
      columnCount: 2, starts: [0, 1, 2, 3, 4], columns: [0, 0, 1, 1], values: [1, 2, 1, 2], targets: [1, 1, 0, 0])
    let result = try fit(design, FitSettings(objective: .logistic), cancellation: never)
    #expect(!result.converged)
    #expect(result.notes.contains { $0.hasPrefix("column 1 ") && $0.contains("separates the classes") })
  }

  @Test func badInputIsNamed() throws {
    func problem(_ values: [Double], _ targets: [Double], _ objective: Objective = .logistic) -> LearningError? {
      let design = SparseDesign(
        columnCount: 3, starts: [0, 1, 2], columns: [0, 2], values: values, targets: targets)
      do {
        _ = try fit(
          design, FitSettings(objective: objective, penalty: Penalty(l2: 1), columnNames: ["a", "b", "c"]),
          cancellation: never)
        return nil
      } catch { return error as? LearningError }
    }
    #expect(problem([1, .nan], [0, 1]) == .nonFinite(column: "'c'"))
    #expect(problem([1, 2], [0, 0]) == .emptyClass(1))
    #expect(problem([1, 2], [0, 3]) != nil)
    #expect(problem([1, 2], [-1, 3], .poisson) == .negativeCount)
    #expect(problem([1, 2], [.infinity, 3], .linear) == .nonFiniteTarget)
    #expect(problem([1, 2], [0, 1]) == nil)
  }

  @Test func rowsWithoutEntriesAndColumnsWithoutRowsAreFine() throws {
    let design = SparseDesign(
      columnCount: 5, starts: [0, 0, 0, 1, 1], columns: [3], values: [2], targets: [0, 1, 1, 0])
    let result = try fit(design, FitSettings(objective: .logistic, penalty: Penalty(l2: 0.1)), cancellation: never)
    #expect(result.converged && result.coefficients.count == 5)
    #expect(result.coefficients[3] > 0 && result.coefficients[0] == 0)
    let empty = SparseDesign(columnCount: 0, starts: [0, 0, 0], columns: [], values: [], targets: [0, 1])
    #expect(try fit(empty, FitSettings(objective: .logistic), cancellation: never).intercepts == [0])
  }

  @Test func solversThatWouldNeedDenseRowsAreRefused() throws {
    let design = design(.logistic, rows: 500, columns: 50)
    func settings(_ solver: SolverChoice, l1: Double) -> FitSettings {
      FitSettings(objective: .logistic, penalty: Penalty(l1: l1, l2: 0.1), solver: solver)
    }
    #expect(throws: LearningError.self) { try fit(design, settings(.newton, l1: 0), cancellation: never) }
    #expect(throws: LearningError.self) { try fit(design, settings(.truncatedNewton, l1: 0.1), cancellation: never) }
    #expect(try fit(design, settings(.truncatedNewton, l1: 0), cancellation: never).converged)
    #expect(try fit(design, settings(.coordinateDescent, l1: 0.1), cancellation: never).converged)
  }

  /// The smallest l1 that leaves no coefficient, as a path of penalties begins with.
  @Test func thePathBeginsWhereNoCoefficientIsLeft() throws {
    let design = design(.logistic, rows: 2000, columns: 100)
    let settings = FitSettings(objective: .logistic)
    let largest = try PenaltyPath.largestL1(for: design, settings, cancellation: never)
    for (share, isEmpty) in [(1.0001, true), (0.98, false)] {
      let result = try fit(
        design, FitSettings(objective: .logistic, penalty: Penalty(l1: share * largest)), cancellation: never)
      #expect(result.coefficients.allSatisfy { $0 == 0 } == isEmpty)
    }
  }

  /// Columns are read a few at a time where a budget says so, and the bits are the same.
  @Test(arguments: [Objective.logistic, .multinomial(classes: 3)])
  func columnsThatDoNotFitAreReadInTurn(objective: Objective) throws {
    let settings = FitSettings(objective: objective)
    let problem = try SparseProblem(design(objective, rows: 600, columns: 120), settings, cancellation: never)
    let penalty = Penalty(l1: 0.002)
    var found: [[Double]] = []
    // All of them, those in use, and a few of those at a time.
    for bytes in [problem.rows.entryCount * 12, problem.rows.entryCount * 9, problem.rows.entryCount * 2] {
      let loss = try SparseLoss(
        problem.rows, source: problem.source, settings, centres: false, cancellation: never)
      let (point, scale) = (AlignedBuffer(count: loss.dimension), AlignedBuffer(count: loss.dimension))
      try loss.setNull(point)
      _ = try TruncatedNewton(loss).reference(at: point, scale: scale)
      let columns = try SparseColumns(problem.rows, bytes: bytes, cancellation: never)
      let outcome = try SparseProximalNewton(loss, columns, penalty).minimise(
        from: point, scale: scale, nullValue: try loss.evaluate(), tolerance: 1e-8, maximumIterations: 100,
        maximumSeconds: nil)
      #expect(outcome.dualityGap <= 1e-8)
      found.append(Array(UnsafeBufferPointer(start: point.start, count: loss.dimension)))
    }
    #expect(found[0] == found[1] && found[0] == found[2])
  }

  @Test func stopsWhenTold() throws {
    let cancelled = Cancellation()
    cancelled.cancel()
    #expect(throws: Cancelled.self) {
      try fit(design(.logistic), FitSettings(objective: .logistic, penalty: Penalty(l2: 1)), cancellation: cancelled)
    }
  }
}
