import Statistics
import Testing

@testable import Learning

private func penalties(_ values: Double...) -> [Penalty] { values.map { Penalty(l2: $0) } }

struct PenaltyPathTests {
  private func folds(_ sample: Sample) -> @Sendable (Int) -> Fold {
    { fold in
      Fold(training: sample.rows { $0 % 5 != fold }.design, heldOut: sample.rows { $0 % 5 == fold }.design)
    }
  }

  /// Every entry of the table equals a fit of its own.
  @Test(arguments: [Objective.linear, .logistic]) func tableEqualsSeparateFits(objective: Objective) throws {
    let sample = try Sample(objective == .linear ? "diabetes" : "breast_cancer").standardised
    let settings = FitSettings(objective: objective)
    let score = HeldOutScore.loss(of: objective)
    let path = try PenaltyPath.tune(
      penalties(1, 0.1, 0.01), folds: 5, settings, score: score, cancellation: never, fold: folds(sample))
    #expect(path.points.map(\.penalty.l2) == [1, 0.1, 0.01])
    for point in path.points {
      for fold in 0..<5 {
        var own = settings
        own.penalty = point.penalty
        let parts = folds(sample)(fold)
        let training = sample.rows { $0 % 5 != fold }.design
        let heldOut = sample.rows { $0 % 5 == fold }
        let result = try fit(training, own, cancellation: never)
        let predictors = try linearPredictors(of: result, on: heldOut.design, cancellation: never)
        let expected = try score.evaluate(predictors, heldOut.targets, nil)
        #expect(abs(point.scores[fold] / expected - 1) < 1e-9)
        #expect(parts.heldOut.rowCount == heldOut.targets.count)
      }
    }
    let best = path.points.min { $0.mean < $1.mean }
    #expect(path.chosen == best?.penalty)
  }

  @Test func threadsDoNotChangeThePath() throws {
    let sample = try Sample("wine").standardised
    let paths = try (1...3).map { threads in
      try PenaltyPath.tune(
        penalties(0.1, 0.001), folds: 5, FitSettings(objective: .multinomial(classes: 3), threads: threads),
        score: .logLoss,
        cancellation: never, fold: folds(sample))
    }
    #expect(paths[0] == paths[1] && paths[1] == paths[2])
  }

  /// Targets without any relation: all penalties score alike where the score is blunt, and the largest is taken.
  @Test func tiesGoToTheLargerPenalty() throws {
    let sample = try Sample("diabetes").standardised
    let blunt = HeldOutScore(name: "blunt", smallerIsBetter: false) { _, _, _ in 1 }
    let path = try PenaltyPath.tune(
      penalties(10, 1, 0.1), folds: 5, FitSettings(objective: .linear), score: blunt, cancellation: never,
      fold: folds(sample))
    #expect(path.chosen == Penalty(l2: 10))
    #expect(path.notes == ["the chosen penalty is the largest tried: a wider range may do better"])
  }

  @Test func oneStandardErrorRuleTakesALargerPenalty() throws {
    let sample = try Sample("diabetes").standardised
    let tried = penalties(10, 1, 0.3, 0.1, 1e-2, 1e-3, 1e-4)
    func tune(_ rule: PenaltyPath.Rule) throws -> PenaltyPath {
      try PenaltyPath.tune(
        tried, folds: 5, FitSettings(objective: .linear), score: .squaredError, rule: rule, cancellation: never,
        fold: folds(sample))
    }
    let best = try tune(.best)
    let careful = try tune(.oneStandardError)
    let limit = best.points[best.chosenIndex].mean + best.points[best.chosenIndex].standardError
    #expect(careful.chosen.l2 > best.chosen.l2)
    #expect(careful.points[careful.chosenIndex].mean <= limit)
    #expect(careful.points[careful.chosenIndex - 1].mean > limit)
  }

  @Test func undefinedScoresAreAnError() throws {
    let sample = try Sample("diabetes")
    let undefined = HeldOutScore(name: "undefined", smallerIsBetter: true) { _, _, _ in .nan }
    #expect(throws: LearningError.undefinedScore) {
      try PenaltyPath.tune(
        penalties(1), folds: 5, FitSettings(objective: .linear), score: undefined, cancellation: never,
        fold: folds(sample))
    }
  }

  @Test func defaultPenaltiesFollowTheScaleOfTheData() throws {
    let sample = try Sample("wine")
    let settings = FitSettings(objective: .multinomial(classes: 3))
    let plain = try PenaltyPath.defaultPenalties(for: sample.standardised.design, settings, cancellation: never)
    #expect(plain.count == 30)
    #expect(plain.first == 100)
    #expect(plain.last == 1e-6)
    #expect(zip(plain, plain.dropFirst()).allSatisfy { abs($0 / $1 / 1.8873918221350976 - 1) < 1e-12 })
    let wider = PenaltyPath.defaultPenalties(meanVariance: 1e4)
    #expect(wider.first == 1e6)
  }
}
