internal import Statistics

extension SparseProximalNewton {
  /// Primal less dual value, as a sum of terms none of which is negative (Fenchel and Young).
  func dualityGap(_ point: AlignedBuffer) -> Double {
    var largest = 0.0
    for index in 0..<width { largest = max(largest, abs(gradient.start[index])) }
    let admitted = largest > penalty.l1 ? penalty.l1 / largest : 1
    let gap = gap(point, admitted)
    // With L2 every dual point is admitted; the whole one is better near the minimum.
    return penalty.l2 > 0 && admitted < 1 ? min(self.gap(point, 1), gap) : gap
  }

  /// The gap to the dual point κ·u.
  private func gap(_ point: AlignedBuffer, _ share: Double) -> Double {
    let (l1, l2) = (penalty.l1, penalty.l2)
    var gap = CompensatedSum()
    for index in 0..<width {
      let (weight, slope) = (point.start[index], share * gradient.start[index])
      let excess = l2 > 0 ? max(0, abs(slope) - l1) : 0
      if weight == 0, excess == 0 { continue }
      let conjugate = l2 > 0 ? excess * excess / (2 * l2) : 0
      gap.add(max(0, l1 * abs(weight) + l2 / 2 * weight * weight + conjugate + weight * slope))
    }
    if share < 1 { gap.add(rowGap(share)) }
    return gap.value
  }

  /// Σ f(z) + f*(κu) − κ·u·z over the rows: what a dual point that was shortened by κ loses.
  private func rowGap(_ share: Double) -> Double {
    var sum = CompensatedSum()
    for row in 0..<loss.rows.rowCount where loss.weights.start[row] > 0 {
      let (weight, target) = (loss.weights.start[row], loss.targets.start[row])
      sum.add(
        loss.loss?.conjugateGap(share: share, score: loss.scores.start[row], target: target, weight: weight)
          ?? weight
          * RowLoss.conjugateGapOfSoftmax(
            share: share, probabilities: loss.curvatures.start + row * outputs, outputs: outputs, target: target))
    }
    return sum.value
  }

  func subgradientNorm(_ point: AlignedBuffer, _ scale: AlignedBuffer) -> Double {
    var sum = 0.0
    for index in 0..<width {
      let weight = point.start[index]
      let slope = gradient.start[index] + penalty.l2 * weight
      let part =
        weight == 0
        ? max(0, abs(slope) - penalty.l1) : weight > 0 ? slope + penalty.l1 : slope - penalty.l1
      sum += part * part / scale.start[index]
    }
    return sum.squareRoot()
  }
}
