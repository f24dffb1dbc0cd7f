import Statistics
import Testing

@testable import Learning

/// Tuning on shared folds gives what tuning with an encoder for each fold gives.
struct SharedFoldsTests {
  /// Rows of five columns of different sizes, with targets for the objective.
  private func sample(_ objective: Objective, rows: Int = 900) -> Sample {
    var generator = SeededGenerator(seed: 11)
    var columns: [[Double]] = []
    for column in 0..<5 {
      let (shift, size) = (Double(column) * 3 - 5, [1, 100, 0.01, 7, 2][column])
      columns.append((0..<rows).map { _ in shift + size * (generator.nextUnit() + generator.nextUnit() - 1) })
    }
    let targets = (0..<rows).map { row -> Double in
      let score = 0.4 + 1.5 * (columns[0][row] + 5) - 0.012 * columns[1][row] + 80 * (columns[2][row] - 1)
      switch objective {
      case .linear: return score + generator.nextUnit()
      case .poisson: return (Elementary.exp(score / 2) * 2 * generator.nextUnit()).rounded()
      default: return generator.nextUnit() < Elementary.logistic(score) ? 1 : 0
      }
    }
    return Sample(columns: columns, targets: targets)
  }

  private func standardised(_ sample: Sample, by reference: Sample, _ which: [Bool]) -> Sample {
    var out = sample
    for column in which.indices where which[column] {
      let values = reference.columns[column]
      let centre = mean(values)
      let deviation = mean(values.map { ($0 - centre) * ($0 - centre) }).squareRoot()
      out.columns[column] = sample.columns[column].map { ($0 - centre) / deviation }
    }
    return out
  }

  @Test(arguments: [
    (Objective.linear, [Penalty(l2: 1), Penalty(l2: 0.01), Penalty(l2: 1e-5)]),
    (.linear, [Penalty(l1: 0.3), Penalty(l1: 0.02, l2: 0.01), Penalty(l1: 1e-4)]),
    (.logistic, [Penalty(l2: 1), Penalty(l2: 0.01), Penalty(l2: 1e-5)]),
    (.poisson, [Penalty(l2: 1), Penalty(l2: 0.01), Penalty(l2: 1e-5)]),
  ])
  func scoresAreThoseOfFoldsEncodedOneByOne(objective: Objective, penalties: [Penalty]) throws {
    let sample = sample(objective)
    try expectScoresOfFoldsEncodedOneByOne(
      sample, objective, penalties, sample.targets.indices.map { UInt8(rowHash(seed: 5, row: UInt64($0)) % 4) })
  }

  /// Folds of neighbours hold out whole blocks, which their fits pass over.
  @Test(arguments: [Objective.linear, .logistic, .poisson]) func soAreThoseOfFoldsOfNeighbours(
    objective: Objective
  ) throws {
    let sample = sample(objective, rows: 30_000)
    try expectScoresOfFoldsEncodedOneByOne(
      sample, objective, [Penalty(l2: 0.1), Penalty(l2: 1e-4)], sample.targets.indices.map { UInt8($0 * 4 / 30_000) })
  }

  private func expectScoresOfFoldsEncodedOneByOne(
    _ sample: Sample, _ objective: Objective, _ penalties: [Penalty], _ assignment: [UInt8]
  ) throws {
    let settings = FitSettings(objective: objective)
    // The smallest columns are left as they are: the penalty bears on their own units.
    let which = [true, true, true, false, true]
    let score = objective == .poisson ? meanCountLoss : HeldOutScore.loss(of: objective)
    let separate = try PenaltyPath.tune(penalties, folds: 4, settings, score: score, cancellation: never) { fold in
      let training = sample.rows { assignment[$0] != UInt8(fold) }
      let heldOut = sample.rows { assignment[$0] == UInt8(fold) }
      return Fold(
        training: standardised(training, by: training, which).design,
        heldOut: standardised(heldOut, by: training, which).design)
    }
    let folds = SharedFolds(
      source: standardised(sample, by: sample, which).design, count: 4, assignment: assignment, standardised: which)
    let paths = try [(1, 0), (2, 1 << 30), (3, 0)].map { threads, memory in
      var own = settings
      (own.threads, own.memory) = (threads, memory)
      return try #require(
        try PenaltyPath.tune(penalties, shared: folds, own, score: score, cancellation: never))
    }
    #expect(paths[0] == paths[1] && paths[1] == paths[2])
    #expect(paths[0].chosenIndex == separate.chosenIndex)
    for (shared, own) in zip(paths[0].points, separate.points) {
      #expect(shared.penalty == own.penalty)
      #expect(shared.convergedFolds == 4)
      for (ours, theirs) in zip(shared.scores, own.scores) { #expect(abs(ours / theirs - 1) < 1e-8) }
    }
  }

  /// Without the rows of its own fold a column may be constant: it does not exist for that fold.
  @Test(arguments: [Objective.linear, .logistic]) func aColumnThatOnlyTheHeldOutRowsShowHasNoWeight(
    objective: Objective
  ) throws {
    var sample = sample(objective, rows: 200)
    let assignment = sample.targets.indices.map { UInt8($0 % 4) }
    sample.columns.append(sample.targets.indices.map { $0 % 4 == 2 ? Double($0 % 3) : 0 })
    let folds = SharedFolds(
      source: sample.design, count: 4, assignment: assignment, standardised: [Bool](repeating: true, count: 6))
    let settings = FitSettings(objective: objective)
    let penalties = [Penalty(l2: 0.01)]
    let path = try #require(
      try PenaltyPath.tune(penalties, shared: folds, settings, score: .loss(of: objective), cancellation: never))
    let training = sample.rows { assignment[$0] != 2 }
    var without = training
    without.columns.removeLast()
    var heldOut = sample.rows { assignment[$0] == 2 }
    heldOut.columns.removeLast()
    let which = [Bool](repeating: true, count: 5)
    let fitted = try fit(
      standardised(without, by: without, which).design, FitSettings(objective: objective, penalty: penalties[0]),
      cancellation: never)
    let predictors = try linearPredictors(
      of: fitted, on: standardised(heldOut, by: without, which).design, cancellation: never)
    let expected = try HeldOutScore.loss(of: objective).evaluate(predictors, heldOut.targets, nil)
    #expect(abs(path.points[0].scores[2] / expected - 1) < 1e-8)
  }
}

/// Mean of eˢ − y·s.
private let meanCountLoss = HeldOutScore(name: "loss", smallerIsBetter: true) { predictors, targets, _ in
  mean(zip(predictors, targets).map { Elementary.exp($0) - $1 * $0 })
}
