import Basics
import Statistics
import Testing

@testable import Learning

/// Columns that say the same under an l1 penalty.
struct ExactZeroTests {
  @Test(arguments: [Objective.linear, .logistic, .poisson, .multinomial(classes: 3)], [0.3, 0.1, 0.02, 0.001, 1e-5])
  func theFirstOfEqualColumnsIsKept(objective: Objective, share: Double) throws {
    var random = SeededGenerator(seed: 11)
    let columns = (0..<5).map { _ in (0..<120).map { _ in normal(&random) } }
    let targets = (0..<120).map { row -> Double in
      let score = columns[0][row] - columns[1][row] + 2 * normal(&random)
      return switch objective {
      case .linear: score
      case .logistic: score > 0 ? 1 : 0
      case .poisson: max(0, (score + 1).rounded())
      case .multinomial: score < -1 ? 0 : score > 1 ? 2 : 1
      }
    }
    let once = Sample(columns: columns, targets: targets)
    var twice = once
    twice.columns += [columns[0], columns[1], columns[3]]
    let largest = try prepare(once.design, FitSettings(objective: objective), cancellation: never)
      .largestL1(cancellation: never)
    let settings = FitSettings(objective: objective, penalty: Penalty(l1: share * largest))
    let plain = try fit(once.design, settings, cancellation: never)
    let found = try fit(twice.design, settings, cancellation: never)
    let sparse = try fit(twice.sparseDesign, settings, cancellation: never)
    for result in [found, sparse] {
      for output in 0..<objective.outputs {
        for column in 0..<8 {
          let coefficient = result.coefficients[output * 8 + column]
          let expected = column < 5 ? plain.coefficients[output * 5 + column] : 0
          #expect(abs(coefficient - expected) < 1e-5, "\(column)")
          if expected == 0 { #expect(coefficient == 0, "\(column)") }
        }
      }
    }
  }

  /// More columns than rows, where working sets are solved for.
  @Test(arguments: [Objective.linear, .logistic, .poisson], [0.3, 0.05, 0.003])
  func equalColumnsOfFewRowsAreKeptOnce(objective: Objective, share: Double) throws {
    var random = SeededGenerator(seed: 13)
    let columns = (0..<40).map { _ in (0..<25).map { _ in normal(&random) } }
    let targets = (0..<25).map { row -> Double in
      let score = columns[0][row] - columns[1][row] + normal(&random)
      return switch objective {
      case .linear: score
      case .poisson: max(0, (score + 1).rounded())
      default: score > 0 ? 1 : 0
      }
    }
    let once = Sample(columns: columns, targets: targets)
    var twice = once
    twice.columns += columns
    let largest = try prepare(once.design, FitSettings(objective: objective), cancellation: never)
      .largestL1(cancellation: never)
    let settings = FitSettings(objective: objective, penalty: Penalty(l1: share * largest))
    let plain = try fit(once.design, settings, cancellation: never)
    let found = try fit(twice.design, settings, cancellation: never)
    #expect(found.converged && plain.converged)
    for column in 0..<40 {
      #expect(found.coefficients[40 + column] == 0)
      #expect(abs(found.coefficients[column] - plain.coefficients[column]) < 1e-5)
      if plain.coefficients[column] == 0 { #expect(found.coefficients[column] == 0) }
    }
  }

  /// Columns that depend on each other without being equal leave no dust either.
  @Test(arguments: [Objective.linear, .logistic, .poisson], [0.3, 0.1, 0.02, 0.001])
  func whatIsZeroIsZeroExactly(objective: Objective, share: Double) throws {
    var random = SeededGenerator(seed: 19)
    var columns = (0..<4).map { _ in (0..<120).map { _ in normal(&random) } }
    columns.append(zip(columns[0], columns[1]).map { 2 * $0 - $1 })
    columns.append(zip(columns[2], columns[3]).map { $0 + $1 })
    columns.append(columns[0].map { -$0 })
    let targets = (0..<120).map { row -> Double in
      let score = columns[0][row] - columns[1][row] + 2 * normal(&random)
      return switch objective {
      case .linear: score
      case .poisson: max(0, (score + 1).rounded())
      default: score > 0 ? 1 : 0
      }
    }
    let sample = Sample(columns: columns, targets: targets)
    let largest = try prepare(sample.design, FitSettings(objective: objective), cancellation: never)
      .largestL1(cancellation: never)
    let settings = FitSettings(objective: objective, penalty: Penalty(l1: share * largest))
    for result in [
      try fit(sample.design, settings, cancellation: never),
      try fit(sample.sparseDesign, settings, cancellation: never),
    ] {
      #expect(result.converged)
      #expect(result.coefficients.allSatisfy { $0 == 0 || abs($0) > 1e-9 }, "\(result.coefficients)")
    }
  }
}
