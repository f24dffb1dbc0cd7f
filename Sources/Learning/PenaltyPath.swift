package import Basics
internal import Statistics

/// One fold of a cross-validation: the rows to fit to and the rows to judge by, each encoded as fitted on the former.
package struct Fold: Sendable {
  package var training: any DesignSource
  package var heldOut: any DesignSource

  package init(training: any DesignSource, heldOut: any DesignSource) {
    self.training = training
    self.heldOut = heldOut
  }
}

/// The table of a tuned penalty: every penalty judged on every fold, and the one chosen.
package struct PenaltyPath: Sendable, Hashable {
  package enum Rule: String, Sendable, Hashable, CaseIterable {
    /// The penalty with the best mean score.
    case best
    /// The largest penalty whose mean score is within one standard error of the best (Breiman et al., 1984, section
    /// 3.4.3).
    case oneStandardError = "one_standard_error"
  }

  package struct Point: Sendable, Hashable {
    package var penalty: Penalty
    /// One a fold; NaN where the score is undefined.
    package var scores: [Double]
    /// Mean over the folds.
    package var mean: Double
    /// Standard deviation of the folds' scores (divisor folds − 1) by the root of their number.
    package var standardError: Double
    /// Whether the fit converged, one a fold.
    package var converged: [Bool]

    /// How many of the folds' fits converged.
    package var convergedFolds: Int { converged.count { $0 } }
  }

  /// In the order they were given: the largest first.
  package var points: [Point]
  /// Index into `points`.
  package var chosenIndex: Int
  package var score: String
  package var rule: Rule
  package var notes: [String]

  /// The chosen penalty.
  package var chosen: Penalty { points[chosenIndex].penalty }

  /// The whole table: `score`, `rule`, `chosen`, and `penalties` with `l1`, `l2`, `mean`, `standard_error`, `scores` and
  /// `converged_folds` each.
  package var json: JSON {
    [
      "score": JSON(score), "rule": JSON(rule.rawValue), "chosen": chosen.json,
      "penalties": .array(
        points.map { point in
          [
            "l1": JSON(point.penalty.l1), "l2": JSON(point.penalty.l2), "mean": JSON(point.mean),
            "standard_error": JSON(point.standardError),
            "scores": JSON(point.scores), "converged_folds": JSON(point.convergedFolds),
          ]
        }),
    ]
  }
}

extension PenaltyPath {
  /// Fits every penalty on every fold, in the order given, each start from the one before, and chooses: give the largest
  /// first.
  ///
  /// A fold's rows are read once for all penalties (for least squares, one Gram matrix serves them all). `fold` gives
  /// fold k; folds run side by side when there are threads for it. Ties go to the larger penalty. The bits do not
  /// depend on `settings.threads`; the penalty of `settings` is not used.
  ///
  /// Throws what `fold`, `fit` and the score throw, and `LearningError.undefinedScore` when no penalty has a mean.
  package static func tune(
    _ penalties: [Penalty], folds: Int, _ settings: FitSettings, score: HeldOutScore, rule: Rule = .best,
    cancellation: Cancellation, fold: @Sendable (Int) throws -> Fold
  ) throws -> PenaltyPath {
    guard folds >= 2 else { throw LearningError.invalidSetting("tuning needs at least two folds") }
    guard !penalties.isEmpty else { throw LearningError.invalidSetting("tuning needs at least one penalty") }
    let workers = max(1, min(settings.threads, folds))
    var inner = settings
    inner.threads = max(1, settings.threads / workers)
    inner.memory = settings.memory / workers
    let innerSettings = inner
    let results = OrderedResults<[Outcome]>(count: folds)
    try parallelFor(count: folds, threads: workers) { index in
      let outcomes = try judge(penalties, try fold(index), innerSettings, score, cancellation)
      results.store(outcomes, at: index)
    }
    return try choose(penalties, results.values, score: score, rule: rule)
  }

  struct Outcome: Sendable {
    var score: Double
    var converged: Bool
  }

  private static func judge(
    _ penalties: [Penalty], _ fold: Fold, _ settings: FitSettings, _ score: HeldOutScore, _ cancellation: Cancellation
  ) throws -> [Outcome] {
    let problem = try prepare(fold.training, settings, cancellation: cancellation)
    var targets = [Double](repeating: 0, count: fold.heldOut.rowCount)
    targets.withUnsafeMutableBufferPointer { fold.heldOut.readTargets(0..<fold.heldOut.rowCount, into: $0) }
    var weights: [Double]?
    if fold.heldOut.hasWeights {
      var values = [Double](repeating: 0, count: fold.heldOut.rowCount)
      values.withUnsafeMutableBufferPointer { fold.heldOut.readWeights(0..<fold.heldOut.rowCount, into: $0) }
      weights = values
    }
    let heldOutWeights = weights
    var start: Fit?
    return try penalties.map { penalty in
      let fit = try problem.fit(penalty, start: start, cancellation: cancellation)
      start = fit
      let predictors = try linearPredictors(
        of: fit, on: fold.heldOut, threads: settings.threads, cancellation: cancellation)
      return Outcome(score: try score.evaluate(predictors, targets, heldOutWeights), converged: fit.converged)
    }
  }

  static func choose(
    _ penalties: [Penalty], _ outcomes: [[Outcome]], score: HeldOutScore, rule: Rule
  ) throws -> PenaltyPath {
    let points = penalties.indices.map { index in
      let scores = outcomes.map { $0[index].score }
      return Point(
        penalty: penalties[index], scores: scores, mean: mean(scores),
        standardError: standardDeviation(scores) / Double(scores.count).squareRoot(),
        converged: outcomes.map { $0[index].converged })
    }
    let sign = score.smallerIsBetter ? 1.0 : -1.0
    // Larger penalties come first, so a strict comparison leaves ties to them.
    var best: Int?
    for (index, point) in points.enumerated() where point.mean.isFinite {
      if best.map({ sign * point.mean < sign * points[$0].mean }) ?? true { best = index }
    }
    guard var chosen = best else { throw LearningError.undefinedScore }
    if rule == .oneStandardError, points[chosen].standardError.isFinite {
      let limit = sign * points[chosen].mean + points[chosen].standardError
      chosen = points.firstIndex { $0.mean.isFinite && sign * $0.mean <= limit } ?? chosen
    }
    var notes: [String] = []
    if points.count > 1, chosen == 0 || chosen == points.count - 1 {
      notes.append(
        "the chosen penalty is the \(chosen == 0 ? "largest" : "smallest") tried: a wider range may do better")
    }
    let unconverged = points[chosen].scores.count - points[chosen].convergedFolds
    if unconverged > 0 { notes.append("\(unconverged) of the folds did not converge at the chosen penalty") }
    return PenaltyPath(points: points, chosenIndex: chosen, score: score.name, rule: rule, notes: notes)
  }
}
