import Basics
import Learning
import Statistics

/// The penalties that tuning tries, largest first.
enum PenaltyGrid {
  /// Values on the way from the smallest l1 that leaves no coefficient down to a thousandth of it.
  static let l1Count = 30
  static let l1Range = 1e-3

  /// One path, or one a ratio of l1 where both are tuned. `source` holds all training rows.
  static func penalties(
    _ settings: TrainingSettings, for source: some DesignSource, _ fit: FitSettings, cancellation: Cancellation
  ) throws -> [Penalty] {
    func l2Grid() throws -> [Double] {
      try PenaltyPath.defaultPenalties(for: source, fit, cancellation: cancellation)
    }
    func l1Grid() throws -> [Double] {
      strengths(from: try largestL1(for: source, fit, cancellation: cancellation))
    }
    switch (settings.l1, settings.l2) {
    case (.tuned, .tuned):
      let largest = try largestL1(for: source, fit, cancellation: cancellation)
      return settings.ratios.sorted(by: >).flatMap { ratio in
        strengths(from: largest / ratio).map { Penalty(l1: ratio * $0, l2: (1 - ratio) * $0) }
      }
    case (let l1, let l2):
      let first = try values(l1, l1Grid)
      return try values(l2, l2Grid).flatMap { l2 in first.map { Penalty(l1: $0, l2: l2) } }
    }
  }

  private static func values(
    _ strength: TrainingSettings.Strength, _ grid: () throws -> [Double]
  ) rethrows -> [Double] {
    switch strength {
    case .value(let value): [value]
    case .list(let values): values
    case .tuned: try grid()
    }
  }

  private static func strengths(from largest: Double) -> [Double] {
    let step = Elementary.log(l1Range) / Double(l1Count - 1)
    return (0..<l1Count).map { largest * Elementary.exp(step * Double($0)) }
  }

  private static func largestL1(
    for source: some DesignSource, _ fit: FitSettings, cancellation: Cancellation
  ) throws -> Double {
    try PenaltyPath.largestL1(for: source, fit, cancellation: cancellation)
  }
}
