import Statistics
import Testing

@testable import Learning

/// L1 penalties on more columns than any matrix of columns by columns is made for.
struct WorkingSetTests {
  private func sample(columns: Int, rows: Int, _ objective: Objective) -> Sample {
    var generator = SeededGenerator(seed: 23)
    let values = (0..<columns).map { _ in (0..<rows).map { _ in generator.nextUnit() * 2 - 1 } }
    let targets = (0..<rows).map { row -> Double in
      let score = 3 * values[0][row] - 2 * values[1][row] + values[2][row]
      switch objective {
      case .linear: return score + generator.nextUnit()
      case .poisson: return (Elementary.exp(score / 2) * 2 * generator.nextUnit()).rounded()
      case .multinomial: return score < -1 ? 0 : score > 1 ? 2 : 1
      case .logistic: return generator.nextUnit() < Elementary.logistic(score) ? 1 : 0
      }
    }
    return Sample(columns: values, targets: targets)
  }

  /// The conditions of the minimum, from residuals computed here: the mean product of a column with them is l1 times the sign
  /// plus l2 times the coefficient, or within l1 where the coefficient is 0.
  @Test(arguments: [Objective.linear, .logistic, .poisson, .multinomial(classes: 3)], [0, 0.05])
  func conditionsOfTheMinimumHold(objective: Objective, l2: Double) throws {
    let rows = 90
    let sample = sample(columns: 1600, rows: rows, objective)
    let settings = FitSettings(objective: objective, penalty: Penalty(l1: 0.06, l2: l2))
    let result = try fit(sample.design, settings, cancellation: never)
    #expect(result.converged, "\(result.notes)")
    #expect(result.solver.hasSuffix("working sets"))
    let gap = try #require(result.dualityGap)
    #expect(gap <= 1e-10)
    let outputs = result.intercepts.count
    let predictors = try linearPredictors(of: result, on: sample.design, cancellation: never)
    var kept = 0
    for output in 0..<outputs {
      let residuals = (0..<rows).map { row -> Double in
        let score = predictors[output * rows + row]
        switch objective {
        case .linear: return score - sample.targets[row]
        case .logistic: return Elementary.logistic(score) - sample.targets[row]
        case .poisson: return Elementary.exp(score) - sample.targets[row]
        case .multinomial:
          let shares = Elementary.softmax((0..<outputs).map { predictors[$0 * rows + row] })
          return shares[output] - (Int(sample.targets[row]) == output ? 1 : 0)
        }
      }
      #expect(abs(mean(residuals)) < 1e-8)
      for (column, values) in sample.columns.enumerated() {
        let product = compensatedSum(zip(values, residuals).map { $0 * $1 }) / Double(rows)
        let coefficient = result.coefficients[output * 1600 + column]
        if coefficient == 0 {
          #expect(abs(product) <= 0.06 + 1e-7)
        } else {
          kept += 1
          #expect(abs(product + l2 * coefficient + (coefficient < 0 ? -0.06 : 0.06)) < 1e-6)
        }
      }
    }
    #expect(kept > 2 && kept < rows * outputs)
  }
}
