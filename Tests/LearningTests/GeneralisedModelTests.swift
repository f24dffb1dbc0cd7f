import Testing

@testable import Learning

/// Models without a penalty on the data sets of statsmodels, against fits in 60-digit arithmetic.
struct GeneralisedModelTests {
  @Test(arguments: PeerProblem.names("glm"))
  func coefficientsEqualStatsmodels(name: String) throws {
    let problem = try PeerProblem(model: name)
    let result = try fit(problem.sample.design, problem.settings, cancellation: never)
    #expect(result.converged)
    for (ours, theirs) in zip(
      result.coefficients + result.intercepts, problem.coefficients + problem.intercepts)
    {
      #expect(abs(ours / theirs - 1) < 1e-10)
    }
    #expect(result.coefficients.count == problem.coefficients.count)
    #expect(result.intercepts.count == problem.intercepts.count)

    // Twice the sum of losses is the deviance, but for a Poisson model, where the least sum that there can be is taken off.
    let objective = PlainObjective(objective: problem.objective, penalty: Penalty(), sample: problem.sample)
    let weights = problem.sample.weights ?? problem.sample.targets.map { _ in 1 }
    let least = zip(problem.sample.targets, weights).reduce(0) { $0 + $1.1 * objective.leastLoss($1.0) }
    let deviance = 2 * (result.objectiveValue * weights.reduce(0, +) - least)
    #expect(abs(deviance / (try problem.number("deviance")) - 1) < 1e-11)
  }
}
