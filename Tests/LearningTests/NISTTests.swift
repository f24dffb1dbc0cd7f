import Testing

@testable import Learning

/// NIST StRD, linear regression: no more than half a digit fewer than R's `lm(…, tol = 1e-10)` on any set.
struct NISTTests {
  /// Digits that the coefficients have at least.
  private static let least = ["Longley": 10.0, "Norris": 12, "Wampler1": 8, "Wampler2": 8, "Filip": 7]

  @Test(arguments: NISTProblem.names)
  func digitsAreThoseOfROrMore(name: String) throws {
    let problem = try NISTProblem(name)
    let result = try fit(problem.sample.design, problem.settings, cancellation: never)
    let coefficients = try problem.correctDigits(
      (problem.hasIntercept ? result.intercepts : []) + result.coefficients, "coefficients")
    #expect(coefficients >= (try problem.digitsOfR("coefficients")) - 0.5)
    #expect(coefficients >= Self.least[name] ?? 0)

    let rows = Double(problem.sample.targets.count)
    let parameters = try problem.certified("coefficients").count
    let deviation = (2 * result.objectiveValue * rows / (rows - Double(parameters))).squareRoot()
    let residual = try problem.correctDigits([deviation], "residual_deviation")
    #expect(residual >= (try problem.digitsOfR("residual_deviation")) - 0.5)
    #expect(result.converged)
    // Statistics say the same of it as the fit does.
    let statistics = try fitStatistics(
      of: result, on: problem.sample.design, problem.settings, StatisticsRequest(), cancellation: never)
    let told = try problem.correctDigits([(statistics.scale ?? .nan).squareRoot()], "residual_deviation")
    #expect(told >= (try problem.digitsOfR("residual_deviation")) - 0.5, "\(told)")
  }
}
