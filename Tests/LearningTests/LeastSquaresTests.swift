import Glibc
import Statistics
import Testing

@testable import Learning

struct LeastSquaresTests {
  private func settings(_ l2: Double = 0, intercept: Bool = true) -> FitSettings {
    FitSettings(objective: .linear, penalty: Penalty(l2: l2), intercept: intercept)
  }

  /// The number of correct digits of the worst coefficient.
  private func correctDigits(_ values: [Double], _ certified: [Double]) -> Double {
    zip(values, certified).map { -log10(max(1e-16, abs($0 - $1) / abs($1))) }.min() ?? 0
  }

  @Test(arguments: ["diabetes_ols", "diabetes_ridge", "diabetes_without_intercept"])
  func diabetesEqualsNumpy(name: String) throws {
    let reference = try Reference(name)
    let result = try fit(
      Sample("diabetes").design, settings(reference.l2, intercept: reference.intercepts != [0]), cancellation: never)
    reference.expectEqual(result, tolerance: 1e-10)
    #expect(result.notes.isEmpty)
  }

  /// Powers of numbers far from 0 (a condition beyond the Gram matrix's reach), exact by construction.
  @Test func illConditionedColumnsAreSolvedInTwiceThePrecisionOrFromTheRows() throws {
    let x = (0..<60).map { -3 - Double($0) / 8 }
    let powers = (1...8).map { power in x.map { x in (0..<power).reduce(1.0) { value, _ in value * x } } }
    let targets = x.indices.map { row in powers.reduce(1) { $0 + $1[row] } }
    let design = Sample(columns: powers, targets: targets).design
    let precise = try fit(design, settings(), cancellation: never)
    #expect(precise.solver == "cholesky → double-double")
    #expect(correctDigits(precise.coefficients + precise.intercepts, [Double](repeating: 1, count: 9)) >= 7)
    #expect(precise.converged)
    let fromRows = try fit(design, FitSettings(objective: .linear, solver: .qr), cancellation: never)
    #expect(fromRows.solver == "pivoted qr")
    #expect(correctDigits(fromRows.coefficients + fromRows.intercepts, [Double](repeating: 1, count: 9)) >= 4)
  }

  @Test func collinearColumnsGetTheSolutionOfLeastNorm() throws {
    let reference = try Reference("collinear")
    var sample = try Sample("diabetes")
    sample.columns = Array(sample.columns[2..<4])
    sample.columns.append(zip(sample.columns[0], sample.columns[1]).map { $0 + $1 })
    var settings = settings()
    settings.columnNames = ["bmi", "bp", "sum"]
    let result = try fit(sample.design, settings, cancellation: never)
    reference.expectEqual(result, tolerance: 1e-10)
    #expect(result.solver == "cholesky → pivoted qr → svd")
    #expect(
      result.notes == [
        "the 3 columns that vary have rank 2, as 'sum' depends on 'bmi', 'bp': the solution of least norm is taken"
      ])
  }

  /// Units do not decide the rank: one column in 1e-12, another in 1e12 of its unit.
  @Test func hugeAndTinyUnitsStandSideBySide() throws {
    let plain = try fit(Sample("diabetes").design, settings(), cancellation: never)
    var sample = try Sample("diabetes")
    sample.columns[2] = sample.columns[2].map { $0 * 0x1p-40 }
    sample.columns[3] = sample.columns[3].map { $0 * 0x1p40 }
    let result = try fit(sample.design, settings(), cancellation: never)
    #expect(abs(result.coefficients[2] * 0x1p-40 / plain.coefficients[2] - 1) < 1e-10)
    #expect(abs(result.coefficients[3] * 0x1p40 / plain.coefficients[3] - 1) < 1e-10)
    #expect(result.converged)
  }

  @Test(arguments: ["wide_ridge", "wide_minimum_norm"])
  func moreColumnsThanRowsEqualNumpy(name: String) throws {
    let reference = try Reference(name)
    let result = try fit(Sample("wide").design, settings(reference.l2), cancellation: never)
    reference.expectEqual(result, tolerance: 1e-9)
    #expect(result.solver == (reference.l2 > 0 ? "dual cholesky" : "svd"))
  }

  @Test func constantTargetIsItsIntercept() throws {
    var sample = try Sample("diabetes")
    sample.targets = sample.targets.map { _ in 0.1 }
    let result = try fit(sample.design, settings(), cancellation: never)
    #expect(result.coefficients.allSatisfy { $0 == 0 })
    #expect(result.intercepts == [0.1])
    #expect(result.converged)
  }

  @Test func constantColumnHasNoWeightAndIsNamed() throws {
    var sample = try Sample("diabetes")
    let plain = try fit(sample.design, settings(), cancellation: never)
    sample.columns.append(sample.targets.map { _ in 0.1 })
    let result = try fit(sample.design, settings(), cancellation: never)
    #expect(result.coefficients[10] == 0)
    #expect(zip(result.coefficients, plain.coefficients).allSatisfy { abs($0 / $1 - 1) < 1e-12 })
    #expect(result.notes == ["column 11 is constant: its coefficient is 0"])
  }

  @Test func noColumnsLeaveTheMean() throws {
    let result = try fit(Sample(columns: [], targets: [1, 2, 6]).design, settings(), cancellation: never)
    #expect(result.intercepts == [3])
    #expect(result.coefficients.isEmpty)
    #expect(result.objectiveValue == 7.0 / 3)
    #expect(result.converged)
  }

  @Test func oneRowIsItsOwnMean() throws {
    let result = try fit(Sample(columns: [[5], [7]], targets: [3]).design, settings(1), cancellation: never)
    #expect(result.intercepts == [3])
    #expect(result.coefficients == [0, 0])
    #expect(result.converged)
  }

  @Test func largeOffsetDoesNotCostDigits() throws {
    let x = (0..<50).map { 1e9 + Double($0) }
    let targets = x.indices.map { 2 + 3 * Double($0) + ($0 % 2 == 0 ? 0.5 : -0.5) }
    let near = try fit(Sample(columns: [x.map { $0 - 1e9 }], targets: targets).design, settings(), cancellation: never)
    let far = try fit(Sample(columns: [x], targets: targets).design, settings(), cancellation: never)
    #expect(abs(far.coefficients[0] / near.coefficients[0] - 1) < 1e-14)
  }
}
