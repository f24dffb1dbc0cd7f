internal import Statistics

/// The loss of one row as a function of its linear predictor s, for the objectives with one output.
enum RowLoss: Sendable {
  /// ½(s − y)²
  case squared
  /// ln(1 + e^(−m)), m = s for y = 1 and −s for y = 0
  case logistic
  /// eˢ − y·s
  case poisson

  /// Loss, first and second derivative of some rows, each times the row's weight; gives the sum of the losses, in the
  /// order of the rows, and the smallest lead of the right class (infinite where there are no classes).
  func evaluate(
    count: Int, scores: UnsafePointer<Double>, targets: UnsafePointer<Double>, weights: UnsafePointer<Double>,
    slopes: UnsafeMutablePointer<Double>, curvatures: UnsafeMutablePointer<Double>
  ) -> (loss: Double, smallestMargin: Double) {
    var sum = 0.0
    var smallest = Double.infinity
    switch self {
    case .squared:
      for row in 0..<count {
        let (weight, residual) = (weights[row], scores[row] - targets[row])
        sum += weight * (0.5 * residual * residual)
        slopes[row] = weight * residual
        curvatures[row] = weight
      }
    case .logistic:
      for row in 0..<count {
        let (weight, score, target) = (weights[row], scores[row], targets[row])
        let margin = target > 0.5 ? score : -score
        let decay = Elementary.exp(-abs(margin))
        let larger = 1 / (1 + decay)
        let smaller = decay * larger
        // The probability of the wrong class.
        let wrong = margin < 0 ? larger : smaller
        sum += weight * ((margin < 0 ? -margin : 0) + Elementary.logOnePlus(decay))
        slopes[row] = target > 0.5 ? -weight * wrong : weight * wrong
        curvatures[row] = weight * larger * smaller
        if weight > 0, margin < smallest { smallest = margin }
      }
    case .poisson:
      for row in 0..<count {
        let (weight, score, target) = (weights[row], scores[row], targets[row])
        let mean = Elementary.exp(score)
        sum += weight * (mean - target * score)
        slopes[row] = weight * (mean - target)
        curvatures[row] = weight * mean
      }
    }
    return (sum, smallest)
  }

  /// Of the softmax: probabilities and first derivatives of some rows, `outputs` numbers a row.
  static func evaluateSoftmax(
    count: Int, outputs: Int, scores: UnsafePointer<Double>, targets: UnsafePointer<Double>,
    weights: UnsafePointer<Double>, slopes: UnsafeMutablePointer<Double>,
    probabilities: UnsafeMutablePointer<Double>
  ) -> (loss: Double, smallestMargin: Double) {
    var sum = 0.0
    var smallest = Double.infinity
    for row in 0..<count {
      let shares = probabilities + row * outputs
      let own = Int(targets[row])
      let score = scores[row * outputs + own]
      shares.update(from: scores + row * outputs, count: outputs)
      var rival = -Double.infinity
      for output in 0..<outputs where output != own && shares[output] > rival { rival = shares[output] }
      if weights[row] > 0, score - rival < smallest { smallest = score - rival }
      sum += weights[row] * (Elementary.softmax(shares, count: outputs) - score)
      for output in 0..<outputs {
        slopes[row * outputs + output] = weights[row] * (shares[output] - (output == own ? 1 : 0))
      }
    }
    return (sum, smallest)
  }
}

extension RowLoss {
  /// f(z) + f*(κ·f'(z)) − κ·f'(z)·z for one row, with the conjugate f* of its loss: at least 0, and 0 for κ = 1.
  func conjugateGap(share: Double, score: Double, target: Double, weight: Double) -> Double {
    switch self {
    case .squared:
      let residual = score - target
      return weight * (1 - share) * (1 - share) * residual * residual / 2
    case .logistic:
      // In terms of the probability of the wrong class, which κ shortens: the divergence of one coin from another.
      let margin = target > 0.5 ? score : -score
      let wrong = Elementary.logistic(-margin)
      let shortened = share * wrong
      return weight * max(0, divergence(shortened, wrong) + divergence(1 - shortened, Elementary.logistic(margin)))
    case .poisson:
      let mean = Elementary.exp(score)
      let shortened = share * (mean - target) + target
      return weight * max(0, divergence(shortened, mean) - shortened + mean)
    }
  }

  /// The same for the softmax with the probabilities of a row: the divergence of κ·p + (1 − κ)·(the row's class) from p.
  static func conjugateGapOfSoftmax(share: Double, probabilities: UnsafePointer<Double>, outputs: Int, target: Double)
    -> Double
  {
    var sum = 0.0
    for output in 0..<outputs {
      let probability = probabilities[output]
      let shortened = share * probability + (Double(output) == target ? 1 - share : 0)
      sum += divergence(shortened, max(probability, .leastNormalMagnitude))
    }
    return max(0, sum)
  }
}

/// p·ln(p / q), 0 where p is.
private func divergence(_ p: Double, _ q: Double) -> Double {
  p > 0 ? p * (Elementary.log(p) - Elementary.log(q)) : 0
}
