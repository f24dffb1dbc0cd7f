import Testing

@testable import Learning

/// L1, L2 and both on real data, against the minima that `penalised/make_reference.py` found from several peers' answers.
struct PenalisedModelTests {
  @Test func minimaAreThoseOfThePeers() throws {
    for problem in try PeerProblem.penalised() {
      let name = Comment(rawValue: problem.name)
      let result = try fit(problem.sample.design, problem.settings, cancellation: never)
      #expect(result.converged, name)
      let value = try problem.number("value")
      let reached = PlainObjective(objective: problem.objective, penalty: problem.penalty, sample: problem.sample)
        .value(result.coefficients, result.intercepts)
      #expect(abs(result.objectiveValue - reached) <= 1e-12 * abs(value), name)
      let excess = (reached - value) / abs(value)
      #expect(excess <= 1e-10, name)
      let size = problem.coefficients.reduce(0) { max($0, abs($1)) }
      let difference = zip(result.coefficients, problem.coefficients).reduce(0) { max($0, abs($1.0 - $1.1) / size) }
      #expect(difference <= 1e-6, name)
      if problem.penalty.l1 > 0 {
        #expect((result.dualityGap ?? .infinity) <= 1e-10, name)
        for (ours, theirs) in zip(result.coefficients, problem.coefficients)
        where abs(theirs) > 1e-4 * size || ours != 0 {
          #expect((ours != 0) == (theirs != 0), name)
        }
      } else {
        #expect(result.dualityGap == nil, name)
      }
    }
  }
}
