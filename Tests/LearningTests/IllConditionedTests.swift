import Basics
import Statistics
import Testing

@testable import Learning

/// Columns that are hardly told apart: the fit is the minimum all the same, or says which columns are the same.
///
/// Reference figures are of Newton's method in 60 digits (mpmath) on the exact doubles of these columns; R's glm has the
/// deviances to 7e-9 (`near` 1e-7) and 1e-13 (powers of the year, by `poly`).
struct IllConditionedTests {
  private let rows = 1...200
  private func hash(_ value: Int, _ modulus: Int) -> Double {
    Double(value % modulus) / Double(modulus) - 0.5
  }
  private var a: [Double] { rows.map { hash($0 * 7919, 1009) } }
  private var b: [Double] { rows.map { hash($0 * $0 * 31, 997) } }
  private var d: [Double] { rows.map { hash($0 * 104_729, 983) } }
  private var u: [Double] { rows.map { hash($0 * $0 * $0 + 12345 * $0, 1013) } }
  private var year: [Double] { rows.map { Double(1950 + ($0 * 37) % 61) } }

  private func near(_ distance: Double) -> [Double] { zip(a, d).map { $0 + distance * $1 } }

  private func targets(_ objective: Objective) -> [Double] {
    let (a, b, d, u) = (a, b, d, u)
    return a.indices.map { row in
      switch objective {
      case .linear: a[row] - b[row] + d[row] + u[row]
      case .poisson: (4 * abs(a[row] - b[row] + d[row] + 2 * u[row])).rounded(.down)
      default: a[row] - b[row] + 2 * d[row] + 3 * u[row] > 0 ? 1 : 0
      }
    }
  }

  private func run(
    _ columns: [[Double]], _ objective: Objective, names: [String] = [], isSparse: Bool = false
  ) throws -> (fit: Fit, statistics: FitStatistics) {
    let sample = Sample(columns: columns, targets: targets(objective))
    let settings = FitSettings(objective: objective, columnNames: names)
    func run(_ design: some DesignSource) throws -> (fit: Fit, statistics: FitStatistics) {
      let fit = try fit(design, settings, cancellation: never)
      return (fit, try fitStatistics(of: fit, on: design, settings, StatisticsRequest(), cancellation: never))
    }
    return isSparse ? try run(sample.sparseDesign) : try run(sample.design)
  }

  @Test(arguments: [
    (1e-3, 219.750712380066, 3844.405082614, -1.98862210053, 639.003519352, 0.589069748517),
    (1e-5, 219.750712380035, 384440.5082616, -1.988622100529, 63900.3519352, 0.589069748517),
    (1e-7, 219.750712385735, 38444050.82301, -1.98862210068, 6390035.19334, 0.589069748512),
    (1e-9, 219.750711926994, 3844405096.648, -1.988622112109, 639003519.268, 0.589069749981),
  ])
  func aColumnCloseToAnotherIsToldApart(
    distance: Double, deviance: Double, coefficient: Double, other: Double, error: Double, otherError: Double
  ) throws {
    let (fit, statistics) = try run([a, b, near(distance)], .logistic)
    #expect(fit.converged)
    #expect(!fit.notes.contains { $0.contains("depend") }, "\(fit.notes)")
    #expect(isClose(2 * 200 * fit.objectiveValue, deviance, 1e-12))
    #expect(isClose(statistics.deviance, deviance, 1e-11), "\(statistics.deviance)")
    #expect(isClose(fit.coefficients[2], coefficient, 1e-9))
    #expect(isClose(fit.coefficients[1], other, 1e-9))
    #expect(statistics.parameters == 4)
    let errors = statistics.covariance?.standardErrors() ?? []
    #expect(isClose(errors[3], error, max(1e-9, 1e-15 / distance)), "\(errors)")
    #expect(isClose(errors[2], otherError, max(1e-9, 1e-15 / distance)), "\(errors)")
  }

  @Test func sparseRowsToldApartAreFittedAlike() throws {
    let (fit, statistics) = try run([a, b, near(1e-7)], .logistic, isSparse: true)
    #expect(fit.converged)
    #expect(isClose(statistics.deviance, 219.750712385735, 1e-11), "\(statistics.deviance)")
    #expect(isClose(fit.coefficients[2], 38444050.82301, 1e-9))
  }

  /// Buckets without entries are no matter, and names stay those of the source.
  @Test func sparseColumnsThatDependAreNamed() throws {
    let none = a.map { _ in 0.0 }
    let (fit, statistics) = try run(
      [none, a, none, b, a], .logistic, names: ["u", "v", "w", "x", "y"], isSparse: true)
    #expect(fit.converged)
    #expect(fit.notes.count == 1 && fit.notes[0].contains("'y' depends on 'v'"), "\(fit.notes)")
    #expect(fit.dependencies == [FitStatistics.Dependency(column: 4, others: [1])])
    #expect(statistics.dependencies == fit.dependencies)
    #expect(fit.coefficients[0] == 0 && fit.coefficients[2] == 0)
    #expect(abs(fit.coefficients[1] - fit.coefficients[4]) < 1e-9 && fit.coefficients[3] != 0)
  }

  @Test func countsAreFittedOnColumnsCloseToEachOther() throws {
    let (fit, statistics) = try run([a, b, near(1e-7)], .poisson)
    #expect(fit.converged)
    #expect(isClose(statistics.deviance, 350.212882819833, 1e-11), "\(statistics.deviance)")
    #expect(isClose(fit.coefficients[2], 4185737.366219, 1e-9))
    #expect(isClose(fit.coefficients[1], -0.0695221014742, 1e-8))
    #expect(isClose(statistics.covariance?.standardErrors()[3], 1691848.76645, 1e-8))
  }

  /// A year and its powers, as they are.
  @Test(arguments: [
    (Objective.logistic, 276.752726104619, [-11687.68808689, 8.872934412997, -0.002993629706004, 3.787345841618e-7]),
    (.poisson, 348.183019465747, [59257.54134041, -44.88484357579, 0.01510984806584, -1.907386017894e-6]),
  ])
  func powersOfAYearAreToldApart(objective: Objective, deviance: Double, coefficients: [Double]) throws {
    let year = year
    let powers = (1...4).map { power in
      year.map { value in (1..<power).reduce(value) { product, _ in product * value } }
    }
    let (fit, statistics) = try run(powers, objective)
    #expect(fit.converged)
    #expect(isClose(statistics.deviance, deviance, 1e-10), "\(statistics.deviance)")
    for (found, expected) in zip(fit.coefficients, coefficients) { #expect(isClose(found, expected, 1e-6)) }
    #expect(statistics.parameters == 5)
    #expect(statistics.covariance != nil)
  }

  /// One decision on rank: a fit of as many free coefficients as its statistics count, or the column named by both.
  @Test(arguments: [Objective.linear, .logistic, .poisson, .multinomial(classes: 2)], [false, true])
  func solverAndStatisticsAgreeOnTheRank(objective: Objective, isSparse: Bool) throws {
    for exponent in stride(from: -6.0, through: -15, by: -0.5) {
      let distance = Elementary.exp(exponent * 2.302585092994046)
      let (fit, statistics) = try run(
        [a, b, near(distance)], objective, names: ["a", "b", "near"], isSparse: isSparse)
      let isWhole = distance > 1e-11
      #expect(fit.converged, "\(distance)")
      if distance < 3e-12 || distance > 3e-11 {
        #expect(fit.dependencies == (isWhole ? [] : [FitStatistics.Dependency(column: 2, others: [0])]), "\(distance)")
        #expect(fit.notes.contains { $0.contains("'near' depends on 'a'") } == !isWhole, "\(fit.notes)")
      }
      #expect(fit.dependencies == statistics.dependencies)
      let free = fit.dependencies?.isEmpty == true ? 4 : 3
      #expect(statistics.parameters == free)
      let errors = statistics.covariance?.standardErrors() ?? []
      #expect((errors[1] == nil) == (free == 3) && errors[2] != nil)
      // The least norm shares a coefficient between equal columns.
      if free == 3 { #expect(abs(fit.coefficients[0] - fit.coefficients[2]) < 1e-4) }
    }
  }

  /// Rows of many blocks, encoded again in every pass or kept.
  @Test func bitsDoNotDependOnThreadsOrMemory() throws {
    var random = SeededGenerator(seed: 23)
    let count = 20_000
    let first = (0..<count).map { _ in normal(&random) }
    let second = first.map { $0 + 1e-6 * normal(&random) }
    let third = zip(first, second).map { $0 - 2 * $1 }
    let targets = first.map { $0 + normal(&random) > 0 ? 1.0 : 0 }
    for columns in [[first, second], [first, second, third]] {
      let design = Sample(columns: columns, targets: targets).design
      let one = try fit(design, FitSettings(objective: .logistic), cancellation: never)
      let other = try fit(design, FitSettings(objective: .logistic, threads: 3, memory: 0), cancellation: never)
      #expect(one == other)
      #expect(one.solver == Fit.orthogonalSolver && one.converged)
    }
  }

  /// Columns of many blocks, off their pilot's centre, with one that is the sum of two others.
  @Test func dependentColumnsOfManyRowsAreSharedWithoutMovingTheIntercept() throws {
    var random = SeededGenerator(seed: 3)
    let count = 30_000
    let first = (0..<count).map { row in Double(row) / 1000 + random.nextUnit() }
    let second = (0..<count).map { _ in random.nextUnit() * 4 }
    let targets = first.indices.map { first[$0] - second[$0] + 8 * random.nextUnit() > 17 ? 1.0 : 0 }
    let plain = Sample(columns: [first, second], targets: targets)
    var whole = plain
    whole.columns.append(zip(first, second).map { $0 + $1 })
    let settings = FitSettings(objective: .logistic)
    let expected = try fit(plain.design, settings, cancellation: never)
    let found = try fit(whole.design, settings, cancellation: never)
    let ours = try linearPredictors(of: found, on: whole.design, cancellation: never)
    let theirs = try linearPredictors(of: expected, on: plain.design, cancellation: never)
    #expect(zip(ours, theirs).allSatisfy { abs($0 - $1) < 1e-7 })
    #expect(found.dependencies == [FitStatistics.Dependency(column: 2, others: [0, 1])])
  }
}

private func isClose(_ value: Double?, _ expected: Double, _ tolerance: Double) -> Bool {
  value.map { abs($0 - expected) <= tolerance * abs(expected) } ?? false
}

/// What a null space leaves determined keeps its standard error.
struct NullSpaceTests {
  /// c = 2a − b: of the columns' coefficients none is determined, but the intercept is, on every scale. The reference is
  /// lm(y ~ a + b) and glm(y ~ a + b, poisson) of R, which leave c out.
  @Test func theInterceptKeepsItsError() throws {
    let hashes = (1...80).map { row in (row * 7919 % 1009, row * row * 31 % 997, row * 104_729 % 983) }
    let a = hashes.map { Double($0.0) / 1009 - 0.5 }
    let b = hashes.map { Double($0.1) / 997 - 0.5 }
    let c = zip(a, b).map { 2 * $0 - $1 }
    let targets = hashes.map { Double($0.2) / 983 }
    let columns = [a, b, c]
    let offsets = columns.map { mean($0) }
    let factors = zip(columns, offsets).map { column, offset in
      1 / mean(column.map { ($0 - offset) * ($0 - offset) }).squareRoot()
    }
    let encoded = columns.indices.map { index in columns[index].map { ($0 - offsets[index]) * factors[index] } }
    let design = Sample(columns: encoded, targets: targets).design
    for (objective, expected) in [(Objective.linear, 0.032344144593226), (.poisson, 0.16074188469158)] {
      let settings = FitSettings(objective: objective)
      let fit = try fit(design, settings, cancellation: never)
      let found = try fitStatistics(of: fit, on: design, settings, StatisticsRequest(), cancellation: never)
      let covariance = try #require(found.covariance)
      let errors = covariance.standardErrors(offsets: offsets, factors: factors)
      #expect(isClose(errors[0], expected, 1e-7))
      #expect(errors[1...].allSatisfy { $0 == nil })
      let inside = covariance.standardErrors()
      #expect(inside[0] != nil && inside[1...].allSatisfy { $0 == nil })
    }
  }
}

/// What is told of the columns does not depend on the penalty.
struct PenalisedCollinearityTests {
  private var sample: Sample {
    let hashes = (1...90).map { row in (row * 7919 % 1009, row * row * 31 % 997, row * 104_729 % 983) }
    let a = hashes.map { Double($0.0) / 1009 - 0.5 }
    let b = hashes.map { Double($0.1) / 997 - 0.5 }
    let levels = (0..<3).map { level in (1...90).map { $0 % 3 == level ? 1.0 : 0 } }
    return Sample(
      columns: [a, b, zip(a, b).map { 2 * $0 - $1 }] + levels, targets: hashes.map { $0.2 % 2 == 0 ? 1 : 0 })
  }

  private func statistics(
    _ sample: Sample, _ objective: Objective, _ penalty: Penalty, implied: [Int] = []
  ) throws -> FitStatistics {
    let settings = FitSettings(objective: objective, penalty: penalty)
    let fit = try fit(sample.design, settings, cancellation: never)
    var request = StatisticsRequest()
    request.impliedColumns = implied
    return try fitStatistics(of: fit, on: sample.design, settings, request, cancellation: never)
  }

  @Test(
    arguments: [Objective.linear, .logistic, .poisson],
    [Penalty(l2: 0.1), Penalty(l1: 0.05), Penalty(l1: 0.02, l2: 0.1)])
  func dependentColumnsAreNamed(objective: Objective, penalty: Penalty) throws {
    let all = try statistics(sample, objective, penalty, implied: [5])
    #expect(all.dependencies == [FitStatistics.Dependency(column: 2, others: [0, 1])])
    #expect(all.conditionNumber == FitStatistics.singularCondition)
    #expect(all.inflation[0] == nil && all.inflation[2] == nil && all.inflation[3] != nil)
    #expect(all.covariance == nil)
    var few = sample
    few.columns.remove(at: 2)
    let whole = try statistics(few, objective, penalty, implied: [4])
    let plain = try statistics(
      Sample(columns: Array(few.columns.dropLast()), targets: few.targets), objective, Penalty())
    #expect(whole.dependencies.isEmpty)
    #expect(abs((whole.conditionNumber ?? 0) - (plain.conditionNumber ?? 1)) < 1e-9)
    // Without the hint the levels depend on each other, and the intercept.
    let levels = try statistics(few, objective, penalty)
    #expect(levels.dependencies == [FitStatistics.Dependency(column: 4, others: [2, 3])])
  }

  /// A column that is left out stands before others, and one is constant.
  @Test(arguments: [Penalty(l2: 0.1), Penalty()])
  func columnsThatAreLeftOutMayStandAnywhere(penalty: Penalty) throws {
    var mixed = sample
    mixed.columns = [mixed.columns[3], mixed.columns[4], mixed.columns[5], mixed.targets.map { _ in 4 }]
    mixed.columns += sample.columns[..<3]
    for objective in [Objective.linear, .logistic] {
      let found = try statistics(mixed, objective, penalty, implied: [2])
      let levels = penalty.isNone ? [FitStatistics.Dependency(column: 2, others: [0, 1])] : []
      #expect(found.dependencies == levels + [FitStatistics.Dependency(column: 6, others: [4, 5])])
      #expect(found.constantColumns == [3])
      #expect(found.inflation[4] == nil && (found.inflation[0] != nil) == !penalty.isNone)
    }
  }

  @Test func moreColumnsThanRowsHaveNoFiniteCondition() throws {
    var wide = sample
    wide.columns = wide.columns.map { Array($0[..<5]) }
    wide.targets = Array(wide.targets[..<5])
    let found = try statistics(wide, .linear, Penalty(l2: 0.1))
    #expect(found.conditionNumber == FitStatistics.singularCondition)
  }
}
