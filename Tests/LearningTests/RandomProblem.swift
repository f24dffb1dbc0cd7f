import Glibc
import Statistics
import Testing

@testable import Learning

/// A problem made from its seed: rows and columns (up to ten times as many columns as rows), correlation, units from 1e-6 to
/// 1e6, zeros, weights, offsets, intercept and penalties all vary.
struct RandomProblem: CustomTestStringConvertible {
  enum Kind: CaseIterable { case linear, logistic, poisson, multinomial }

  let seed: UInt64
  let objective: Objective
  private(set) var sample: Sample
  private(set) var penalty = Penalty()
  let intercept: Bool

  var testDescription: String {
    "seed \(seed): \(objective), \(sample.targets.count) × \(sample.columns.count), \(penalty), intercept \(intercept), "
      + "weights \(sample.weights != nil), offsets \(sample.offsets != nil)"
  }

  var settings: FitSettings { FitSettings(objective: objective, penalty: penalty, intercept: intercept) }
  var plainObjective: PlainObjective { PlainObjective(objective: objective, penalty: penalty, sample: sample) }

  init(seed: UInt64, _ kind: Kind) {
    var random = SeededGenerator(seed: seed)
    self.seed = seed
    let shape = random.nextIndex(below: 4)
    let (rows, columns) =
      switch shape {
      case 0: (100 + random.nextIndex(below: 200), 1 + random.nextIndex(below: 8))
      case 1: (50 + random.nextIndex(below: 50), 5 + random.nextIndex(below: 20))
      case 2: (15 + random.nextIndex(below: 15), 30 + random.nextIndex(below: 10))
      // The Hessian of a multinomial model is large, and tests run unoptimised.
      default: (12 + random.nextIndex(below: 6), (kind == .multinomial ? 40 : 80) + random.nextIndex(below: 20))
      }
    objective =
      switch kind {
      case .linear: .linear
      case .logistic: .logistic
      case .poisson: .poisson
      case .multinomial: .multinomial(classes: 3 + random.nextIndex(below: 2))
      }
    intercept = random.nextIndex(below: 4) > 0
    let design = Self.design(rows, columns, &random)
    var scores = Self.scores(design, outputs: objective.outputs, &random)
    sample = Sample(columns: design, targets: [])
    if kind == .linear || kind == .poisson, random.nextIndex(below: 2) == 0 {
      let offsets = (0..<rows).map { _ in random.nextUnit() * 2 - 1 }
      sample.offsets = offsets
      for row in 0..<rows { scores[0][row] += offsets[row] }
    }
    sample.targets = Self.targets(objective, scores, &random)
    switch random.nextIndex(below: 3) {
    case 0: sample.weights = (0..<rows).map { $0 < 8 ? 1 : 0.2 + 3 * random.nextUnit() }
    case 1: sample.weights = (0..<rows).map { $0 < 8 ? 1 : Double(random.nextIndex(below: 4)) }
    default: break
    }
    rescale(&random)
    choosePenalty(mayBeNone: shape == 0 || kind == .linear, &random)
  }

  /// Columns with a common part, a fifth of them away from 0, sometimes with many zeros.
  private static func design(_ rows: Int, _ columns: Int, _ random: inout SeededGenerator) -> [[Double]] {
    let share = [0, 0.5, 0.9, 0.99][random.nextIndex(below: 4)].squareRoot()
    let isSparse = random.nextIndex(below: 4) == 0
    let common = (0..<rows).map { _ in normal(&random) }
    return (0..<columns).map { _ in
      let shift = random.nextIndex(below: 5) == 0 ? 3.0 : 0
      return (0..<rows).map { row in
        let value = shift + share * common[row] + (1 - share * share).squareRoot() * normal(&random)
        return isSparse && random.nextUnit() < 0.7 ? 0 : value
      }
    }
  }

  /// Linear predictors of a few columns, of about unit deviation, for each output.
  private static func scores(
    _ design: [[Double]], outputs: Int, _ random: inout SeededGenerator
  ) -> [[Double]] {
    (0..<outputs).map { _ in
      let used = 1 + random.nextIndex(below: min(6, design.count))
      var out = [Double](repeating: 0.3, count: design[0].count)
      for _ in 0..<used {
        let (column, weight) = (random.nextIndex(below: design.count), normal(&random) / Double(used).squareRoot())
        for row in out.indices { out[row] += weight * design[column][row] }
      }
      return out
    }
  }

  /// Every class is there among the first rows.
  private static func targets(
    _ objective: Objective, _ scores: [[Double]], _ random: inout SeededGenerator
  ) -> [Double] {
    scores[0].indices.map { row in
      switch objective {
      case .linear: return scores[0][row] + normal(&random) / 2
      case .logistic:
        if row < 4 { return Double(row % 2) }
        return random.nextUnit() < Elementary.logistic(scores[0][row]) ? 1 : 0
      case .poisson:
        // Knuth's way, which is good for small means.
        var (count, product) = (0.0, random.nextUnit())
        let threshold = exp(-exp(min(3, scores[0][row])))
        while product > threshold { (count, product) = (count + 1, product * random.nextUnit()) }
        return row == 0 ? count + 1 : count
      case .multinomial(let classes):
        if row < 2 * classes { return Double(row % classes) }
        let noisy = scores.map { $0[row] - log(-log(max(1e-300, random.nextUnit()))) }
        return Double(noisy.indices.max { noisy[$0] < noisy[$1] } ?? 0)
      }
    }
  }

  /// Other units: of all columns, or of each.
  private mutating func rescale(_ random: inout SeededGenerator) {
    let mode = random.nextIndex(below: 3)
    let common = pow(10, random.nextUnit() * 12 - 6)
    for column in sample.columns.indices where mode > 0 {
      let unit = mode == 1 ? common : pow(10, random.nextUnit() * 12 - 6)
      for row in sample.targets.indices { sample.columns[column][row] *= unit }
    }
  }

  /// l1 as a part of what leaves no coefficient, l2 in units of the columns' mean squares.
  private mutating func choosePenalty(mayBeNone: Bool, _ random: inout SeededGenerator) {
    let rows = Double(sample.targets.count)
    let share = pow(10, -2.5 * random.nextUnit())
    let ridge = pow(10, random.nextUnit() * 4 - 3)
    let mode = random.nextIndex(below: 4)
    let means = sample.columns.map { mean($0) }
    let squares = zip(sample.columns, means).map { column, mean in
      column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / rows
    }
    let centre = mean(sample.targets)
    let largest = zip(sample.columns, means).reduce(0) { largest, column in
      let product = zip(column.0, sample.targets).reduce(0) { $0 + ($1.0 - column.1) * ($1.1 - centre) }
      return max(largest, abs(product) / rows)
    }
    if mode & 1 == 1 || (mode == 0 && !mayBeNone) { penalty.l2 = ridge * mean(squares) }
    if mode & 2 == 2 { penalty.l1 = share * largest }
  }
}

/// Box and Muller's method.
func normal(_ random: inout SeededGenerator) -> Double {
  (-2 * log(1 - random.nextUnit())).squareRoot() * cos(2 * .pi * random.nextUnit())
}
