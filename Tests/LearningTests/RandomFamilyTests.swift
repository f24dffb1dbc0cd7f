import Glibc
import Statistics
import Testing

@testable import Learning

/// Minima of random problems, held against the objective written once more in plain loops. What fails names its seed.
struct RandomFamilyTests {
  @Test(arguments: RandomProblem.Kind.allCases, 0..<50)
  func fitsAreMinima(kind: RandomProblem.Kind, seed: Int) throws {
    let problem = RandomProblem(seed: UInt64(seed), kind)
    let name = Comment(rawValue: problem.testDescription)
    let result = try fit(problem.sample.design, problem.settings, cancellation: never)
    #expect(result.converged, "\(name) \(result.dualityGap ?? 0) \(result.gradientNorm) \(result.iterations)")
    let plain = problem.plainObjective
    let (coefficients, intercepts) = (result.coefficients, result.intercepts)
    let value = plain.value(coefficients, intercepts)
    let null = plain.nullModel(intercept: problem.intercept)
    let nullValue = plain.value(null.coefficients, null.intercepts)
    let size = max(abs(value), nullValue - value)
    #expect(abs(result.objectiveValue - value) <= 1e-12 * size, name)
    #expect(value <= nullValue + 1e-12 * size, name)

    let violation = plain.violation(coefficients, intercepts, intercept: problem.intercept)
    let reference = PlainObjective(objective: problem.objective, penalty: Penalty(), sample: problem.sample)
      .violation(null.coefficients, null.intercepts, intercept: problem.intercept)
    #expect(violation <= (problem.penalty.l1 > 0 ? 1e-6 : 1.1e-8) * reference, name)
    if problem.penalty.l1 > 0 { #expect((result.dualityGap ?? .infinity) <= 1e-10, name) }

    var random = SeededGenerator(seed: UInt64(seed))
    for share in [1e-3, 1e-6] {
      let other = coefficients.map { $0 * (1 + share * normal(&random)) }
      let shifted = intercepts.map { problem.intercept ? $0 + share * normal(&random) : $0 }
      #expect(plain.value(other, shifted) >= value - 1e-13 * size, name)
    }
  }

  /// Of the plain objective, whose gradients the other test relies on.
  @Test(arguments: RandomProblem.Kind.allCases)
  func plainGradientsAreFiniteDifferences(kind: RandomProblem.Kind) {
    for seed in 100..<110 {
      let problem = RandomProblem(seed: UInt64(seed), kind)
      let plain = PlainObjective(
        objective: problem.objective, penalty: Penalty(l2: problem.penalty.l2), sample: problem.sample)
      var random = SeededGenerator(seed: UInt64(seed))
      let outputs = problem.objective.outputs
      // Scores of about one, whatever the columns' units.
      let units = problem.sample.columns.map { column in
        max(1e-9, (column.reduce(0) { $0 + $1 * $1 } / Double(column.count)).squareRoot())
      }
      func direction() -> [Double] {
        (0..<outputs).flatMap { _ in units.map { normal(&random) / ($0 * Double(units.count)) } }
      }
      let (point, step) = (direction(), direction())
      let intercepts = (0..<outputs).map { _ in normal(&random) / 3 }
      func value(_ length: Double) -> Double {
        plain.value(zip(point, step).map { $0 + length * $1 }, intercepts.map { $0 + length })
      }
      let length = 1e-4
      let slope = (8 * (value(length) - value(-length)) - (value(2 * length) - value(-2 * length))) / (12 * length)
      let gradient = plain.gradient(point, intercepts)
      let expected = innerProduct(gradient.coefficients, step) + gradient.intercepts.reduce(0, +)
      let size = zip(gradient.coefficients, step).reduce(0) { $0 + abs($1.0 * $1.1) } + abs(value(0))
      #expect(abs(slope - expected) <= 1e-9 * size, "seed \(seed)")
    }
  }
}
