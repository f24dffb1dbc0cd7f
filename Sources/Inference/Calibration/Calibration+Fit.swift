import Statistics

extension Calibration {
  /// Fits the curves on rows that the model was not fitted on.
  ///
  /// - Parameters:
  ///   - scores: linear predictors, rows × outputs, column-major.
  ///   - targets: as `BoundTarget.readForFit` has them.
  ///   - weights: how much each row counts; nil where all count alike.
  package static func fit(
    _ method: Method, scores: [Double], targets: [Double], weights: [Double]?, of objective: ModelObjective,
    _ target: Target
  ) -> Calibration {
    let rows = targets.count
    let outputs = rows == 0 ? 1 : scores.count / rows
    let odds = (0..<rows).map { row in
      logOdds(outputs: outputs, positive: target.positive) { scores[$0 * rows + row] }
    }
    // The class that each curve speaks of, as `targets` has it.
    let classes =
      objective == .logistic ? [1] : target.positive.map { [$0] } ?? Array(target.classes.indices)
    return Calibration(
      method: method,
      curves: classes.indices.map { curve in
        let column = odds.map { $0[curve] }
        let hits = targets.map { $0 == Double(classes[curve]) }
        return method == .sigmoid ? sigmoid(column, hits, weights) : isotonic(column, hits, weights)
      })
  }

  /// Platt's scaling: the weighted log loss against the smoothed targets (N₊ + 1)/(N₊ + 2) and 1/(N₋ + 2), which have a
  /// finite minimum for separated classes too, by Newton's method with a line search (Lin, Lin and Weng, Machine Learning
  /// 68, 2007).
  static func sigmoid(_ logOdds: [Double], _ hits: [Bool], _ weights: [Double]?) -> Curve {
    func weight(_ row: Int) -> Double { weights?[row] ?? 1 }
    var positives = 0.0
    var negatives = 0.0
    for row in hits.indices {
      if hits[row] { positives += weight(row) } else { negatives += weight(row) }
    }
    let high = (positives + 1) / (positives + 2)
    let low = 1 / (negatives + 2)
    func loss(_ slope: Double, _ intercept: Double) -> Double {
      var sum = CompensatedSum()
      for row in hits.indices {
        let score = slope * logOdds[row] + intercept
        sum.add(weight(row) * (Elementary.softplus(score) - (hits[row] ? high : low) * score))
      }
      return sum.value
    }
    var slope = 0.0
    var intercept = Elementary.log((positives + 1) / (negatives + 1))
    var value = loss(slope, intercept)
    for _ in 0..<100 {
      var (g1, g0, h11, h10, h00) = (0.0, 0.0, 1e-12, 0.0, 1e-12)
      for row in hits.indices {
        let odds = logOdds[row]
        let score = slope * odds + intercept
        let (p, q) = (Elementary.logistic(score), Elementary.logistic(-score))
        let error = weight(row) * (p - (hits[row] ? high : low))
        let curvature = weight(row) * p * q
        g1 += error * odds
        g0 += error
        h11 += curvature * odds * odds
        h10 += curvature * odds
        h00 += curvature
      }
      let determinant = h11 * h00 - h10 * h10
      guard determinant > 0 else { break }
      let step = ((h10 * g0 - h00 * g1) / determinant, (h10 * g1 - h11 * g0) / determinant)
      let slant = g1 * step.0 + g0 * step.1
      // Newton's decrement is the gain to come. Below rounding no loss tells it, but the last step is as good as any.
      if -slant <= 1e-12 * max(1, abs(value)) {
        (slope, intercept) = (slope + step.0, intercept + step.1)
        break
      }
      var length = 1.0
      var moved = loss(slope + step.0, intercept + step.1)
      while !(moved <= value + 1e-4 * length * slant), length > 1e-10 {
        length /= 2
        moved = loss(slope + length * step.0, intercept + length * step.1)
      }
      guard moved <= value else { break }
      (slope, intercept, value) = (slope + length * step.0, intercept + length * step.1, moved)
    }
    return .sigmoid(slope: slope, intercept: intercept)
  }

  /// Isotonic regression by pooling adjacent violators; equal log odds are one point. Each block of the solution is kept
  /// by its first and last point, as scikit-learn does. O(n log n).
  static func isotonic(_ logOdds: [Double], _ hits: [Bool], _ weights: [Double]?) -> Curve {
    struct Block {
      var first: Double
      var last: Double
      var weight: Double
      var hits: Double
      var value: Double { hits / weight }
    }
    let order = logOdds.indices.filter { weights?[$0] != 0 }.sorted { (logOdds[$0], $0) < (logOdds[$1], $1) }
    var blocks: [Block] = []
    var at = 0
    while at < order.count {
      let odds = logOdds[order[at]]
      var block = Block(first: odds, last: odds, weight: 0, hits: 0)
      while at < order.count, logOdds[order[at]] == odds {
        let weight = weights?[order[at]] ?? 1
        block.weight += weight
        if hits[order[at]] { block.hits += weight }
        at += 1
      }
      while let before = blocks.last, before.value >= block.value {
        blocks.removeLast()
        block = Block(
          first: before.first, last: block.last, weight: before.weight + block.weight, hits: before.hits + block.hits)
      }
      blocks.append(block)
    }
    var knots: [Double] = []
    var values: [Double] = []
    for block in blocks {
      for odds in block.first == block.last ? [block.first] : [block.first, block.last] {
        knots.append(odds)
        values.append(block.value)
      }
    }
    return .isotonic(logOdds: knots, probabilities: values)
  }
}
