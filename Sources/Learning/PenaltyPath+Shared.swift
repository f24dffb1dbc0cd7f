package import Basics
internal import Statistics

extension PenaltyPath {
  /// What `tune` with folds of their own gives, from one encoding of all rows; see `SharedFolds`. Least squares read the rows
  /// once for all folds and penalties, the other objectives once for each step of all fits together.
  ///
  /// Nil where the data do not allow for it (columns that depend on each other, without a penalty): then give each fold an
  /// encoder of its own. Throws what `tune` throws.
  package static func tune(
    _ penalties: [Penalty], shared folds: SharedFolds, _ settings: FitSettings, score: HeldOutScore, rule: Rule = .best,
    cancellation: Cancellation
  ) throws -> PenaltyPath? {
    try settings.validate()
    guard folds.count >= 2 else { throw LearningError.invalidSetting("tuning needs at least two folds") }
    guard !penalties.isEmpty else { throw LearningError.invalidSetting("tuning needs at least one penalty") }
    var outcomes: [[Outcome]]?
    if settings.objective == .linear {
      outcomes = try linear(penalties, folds, settings, score, cancellation)
    } else {
      outcomes = try losses(penalties, folds, settings, score, cancellation)
    }
    return try outcomes.map { try choose(penalties, $0, score: score, rule: rule) }
  }

  /// By fold, then by penalty.
  private static func linear(
    _ penalties: [Penalty], _ folds: SharedFolds, _ settings: FitSettings, _ score: HeldOutScore,
    _ cancellation: Cancellation
  ) throws -> [[Outcome]]? {
    guard let ofSquaredError = score.ofSquaredError, !folds.source.hasOffsets else { return nil }
    let problem = try FoldedLeastSquares(folds, settings, cancellation: cancellation)
    return try problem.scores(penalties, cancellation: cancellation)?.map { outcomes in
      outcomes.map { Outcome(score: ofSquaredError($0.squaredError), converged: $0.converged) }
    }
  }

  private static func losses(
    _ penalties: [Penalty], _ folds: SharedFolds, _ settings: FitSettings, _ score: HeldOutScore,
    _ cancellation: Cancellation
  ) throws -> [[Outcome]] {
    let problem = try FoldedLosses(folds, settings, cancellation: cancellation)
    let fits = try problem.fits(penalties, cancellation: cancellation)
    let byPenalty = try problem.scores(fits, score, cancellation: cancellation)
    return (0..<folds.count).map { fold in byPenalty.map { $0[fold] } }
  }
}
