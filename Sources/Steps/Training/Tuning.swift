import Basics
import Diagnostics
import Execution
import Inference
import Learning
import Tabular

/// Cross-validation of every combination of a grid and every penalty.
struct Tuning: Sendable {
  /// One combination of the grid with the path of its penalties.
  struct Combination: Sendable {
    var values: [(path: String, value: JSON)]
    var settings: TrainingSettings
    var path: PenaltyPath
  }

  let combinations: [Combination]
  let plan: FoldPlan
  let score: HeldOutScore
  let settings: TrainingSettings
  /// The combination and the point of its path that were chosen.
  let chosen: (combination: Int, point: Int)

  var chosenSettings: TrainingSettings { combinations[chosen.combination].settings }
  var chosenPenalty: Penalty { combinations[chosen.combination].path.points[chosen.point].penalty }

  /// Encoders are fitted anew in each fold, on its own training rows, so that nothing leaks.
  init(
    _ settings: TrainingSettings, _ data: TrainingData, _ plan: FoldPlan, _ context: StepContext,
    fitSettings: (TrainingSettings, Penalty, Encoder) -> FitSettings
  ) throws {
    self.settings = settings
    self.plan = plan
    var combinations: [Combination] = []
    var score: HeldOutScore?
    let grid = Self.product(settings.grid)
    for (index, values) in grid.enumerated() {
      context.progress(Double(index) / Double(grid.count))
      let own = settings.replacing(values)
      let encoder = try data.encoder(own, on: data.training, dropsLevel: false, threads: context.threads).encoder
      let fit = fitSettings(own, Penalty(), encoder)
      let penalties = try PenaltyGrid.penalties(
        own, for: data.fitted(data.training, encoder, own), fit, cancellation: context.cancellation)
      let judge = try score ?? TuningMetric.score(settings, fit.objective, data.target)
      score = judge
      let path = try Self.path(penalties, own, encoder, data, plan, fit, judge, context)
      combinations.append(Combination(values: values, settings: own, path: path))
    }
    guard let score else { throw LearningError.undefinedScore }
    self.combinations = combinations
    self.score = score
    chosen = try Self.choose(combinations, score, settings.rule)
  }

  /// Judges the penalties of one combination on every fold: on one encoding of all rows where that is as good as one of its
  /// own for each fold. `encoder` is fitted on all training rows.
  private static func path(
    _ penalties: [Penalty], _ settings: TrainingSettings, _ encoder: Encoder, _ data: TrainingData, _ plan: FoldPlan,
    _ fit: FitSettings, _ score: HeldOutScore, _ context: StepContext
  ) throws -> PenaltyPath {
    let dropsLevel = penalties.allSatisfy(\.isNone)
    return try data.failures.telling {
      if let folds = try sharedFolds(settings, encoder, data, plan),
        SharedFolds.serve(fit, penalties, weighted: folds.source.hasWeights),
        let path = try PenaltyPath.tune(penalties, shared: folds, fit, score: score, cancellation: context.cancellation)
      {
        return path
      }
      return try PenaltyPath.tune(penalties, folds: plan.count, fit, score: score, cancellation: context.cancellation) {
        fold in
        let inside = data.training.picking(plan.inside(fold))
        let encoder = try data.encoder(settings, on: inside, dropsLevel: dropsLevel, threads: 1).encoder
        return Fold(
          training: try data.fitted(inside, encoder, settings),
          heldOut: try data.judged(data.training.picking(plan.outside(fold)), encoder))
      }
    }
  }

  /// The folds on one encoding of all rows; nil where encoders of their own would differ by more than a shift and a factor
  /// of each column.
  private static func sharedFolds(
    _ settings: TrainingSettings, _ encoder: Encoder, _ data: TrainingData, _ plan: FoldPlan
  ) throws -> SharedFolds? {
    // Of sparse rows a fold has no column for what none of its rows has.
    guard !encoder.isSparse, !plan.isForward, plan.count <= 255 else { return nil }
    let encoding = try settings.encoderSettings()
    var standardised: [Bool] = []
    for feature in encoder.features {
      switch feature {
      case .number:
        // A stand-in may depend on the rows, and the range of a minmax scale is no deviation.
        guard encoding.scale != .minmax, data.table.column(named: feature.input)?.missingCount == 0 else { return nil }
        standardised.append(encoding.scale == .standard)
      case .oneHot:
        // Which levels are rare depends on the rows.
        guard encoding.rareShare == nil, encoding.maximumLevels == nil else { return nil }
        standardised += feature.outputs.map { _ in false }
      default: return nil
      }
    }
    return SharedFolds(
      source: try data.fitted(data.training, encoder, settings), count: plan.count,
      assignment: plan.assignment.map { UInt8($0) }, standardised: standardised)
  }

  /// Every combination of values, the first path varying slowest; one empty combination of an empty grid.
  private static func product(_ grid: [(path: String, values: [JSON])]) -> [[(path: String, value: JSON)]] {
    grid.reduce([[]]) { combinations, entry in
      combinations.flatMap { combination in entry.values.map { combination + [(entry.path, $0)] } }
    }
  }

  /// The best mean score, ties to the earlier combination and the larger penalty. With one standard error: of the same
  /// combination the largest penalty that is not worse than the best by more, of the same ratio where both penalties are
  /// tuned.
  private static func choose(
    _ combinations: [Combination], _ score: HeldOutScore, _ rule: PenaltyPath.Rule
  ) throws -> (Int, Int) {
    let sign = score.smallerIsBetter ? 1.0 : -1.0
    var best: (combination: Int, point: Int, value: Double)?
    for (index, combination) in combinations.enumerated() {
      for (place, point) in combination.path.points.enumerated() where point.mean.isFinite {
        let value = sign * point.mean
        if best.map({ value < $0.value }) ?? true { best = (index, place, value) }
      }
    }
    guard let best else { throw LearningError.undefinedScore }
    let points = combinations[best.combination].path.points
    let point = points[best.point]
    guard rule == .oneStandardError, point.standardError.isFinite else { return (best.combination, best.point) }
    let limit = best.value + point.standardError
    let alike = points.indices.filter { index in
      points[index].mean.isFinite && sign * points[index].mean <= limit
        && point.penalty.isOnPath(of: points[index].penalty)
    }
    return (best.combination, alike.first ?? best.point)
  }

  /// What the user should know of the choice.
  var notes: [String] {
    let points = combinations[chosen.combination].path.points
    let point = points[chosen.point]
    var notes: [String] = []
    for (name, keys, strength) in [
      ("l1", points.map(\.penalty.l1), settings.l1), ("l2", points.map(\.penalty.l2), settings.l2),
    ] where strength == .tuned {
      let own = name == "l1" ? point.penalty.l1 : point.penalty.l2
      let alike = zip(points, keys).filter { point.penalty.isOnPath(of: $0.0.penalty) }.map(\.1)
      guard let low = alike.min(), let high = alike.max(), low < high, own == low || own == high else { continue }
      notes.append(
        "the chosen \(name) is the \(own == high ? "largest" : "smallest") tried: a wider range may do better")
    }
    let unconverged = point.scores.count - point.convergedFolds
    if unconverged > 0 {
      notes.append("\(unconverged) of the \(point.scores.count) folds did not converge with what was chosen")
    }
    return notes
  }

  /// The whole table: every combination and penalty, judged on every fold.
  var json: JSON {
    var candidates: [JSON] = []
    var index = 0
    for (place, combination) in combinations.enumerated() {
      for (number, point) in combination.path.points.enumerated() {
        var entry: JSON = [
          "l1": .number(point.penalty.l1), "l2": .number(point.penalty.l2), "mean": .number(point.mean),
          "standard_error": .number(point.standardError), "scores": JSON(point.scores),
          "converged": .array(point.converged.map { .bool($0) }),
        ]
        if !combination.values.isEmpty {
          entry["settings"] = .object(Dictionary(combination.values.map { ($0.path, $0.value) }) { first, _ in first })
        }
        if (place, number) == chosen { index = candidates.count }
        candidates.append(entry)
      }
    }
    return [
      "format": "mlflowctl-tuning/v1", "metric": .string(score.name),
      "better": .string(score.smallerIsBetter ? "lower" : "higher"), "rule": .string(settings.rule.rawValue),
      "folds": [
        "by": settings.foldRule.json, "held_out": JSON((0..<plan.count).map { plan.outside($0).count }),
      ],
      "chosen": JSON(index), "candidates": .array(candidates),
    ]
  }
}

extension Penalty {
  /// Whether the other lies on one path with this one: their l1 has the same share of the sum.
  fileprivate func isOnPath(of other: Penalty) -> Bool {
    guard l1 > 0, l2 > 0, other.l1 > 0, other.l2 > 0 else {
      return (l1 > 0) == (other.l1 > 0) || (l2 > 0) == (other.l2 > 0)
    }
    // Products of the same numbers may differ in the last bit.
    return abs(l1 * other.l2 - other.l1 * l2) <= 1e-12 * abs(l1 * other.l2) || l1 == other.l1 || l2 == other.l2
  }
}

extension TrainingSettings.FoldRule {
  var json: JSON {
    switch self {
    case .random: "random"
    case .stratified: "stratified"
    case .group(let name): ["group": .string(name)]
    case .time(let name): ["time": .string(name)]
    }
  }
}
