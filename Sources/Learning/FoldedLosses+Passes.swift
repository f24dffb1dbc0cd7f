internal import Basics
internal import LinearAlgebra

extension FoldedLosses {
  /// Sums of losses, and gradients, a fit a column.
  private struct Sums: Sendable {
    var losses: [Double]
    var gradients: Matrix
  }

  /// Values and gradients at the trial points of some fits, in the order of their folds, each over its fold's training rows:
  /// one pass.
  func evaluate(_ members: [Member], _ cancellation: Cancellation) throws -> [(value: Double, gradient: [Double])] {
    let count = members.count
    let width = width
    let points = members.flatMap(\.trial)
    let memberFolds = members.map(\.fold)
    let stride = rows.blocks.leadingDimension
    let reduction = TreeReduction(
      make: { Sums(losses: [Double](repeating: 0, count: count), gradients: Matrix(rows: width, columns: count)) },
      merge: { sums, later in
        for index in sums.losses.indices { sums.losses[index] += later.losses[index] }
        for index in sums.gradients.elements.indices {
          sums.gradients.elements[index] += later.gradients.elements[index]
        }
      })
    let pool = Pool { AlignedBuffer(count: stride * (count + folds.count)) }
    let sums = try reduction.run(
      over: rows, .all(rows.blocks), leaves: 64, threads: settings.threads, cancellation: cancellation,
      clear: { sums in
        for index in sums.losses.indices { sums.losses[index] = 0 }
        for index in sums.gradients.elements.indices { sums.gradients.elements[index] = 0 }
      },
      add: { block, sums in
        pool.lend { scratch in
          let masks = trainingMasks(block, scratch.start + stride * count)
          for some in concerned(block, memberFolds) {
            let scores = MatrixView(
              scratch.start + stride * some.lowerBound, rows: block.rowCount, columns: some.count,
              leadingDimension: stride)
            predict(block, points, some, scores)
            for (place, index) in some.enumerated() {
              sums.losses[index] += lossSum(block, scores.column(place), weights: masks + stride * memberFolds[index])
            }
            sums.gradients.withView {
              RowKernels.addProduct(
                block.design, scores, into: $0.columns(from: some.lowerBound, count: some.count))
            }
          }
        }
      })
    return members.indices.map { index in
      let member = members[index]
      let weight = columns[member.fold].count
      var penalty = 0.0
      let gradient = (0..<width).map { column in
        let own = member.penalties[column] * member.trial[column]
        penalty += own * member.trial[column]
        return sums.gradients[column, index] / weight + own
      }
      return (sums.losses[index] / weight + penalty / 2, gradient)
    }
  }

  /// Which of the fits, whose folds ascend, train on rows of a block: all but those of a fold that holds all of it out.
  private func concerned(_ block: EncodedRows.Block, _ memberFolds: [Int]) -> [Range<Int>] {
    guard let fold = soleFold(block.firstRow..<block.firstRow + block.rowCount) else { return [0..<memberFolds.count] }
    let first = memberFolds.firstIndex { $0 >= fold } ?? memberFolds.count
    let end = memberFolds.firstIndex { $0 > fold } ?? memberFolds.count
    return [0..<first, end..<memberFolds.count].filter { !$0.isEmpty }
  }

  /// The fold that holds out all of some rows, if one does.
  func soleFold(_ rows: Range<Int>) -> Int? {
    guard let first = rows.first else { return nil }
    let fold = folds.assignment[first]
    return rows.allSatisfy { folds.assignment[$0] == fold } ? Int(fold) : nil
  }

  /// Scores of a block by some of the points that lie side by side.
  func predict(_ block: EncodedRows.Block, _ points: [Double], _ some: Range<Int>, _ scores: MatrixView) {
    points.withUnsafeBufferPointer { points in
      guard let start = points.baseAddress else { return }
      RowKernels.scores(block.design, start + some.lowerBound * width, stride: width, into: scores)
    }
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
  private func trainingMasks(
    _ block: EncodedRows.Block, _ room: UnsafeMutablePointer<Double>
  ) -> UnsafeMutablePointer<Double> {
    let stride = rows.blocks.leadingDimension
    for fold in 0..<folds.count {
      let mask = room + stride * fold
      for row in 0..<block.rowCount { mask[row] = folds.assignment[block.firstRow + row] == UInt8(fold) ? 0 : 1 }
    }
    return room
  }
}

extension FoldedLosses {
  /// The Hessian of the loss, without penalties, at a point.
  struct Shape {
    let point: [Double]
    let hessian: Matrix
  }

  /// The Hessian over evenly spaced blocks of all rows at the mean of the fits' points, factored with the mean of their
  /// penalties. `shape` is one that was taken in the same iteration for other penalties; it is taken over where it lies close
  /// by, and replaced where not.
  func system(_ members: [Member], _ shape: inout Shape?, _ cancellation: Cancellation) throws -> NewtonSystem {
    let count = Double(members.count)
    let point = (0..<width).map { column in members.reduce(0) { $0 + $1.point[column] } / count }
    var hessian: Matrix
    if let near = shape, isClose(near.point, point) {
      hessian = near.hessian
    } else {
      hessian = try self.hessian(at: point, cancellation)
      shape = Shape(point: point, hessian: hessian)
    }
    for column in 0..<width { hessian[column, column] += members.reduce(0) { $0 + $1.penalties[column] } / count }
    return try NewtonSystem(hessian)
  }

  /// Whether scores at two points differ by little, were the columns uncorrelated: by a deviation of 0.05.
  private func isClose(_ left: [Double], _ right: [Double]) -> Bool {
    var square = 0.0
    for column in 0..<width {
      let moved = (left[column] - right[column]) * (column == 0 ? 1 : columns[0].deviations[column])
      square += moved * moved
    }
    return square <= 0.05 * 0.05
  }

  private func hessian(at point: [Double], _ cancellation: Cancellation) throws -> Matrix {
    let ones = [Double](repeating: 1, count: width)
    let nothing = ones.map { _ in 0.0 }
    let problem = LossProblem(
      rows, loss, penalties: nothing, metric: .init(means: nothing, inverseDeviations: ones),
      threads: settings.threads)
    var stride = 1
    while rows.blocks.rowCount / (stride * 2) >= max(100 * width, 8192), rows.blocks.count / (stride * 2) >= 4 {
      stride *= 2
    }
    var evaluation = Evaluation(dimension: width)
    try problem.evaluate(
      at: point, BlockSample(total: rows.blocks.count, stride: stride), hessian: true, into: &evaluation,
      cancellation: cancellation)
    return evaluation.hessian
  }
}
