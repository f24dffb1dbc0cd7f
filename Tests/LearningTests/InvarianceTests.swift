import Statistics
import Testing

@testable import Learning

/// What must not change a fit, or must change it in a known way, on random problems of each kind.
struct InvarianceTests {
  /// How far a fit is from what another one says it should be: the largest difference of linear predictors, relative to their
  /// spread.
  private func distance(
    _ fit: Fit, _ problem: RandomProblem, from expected: Fit, shift: Double = 0
  ) throws -> Double {
    let ours = try predictors(fit, problem.sample)
    let theirs = try predictors(expected, problem.sample)
    return Self.distance(ours, theirs.map { $0 + shift })
  }

  /// Those of several classes less their mean in each row, which says nothing.
  private func predictors(_ fit: Fit, _ sample: Sample) throws -> [Double] {
    var out = try linearPredictors(of: fit, on: sample.design, cancellation: never)
    let (rows, outputs) = (sample.targets.count, fit.intercepts.count)
    for row in 0..<rows where outputs > 1 {
      let common = mean((0..<outputs).map { out[$0 * rows + row] })
      for output in 0..<outputs { out[output * rows + row] -= common }
    }
    return out
  }

  private static func distance(_ ours: [Double], _ theirs: [Double]) -> Double {
    let size = theirs.reduce(1) { max($0, abs($1)) }
    return zip(ours, theirs).reduce(0) { max($0, abs($1.0 - $1.1)) } / size
  }

  /// Where the gap is all that is known the predictors are known to its root.
  private func tolerance(_ problem: RandomProblem) -> Double { problem.penalty.l1 > 0 ? 1e-7 : 1e-10 }

  private func problems(_ kind: RandomProblem.Kind) -> [RandomProblem] {
    (200..<216).map { RandomProblem(seed: $0, kind) }
  }

  private func solve(_ sample: Sample, _ problem: RandomProblem) throws -> Fit {
    var settings = problem.settings
    settings.tolerance = 1e-10
    return try fit(sample.design, settings, cancellation: never)
  }

  @Test(arguments: RandomProblem.Kind.allCases)
  func orderOfRowsDoesNotMatter(kind: RandomProblem.Kind) throws {
    for problem in problems(kind) {
      var random = SeededGenerator(seed: problem.seed)
      var order = Array(problem.sample.targets.indices)
      random.shuffle(&order)
      let other = try solve(problem.sample.taking(order), problem)
      let distance = try distance(other, problem, from: solve(problem.sample, problem))
      #expect(distance <= tolerance(problem), "\(problem.testDescription)")
    }
  }

  /// A row with weight k is that row k times, and one with weight 0 is not there.
  @Test(arguments: RandomProblem.Kind.allCases)
  func weightsCountRows(kind: RandomProblem.Kind) throws {
    for problem in problems(kind) {
      var random = SeededGenerator(seed: problem.seed)
      var sample = problem.sample
      // The first rows hold every class.
      let counts = sample.targets.indices.map { $0 < 8 ? 1 : random.nextIndex(below: 4) }
      sample.weights = nil
      let repeated = sample.taking(counts.indices.flatMap { [Int](repeating: $0, count: counts[$0]) })
      sample.weights = counts.map(Double.init)
      let distance = try distance(solve(sample, problem), problem, from: solve(repeated, problem))
      #expect(distance <= tolerance(problem), "\(problem.testDescription)")
    }
  }

  /// Only ratios of weights matter.
  @Test(arguments: RandomProblem.Kind.allCases)
  func unitOfWeightsDoesNotMatter(kind: RandomProblem.Kind) throws {
    for problem in problems(kind) {
      var sample = problem.sample
      sample.weights = sample.targets.indices.map { (sample.weights?[$0] ?? 1) * 1e-5 / 3 }
      let distance = try distance(solve(sample, problem), problem, from: solve(problem.sample, problem))
      #expect(distance <= tolerance(problem), "\(problem.testDescription)")
    }
  }

  /// Without a penalty, for columns that do not depend on each other.
  @Test(arguments: RandomProblem.Kind.allCases)
  func unitsOfColumnsDoNotMatterWithoutAPenalty(kind: RandomProblem.Kind) throws {
    for problem in problems(kind) where problem.penalty.isNone && problem.sample.columns.count < 10 {
      let units = problem.sample.columns.indices.map { [1e-5, 3, 7e4][$0 % 3] }
      var sample = problem.sample
      sample.columns = zip(sample.columns, units).map { column, unit in column.map { $0 * unit } }
      var other = try solve(sample, problem)
      for index in other.coefficients.indices { other.coefficients[index] *= units[index % units.count] }
      let distance = try distance(other, problem, from: solve(problem.sample, problem))
      #expect(distance <= 1e-10, "\(problem.testDescription)")
    }
  }

  /// For an intercept.
  @Test(arguments: RandomProblem.Kind.allCases)
  func originsOfColumnsDoNotMatter(kind: RandomProblem.Kind) throws {
    for problem in problems(kind) where problem.intercept {
      var sample = problem.sample
      let shifts = sample.columns.map { column in 100 * (column.max() ?? 0) }
      sample.columns = zip(sample.columns, shifts).map { column, shift in column.map { $0 + shift } }
      let other = try solve(sample, problem)
      let expected = try solve(problem.sample, problem)
      // Shifted values have lost two of their digits.
      let distance = try Self.distance(predictors(other, sample), predictors(expected, problem.sample))
      #expect(distance <= 1e-7, "\(problem.testDescription)")
    }
  }

  @Test func shiftedTargetShiftsTheInterceptOfALinearModel() throws {
    for problem in problems(.linear) where problem.intercept {
      var sample = problem.sample
      sample.targets = sample.targets.map { $0 + 1000 }
      let distance = try distance(
        solve(sample, problem), problem, from: solve(problem.sample, problem), shift: 1000)
      #expect(distance <= tolerance(problem), "\(problem.testDescription)")
    }
  }

  @Test(arguments: [RandomProblem.Kind.linear, .poisson])
  func constantOffsetIsTakenFromTheIntercept(kind: RandomProblem.Kind) throws {
    for problem in problems(kind) where problem.intercept {
      var sample = problem.sample
      sample.offsets = sample.targets.indices.map { (sample.offsets?[$0] ?? 0) + 2.5 }
      let distance = try distance(
        solve(sample, problem), problem, from: solve(problem.sample, problem), shift: -2.5)
      #expect(distance <= tolerance(problem), "\(problem.testDescription)")
    }
  }

  @Test func orderOfClassesDoesNotMatter() throws {
    for problem in problems(.multinomial) {
      let classes = problem.objective.outputs
      let columns = problem.sample.columns.count
      var sample = problem.sample
      sample.targets = sample.targets.map { Double((Int($0) + 1) % classes) }
      var other = try solve(sample, problem)
      other.coefficients = (0..<classes).flatMap { output in
        let start = (output + 1) % classes * columns
        return Array(other.coefficients[start..<start + columns])
      }
      other.intercepts = (0..<classes).map { other.intercepts[($0 + 1) % classes] }
      let distance = try distance(other, problem, from: solve(problem.sample, problem))
      #expect(distance <= tolerance(problem), "\(problem.testDescription)")
    }
  }

  /// Ill-conditioned columns take the path in twice the precision; the same laws hold there.
  @Test(arguments: [0, 1e-6])
  func weightsCountRowsInTwiceThePrecision(l2: Double) throws {
    let x = (0..<24).map { 5 + Double($0) / 4 }
    let columns = (1...6).map { power in x.map { x in (0..<power).reduce(1.0) { value, _ in value * x } } }
    var random = SeededGenerator(seed: 8)
    var sample = Sample(columns: columns, targets: x.map { $0 * $0 + normal(&random) })
    let settings = FitSettings(objective: .linear, penalty: Penalty(l2: l2))
    let repeated = sample.taking(x.indices.flatMap { [Int](repeating: $0, count: $0 % 3) })
    let expected = try fit(repeated.design, settings, cancellation: never)
    sample.weights = x.indices.map { Double($0 % 3) }
    let result = try fit(sample.design, settings, cancellation: never)
    #expect(result.solver == "cholesky → double-double" && expected.solver == result.solver)
    #expect(zip(result.coefficients, expected.coefficients).allSatisfy { abs($0 / $1 - 1) < 1e-13 })
    #expect(abs(result.intercepts[0] / expected.intercepts[0] - 1) < 1e-13)
    #expect(abs(result.objectiveValue / expected.objectiveValue - 1) < 1e-13)
    let plain = PlainObjective(objective: .linear, penalty: Penalty(l2: l2), sample: sample)
    #expect(abs(plain.value(result.coefficients, result.intercepts) / result.objectiveValue - 1) < 1e-9)
  }
}
