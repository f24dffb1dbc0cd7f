internal import Basics
internal import LinearAlgebra

extension FoldedLosses {
  /// How a penalty's fits do on the rows that their folds hold out: by penalty, then by fold.
  func scores(
    _ fits: [[(point: [Double], converged: Bool)]], _ score: HeldOutScore, cancellation: Cancellation
  ) throws -> [[PenaltyPath.Outcome]] {
    let order = HeldOutOrder(folds)
    var targets = [Double](repeating: 0, count: rows.blocks.rowCount)
    targets.withUnsafeMutableBufferPointer { folds.source.readTargets(0..<rows.blocks.rowCount, into: $0) }
    let sorted = order.sorted(targets)
    var scores: [Double] = []
    // As many penalties at a time as have 16 MB of predictors, and four at least.
    let some = max(4, (1 << 21) / rows.blocks.rowCount)
    for first in stride(from: 0, to: fits.count, by: some) {
      let penalties = first..<min(first + some, fits.count)
      let predictors = try predictors(fits, penalties, order, cancellation: cancellation)
      let results = OrderedResults<Double>(count: penalties.count * folds.count)
      try parallelFor(count: penalties.count * folds.count, threads: settings.threads) { index in
        let (penalty, fold) = index.quotientAndRemainder(dividingBy: folds.count)
        let part = order.range(fold)
        let own = UnsafeBufferPointer(
          start: predictors.start + penalty * rows.blocks.rowCount + part.lowerBound, count: part.count)
        results.store(try score.evaluate(Array(own), Array(sorted[part]), nil), at: index)
      }
      scores += results.values
    }
    return fits.indices.map { penalty in
      (0..<folds.count).map { fold in
        .init(score: scores[penalty * folds.count + fold], converged: fits[penalty][fold].converged)
      }
    }
  }

  /// Linear predictors, offsets in them, of all rows by the fits of their own folds: a penalty a column, rows as `order` has
  /// them.
  private func predictors(
    _ fits: [[(point: [Double], converged: Bool)]], _ penalties: Range<Int>, _ order: HeldOutOrder,
    cancellation: Cancellation
  ) throws -> AlignedBuffer {
    let (rowCount, stride) = (rows.blocks.rowCount, rows.blocks.leadingDimension)
    let out = AlignedBuffer(count: penalties.count * rowCount)
    let points = (0..<folds.count).map { fold in penalties.flatMap { fits[$0][fold].point } }
    let pool = Pool { AlignedBuffer(count: stride * penalties.count) }
    try parallelFor(count: rows.blocks.count, threads: settings.threads) { index in
      try cancellation.check()
      rows.withBlock(index) { block in
        let own = block.firstRow..<block.firstRow + block.rowCount
        pool.lend { scratch in
          let scores = MatrixView(
            scratch.start, rows: block.rowCount, columns: penalties.count, leadingDimension: stride)
          let sole = soleFold(own)
          for fold in sole.map({ $0..<$0 + 1 }) ?? 0..<folds.count {
            points[fold].withUnsafeBufferPointer { points in
              guard let start = points.baseAddress else { return }
              RowKernels.scores(block.design, start, stride: width, into: scores)
            }
            for row in own where sole != nil || folds.assignment[row] == UInt8(fold) {
              let offset = block.offsets?[row - own.lowerBound] ?? 0
              let place = out.start + order.place(row)
              for penalty in 0..<penalties.count {
                place[penalty * rowCount] = scores.column(penalty)[row - own.lowerBound] + offset
              }
            }
          }
        }
      }
    }
    return out
  }
}

/// Rows sorted by the fold that holds them out, in their own order within it.
private struct HeldOutOrder: Sendable {
  private var starts: [Int]
  private var places: [Int32]

  init(_ folds: SharedFolds) {
    starts = [Int](repeating: 0, count: folds.count + 1)
    for fold in folds.assignment { starts[Int(fold) + 1] += 1 }
    for fold in 0..<folds.count { starts[fold + 1] += starts[fold] }
    var next = starts
    places = folds.assignment.map { fold in
      defer { next[Int(fold)] += 1 }
      return Int32(next[Int(fold)])
    }
  }

  func place(_ row: Int) -> Int { Int(places[row]) }

  /// Where a fold's rows lie.
  func range(_ fold: Int) -> Range<Int> { starts[fold]..<starts[fold + 1] }

  func sorted(_ values: [Double]) -> [Double] {
    var out = values
    for (row, value) in values.enumerated() { out[place(row)] = value }
    return out
  }
}
