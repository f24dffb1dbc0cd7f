import Glibc
import Statistics

@testable import Learning

/// The objective and its gradient once more, row by row in compensated sums and with the C library's functions: what fits are
/// held against.
struct PlainObjective {
  let objective: Objective
  let penalty: Penalty
  let sample: Sample

  private var rowCount: Int { sample.targets.count }
  private var outputs: Int { objective.outputs }
  private var totalWeight: Double { compensatedSum((0..<rowCount).map(weight)) }

  private func weight(_ row: Int) -> Double { sample.weights?[row] ?? 1 }

  /// Linear predictors of a row.
  private func scores(_ row: Int, _ coefficients: [Double], _ intercepts: [Double]) -> [Double] {
    let columns = sample.columns.count
    return (0..<outputs).map { output in
      var sum = CompensatedSum()
      sum.add(intercepts[output])
      sum.add(sample.offsets?[row] ?? 0)
      for column in 0..<columns { sum.addProduct(coefficients[output * columns + column], sample.columns[column][row]) }
      return sum.value
    }
  }

  /// Loss of a row, and its derivatives by the scores.
  private func loss(_ row: Int, _ scores: [Double]) -> (value: Double, slopes: [Double]) {
    let target = sample.targets[row]
    switch objective {
    case .linear:
      let residual = scores[0] - target
      return (residual * residual / 2, [residual])
    case .logistic:
      let margin = target > 0.5 ? scores[0] : -scores[0]
      let value = margin < 0 ? -margin + log1p(exp(margin)) : log1p(exp(-margin))
      let slope = -1 / (1 + exp(margin))
      return (value, [target > 0.5 ? slope : -slope])
    case .poisson:
      return (exp(scores[0]) - target * scores[0], [exp(scores[0]) - target])
    case .multinomial:
      let largest = scores.max() ?? 0
      let shares = scores.map { exp($0 - largest) }
      let sum = compensatedSum(shares)
      let value = largest - scores[Int(target)] + log(sum)
      return (value, shares.indices.map { shares[$0] / sum - (Int(target) == $0 ? 1 : 0) })
    }
  }

  func value(_ coefficients: [Double], _ intercepts: [Double]) -> Double {
    var sum = CompensatedSum()
    for row in 0..<rowCount where weight(row) > 0 {
      sum.addProduct(weight(row), loss(row, scores(row, coefficients, intercepts)).value)
    }
    let squares = compensatedSum(coefficients.map { $0 * $0 })
    return sum.value / totalWeight + penalty.l2 / 2 * squares + penalty.l1 * compensatedSum(coefficients.map(abs))
  }

  /// The gradient without the absolute penalty: by the coefficients, and by the intercepts.
  func gradient(_ coefficients: [Double], _ intercepts: [Double]) -> (coefficients: [Double], intercepts: [Double]) {
    let columns = sample.columns.count
    var sums = [CompensatedSum](repeating: CompensatedSum(), count: coefficients.count)
    var own = [CompensatedSum](repeating: CompensatedSum(), count: outputs)
    for row in 0..<rowCount where weight(row) > 0 {
      let slopes = loss(row, scores(row, coefficients, intercepts)).slopes
      for output in 0..<outputs {
        let slope = weight(row) * slopes[output]
        own[output].add(slope)
        for column in 0..<columns { sums[output * columns + column].addProduct(slope, sample.columns[column][row]) }
      }
    }
    let total = totalWeight
    let ofCoefficients = sums.indices.map { sums[$0].value / total + penalty.l2 * coefficients[$0] }
    return (ofCoefficients, own.map { $0.value / total })
  }

  /// How far the optimality conditions are from holding, in columns centred (for an intercept) and of unit deviation: the length
  /// of what is left of the gradient.
  func violation(_ coefficients: [Double], _ intercepts: [Double], intercept: Bool) -> Double {
    let (slopes, ofIntercepts) = gradient(coefficients, intercepts)
    let columns = sample.columns.count
    let total = totalWeight
    var sum = 0.0
    for output in 0..<outputs {
      if intercept { sum += ofIntercepts[output] * ofIntercepts[output] }
      for column in 0..<columns {
        let values = sample.columns[column]
        let mean = intercept ? compensatedSum((0..<rowCount).map { weight($0) * values[$0] }) / total : 0
        let square =
          compensatedSum((0..<rowCount).map { weight($0) * (values[$0] - mean) * (values[$0] - mean) }) / total
        guard square > 0 else { continue }
        let index = output * columns + column
        var rest = slopes[index] - (intercept ? mean * ofIntercepts[output] : 0)
        let coefficient = coefficients[index]
        if coefficient != 0 {
          rest += coefficient < 0 ? -penalty.l1 : penalty.l1
        } else {
          rest = abs(rest) <= penalty.l1 ? 0 : abs(rest) - penalty.l1
        }
        sum += rest * rest / square
      }
    }
    return sum.squareRoot()
  }

  /// The least loss that a row with this target can have.
  func leastLoss(_ target: Double) -> Double {
    objective == .poisson && target > 0 ? target - target * log(target) : 0
  }

  /// No coefficients, and the intercepts that fit best with none.
  func nullModel(intercept: Bool) -> (coefficients: [Double], intercepts: [Double]) {
    let none = [Double](repeating: 0, count: sample.columns.count * outputs)
    guard intercept else { return (none, [Double](repeating: 0, count: outputs)) }
    func sum(_ term: (Int) -> Double) -> Double { compensatedSum((0..<rowCount).map { weight($0) * term($0) }) }
    let targets = sample.targets
    let offsets = sample.offsets ?? targets.map { _ in 0 }
    switch objective {
    case .linear: return (none, [sum { targets[$0] - offsets[$0] } / totalWeight])
    case .logistic: return (none, [log(sum { targets[$0] } / sum { 1 - targets[$0] })])
    case .poisson: return (none, [log(sum { targets[$0] } / sum { exp(offsets[$0]) })])
    case .multinomial:
      return (none, (0..<outputs).map { output in log(sum { Int(targets[$0]) == output ? 1 : 0 } / totalWeight) })
    }
  }
}
