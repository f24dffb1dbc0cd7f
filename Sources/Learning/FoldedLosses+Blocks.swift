internal import LinearAlgebra

extension FoldedLosses {
  /// Adds what a block gives to the sums of fits at `points`, whose folds ascend. `scratch` has room for a column for each
  /// and for each fold.
  func add(
    _ block: EncodedRows.Block, _ points: AlignedBuffer, _ memberFolds: [Int], _ scratch: AlignedBuffer,
    losses: inout [Double], gradients: inout Matrix
  ) {
    let stride = rows.blocks.leadingDimension
    let masks = scratch.start
    fillMasks(block, masks)
    let all = masks + stride * folds.count
    // The fits that train on rows of the block: all but those of a fold that holds all of it out.
    var skipped = memberFolds.count..<memberFolds.count
    if let fold = soleFold(block.firstRow..<block.firstRow + block.rowCount) {
      let first = memberFolds.firstIndex { $0 >= fold } ?? memberFolds.count
      skipped = first..<(memberFolds.firstIndex { $0 > fold } ?? memberFolds.count)
    }
    func add(_ some: Range<Int>) {
      if some.isEmpty { return }
      let scores = MatrixView(
        all + stride * some.lowerBound, rows: block.rowCount, columns: some.count, leadingDimension: stride)
      RowKernels.scores(block.design, points.start + some.lowerBound * width, stride: width, into: scores)
      for (place, index) in some.enumerated() {
        losses[index] += lossSum(block, scores.column(place), weights: masks + stride * memberFolds[index])
      }
      gradients.withView {
        RowKernels.addProduct(block.design, scores, into: $0.columns(from: some.lowerBound, count: some.count))
      }
    }
    add(0..<skipped.lowerBound)
    add(skipped.upperBound..<memberFolds.count)
  }

  /// The fold that holds out all of some rows, if one does.
  func soleFold(_ rows: Range<Int>) -> Int? {
    guard let first = rows.first else { return nil }
    let fold = folds.assignment[first]
    return rows.allSatisfy { folds.assignment[$0] == fold } ? Int(fold) : nil
  }

  private func lossSum(
    _ block: EncodedRows.Block, _ scores: UnsafeMutablePointer<Double>, weights: UnsafePointer<Double>
  ) -> Double {
    if loss == .poisson {
      return RowKernels.poisson(
        scores: scores, targets: block.targets, weights: weights, offsets: block.offsets, rows: block.rowCount,
        curvature: nil)
    }
    return RowKernels.logistic(
      scores: scores, targets: block.targets, weights: weights, rows: block.rowCount, curvature: nil
    ).loss
  }

  /// By fold, 1 for a row that it trains on and 0 for one that it holds out.
  private func fillMasks(_ block: EncodedRows.Block, _ masks: UnsafeMutablePointer<Double>) {
    let stride = rows.blocks.leadingDimension
    for fold in 0..<folds.count {
      let mask = masks + stride * fold
      for row in 0..<block.rowCount { mask[row] = folds.assignment[block.firstRow + row] == UInt8(fold) ? 0 : 1 }
    }
  }
}
