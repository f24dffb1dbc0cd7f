import Statistics
import Synchronization

/// Rows in ascending order of one class's score, cut into groups of equal score.
struct ScoreGroups: Sendable {
  /// Row numbers by score.
  private let order: [Int]
  /// By place in `order`.
  private let isPositive: [Bool]
  /// Where each group ends in `order`.
  private let ends: [Int]

  fileprivate init(_ rows: ScoredRows, of classIndex: Int) {
    let scores = rows.probabilities(of: classIndex)
    let order = ascendingOrder(of: scores)
    var ends: [Int] = []
    for place in 1..<max(1, order.count) where scores[order[place - 1]] != scores[order[place]] { ends.append(place) }
    ends.append(order.count)
    self.order = order
    self.ends = ends
    isPositive = order.map { rows.targetClasses[$0] == classIndex }
  }

  /// The weight of the class and of the rest in each group, from the lowest score up.
  func forEach(_ weights: [Double], _ body: (_ positive: Double, _ negative: Double) -> Void) {
    var start = 0
    for end in ends {
      var positive = 0.0
      var negative = 0.0
      for place in start..<end {
        let weight = weights[order[place]]
        if isPositive[place] { positive += weight } else { negative += weight }
      }
      body(positive, negative)
      start = end
    }
  }
}

extension ScoredRows {
  /// Groups of each class that was asked for: sorting is what costs, and several metrics want the same.
  final class KnownGroups: Sendable {
    private let known = Mutex<[Int: ScoreGroups]>([:])

    fileprivate func groups(of classIndex: Int, in rows: ScoredRows) -> ScoreGroups {
      if let groups = known.withLock({ $0[classIndex] }) { return groups }
      let groups = ScoreGroups(rows, of: classIndex)
      known.withLock { $0[classIndex] = groups }
      return groups
    }
  }

  /// The rows by the score of a class. O(rows) when asked first, O(1) from then on.
  func scoreGroups(of classIndex: Int) -> ScoreGroups { knownGroups.groups(of: classIndex, in: self) }
}
