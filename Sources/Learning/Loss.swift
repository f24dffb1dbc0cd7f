internal import LinearAlgebra
internal import Statistics

/// What a row adds to the objective, as a function of its linear predictors s (offset included).
///
/// | | loss | residual (by s) | curvature |
/// |---|---|---|---|
/// | logistic | ln(1 + e^(−m)), m = ±s | p − y | p·(1 − p) |
/// | poisson | eˢ − y·s | μ − y | μ |
/// | softmax | ln Σ eˢ − s_y | p_k − [k = y] | p_k·(δ_kl − p_l) |
///
/// Everything is multiplied by the row's weight.
enum Loss: Sendable, Hashable {
  case logistic
  case poisson
  case softmax(Int)

  init(_ objective: Objective) {
    switch objective {
    case .poisson: self = .poisson
    case .multinomial(let classes): self = .softmax(classes)
    case .logistic, .linear: self = .logistic
    }
  }

  /// Linear predictors of a row.
  var outputs: Int { if case .softmax(let classes) = self { classes } else { 1 } }

  /// Turns the scores of a block into residuals, and returns the sum of losses and what comes with it. The smallest margin is
  /// above 0 when every row is told right, which proves the classes separable; it is infinite for counts.
  ///
  /// `curvature` gets the curvatures of rows for one output. Softmax leaves them out: they come from the probabilities,
  /// which `beforeResiduals` sees.
  func evaluate(
    _ block: EncodedRows.Block, scores: MatrixView, curvature: UnsafeMutablePointer<Double>?,
    beforeResiduals: () -> Void = {}
  ) -> RowSums {
    switch self {
    case .logistic:
      let result = RowKernels.logistic(
        scores: scores.start, targets: block.targets, weights: block.weights, rows: block.rowCount,
        curvature: curvature)
      return RowSums(loss: result.loss, smallestMargin: result.margin, pearson: result.pearson)
    case .poisson:
      let loss = RowKernels.poisson(
        scores: scores.start, targets: block.targets, weights: block.weights, offsets: block.offsets,
        rows: block.rowCount, curvature: curvature)
      return RowSums(loss: loss)
    case .softmax:
      let result = RowKernels.softmax(scores: scores, targets: block.targets, weights: block.weights)
      beforeResiduals()
      RowKernels.softmaxResiduals(scores: scores, targets: block.targets, weights: block.weights)
      return RowSums(loss: result.loss, smallestMargin: result.margin)
    }
  }

  /// What the scores of some rows come to.
  struct RowSums: Sendable, Hashable {
    var loss = 0.0
    /// The least lead of a row's right class.
    var smallestMargin = Double.infinity
    /// Σ v·(p − y)²/(p·(1 − p)) of logistic rows, 0 of others.
    var pearson = 0.0

    mutating func merge(_ later: RowSums) {
      loss += later.loss
      smallestMargin = min(smallestMargin, later.smallestMargin)
      pearson += later.pearson
    }
  }

  /// `Σ v·(f*(u) − u·offset)` of a block, u being `shrinking` times what `evaluate` left: with t = u + y (for softmax, u plus
  /// the indicator of the class) f* is Σ t·ln t over the classes, and t·ln t − t for counts.
  func conjugate(_ block: EncodedRows.Block, residuals: MatrixView, shrinking: Double) -> Double {
    func entropy(_ share: Double) -> Double { share > 0 ? share * Elementary.log(share) : 0 }
    var sum = 0.0
    for row in 0..<block.rowCount {
      let weight = block.weights?[row] ?? 1
      if weight == 0 { continue }
      let target = block.targets[row]
      var own = 0.0
      for output in 0..<residuals.columns {
        let dual = shrinking * residuals.column(output)[row] / weight
        switch self {
        case .logistic: own += entropy(dual + target) + entropy(1 - dual - target)
        case .poisson: own += entropy(dual + target) - (dual + target)
        case .softmax: own += entropy(dual + (Int(target) == output ? 1 : 0))
        }
        if let offsets = block.offsets { own -= dual * offsets[row] }
      }
      sum += weight * own
    }
    return sum
  }

  /// What is wrong with the targets of a block, if anything.
  func targetFault(_ block: EncodedRows.Block) -> RowFault? {
    if let offsets = block.offsets, (0..<block.rowCount).contains(where: { !offsets[$0].isFinite }) {
      return .nonFiniteOffset
    }
    let targets = block.targets
    switch self {
    case .poisson:
      for row in 0..<block.rowCount where !(targets[row] >= 0 && targets[row].isFinite) {
        return targets[row].isFinite ? .negativeCount : .nonFiniteTarget
      }
    case .logistic, .softmax:
      let classes = Double(max(2, outputs))
      for row in 0..<block.rowCount {
        let target = targets[row]
        if !target.isFinite { return .nonFiniteTarget }
        if !(target >= 0 && target < classes && target == target.rounded()) { return .invalidTarget }
      }
    }
    return nil
  }
}
