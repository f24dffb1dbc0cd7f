internal import Basics
internal import LinearAlgebra

/// Least squares on shared folds: one pass makes the Gram matrix of each fold's rows; each fold trains on the sum of the
/// others and is judged by its own, so that every penalty costs a factorisation and no row is read again.
struct FoldedLeastSquares {
  private let folds: SharedFolds
  private let rows: EncodedRows
  /// By fold, of its held-out rows: `[1 | Z | y]`.
  private let heldOut: [GramSums]

  init(_ folds: SharedFolds, _ settings: FitSettings, cancellation: Cancellation) throws {
    self.folds = folds
    let pilot = Pilot(folds.source, intercept: true, targetCentred: true)
    rows = EncodedRows(folds.source, frame: pilot.frame, intercept: true, memory: 0)
    heldOut = try Self.gramSums(folds, rows, threads: settings.threads, cancellation: cancellation)
    for sums in heldOut where !sums.gram.diagonal.allSatisfy(\.isFinite) {
      try rows.throwNonFinite(settings, cancellation: cancellation)
      throw LearningError.tooLargeTarget
    }
  }

  /// Mean squared error of each fold for each penalty, by fold; nil where a system is too ill-conditioned for this way.
  func scores(_ penalties: [Penalty], cancellation: Cancellation) throws -> [[Outcome]]? {
    var out: [[Outcome]] = []
    for fold in 0..<folds.count {
      try cancellation.check()
      guard let outcomes = scores(penalties, fold: fold) else { return nil }
      out.append(outcomes)
    }
    return out
  }

  struct Outcome: Sendable {
    var squaredError: Double
    var converged: Bool
  }

  private func scores(_ penalties: [Penalty], fold: Int) -> [Outcome]? {
    let training = trainingSums(fold)
    let count = training.weight
    let width = rows.columnCount
    // Means and products of the training rows, then of columns as the fold's encoder has them: w' = w·scale.
    let shift = (0...width).map { training.gram[0, $0 + 1] / count }
    func product(_ row: Int, _ column: Int) -> Double {
      training.gram[row + 1, column + 1] / count - shift[row] * shift[column]
    }
    let columns = FoldColumns(
      count: count, means: [1] + shift.dropLast(),
      deviations: [0] + (0..<width).map { max(0, product($0, $0)).squareRoot() })
    let scales = columns.penaltyScales(folds, rows.frame).map { $0.squareRoot() }
    // Constant up to rounding counts as constant.
    let active = (0..<width).filter {
      product($0, $0) > 1e-24 * training.gram[$0 + 1, $0 + 1] / count && scales[$0 + 1] > 0
    }
    var base = Matrix(rows: active.count, columns: active.count)
    for (place, column) in active.enumerated() {
      for (other, row) in active[...place].enumerated() {
        base[other, place] = product(row, column) / (scales[row + 1] * scales[column + 1])
      }
    }
    let right = active.map { product($0, width) / scales[$0 + 1] }
    let targetSquare = product(width, width)
    var weights = [Double](repeating: 0, count: active.count)
    return penalties.compactMap { penalty -> Outcome? in
      var system = base
      for place in active.indices { system[place, place] += penalty.l2 }
      var converged = true
      if penalty.l1 > 0 {
        var descent = CoordinateDescent(
          upperTriangle: system, l1: [Double](repeating: penalty.l1, count: active.count))
        _ = descent.minimise(right, from: &weights, tolerance: 1e-13)
        var outcome = LinearOutcome(active: active, nullDescent: right, solver: "")
        outcome.weights = weights
        outcome.descent = leftOver(system, right, weights)
        outcome.addAbsolutes(penalty, squares: base.diagonal, targetSquare: targetSquare)
        converged = outcome.dualityGap ?? 0 <= 1e-10
      } else {
        guard let factor = Cholesky(system), factor.reciprocalCondition >= 1e-10 else { return nil }
        weights = factor.solve(right)
      }
      // b + w·z in the frame, and −y: the square of it over the rows held out.
      var form = [Double](repeating: 0, count: width + 2)
      form[width + 1] = -1
      form[0] = shift[width]
      for (place, column) in active.enumerated() {
        form[column + 1] = weights[place] / scales[column + 1]
        form[0] -= form[column + 1] * shift[column]
      }
      return Outcome(squaredError: quadratic(heldOut[fold].gram, form) / heldOut[fold].weight, converged: converged)
    }.wholeOnly(penalties.count)
  }

  private func leftOver(_ system: Matrix, _ right: [Double], _ weights: [Double]) -> [Double] {
    var out = right
    for column in weights.indices where weights[column] != 0 {
      for row in weights.indices {
        out[row] -= (row <= column ? system[row, column] : system[column, row]) * weights[column]
      }
    }
    return out
  }

  private func quadratic(_ gram: Matrix, _ form: [Double]) -> Double {
    var sum = 0.0
    for column in form.indices where form[column] != 0 {
      var own = gram[column, column] * form[column]
      for row in 0..<column { own += 2 * gram[row, column] * form[row] }
      sum += form[column] * own
    }
    return max(0, sum)
  }

  /// The sums over all folds but one, in order.
  private func trainingSums(_ fold: Int) -> GramSums {
    var out: GramSums?
    for index in heldOut.indices where index != fold {
      if out == nil { out = heldOut[index] } else { out?.merge(heldOut[index]) }
    }
    return out ?? heldOut[fold]
  }

  private static func gramSums(
    _ folds: SharedFolds, _ rows: EncodedRows, threads: Int, cancellation: Cancellation
  ) throws -> [GramSums] {
    let width = rows.designWidth + 1
    let stride = rows.blocks.leadingDimension
    let count = folds.count
    let reduction = TreeReduction<[GramSums]>(
      make: { (0..<count).map { _ in GramSums(width: width, isFull: true) } },
      merge: { sums, later in for fold in sums.indices { sums[fold].merge(later[fold]) } })
    let pool = Pool { AlignedBuffer(count: stride * width) }
    return try reduction.run(
      over: rows, .all(rows.blocks), leaves: 32, threads: threads, cancellation: cancellation,
      clear: { sums in for fold in sums.indices { sums[fold].clear() } },
      add: { block, sums in
        pool.lend { scratch in
          for fold in 0..<count {
            let gathered = block.gather(folds, fold: fold, into: scratch.start)
            guard gathered.rowCount > 0 else { continue }
            sums[fold].add(gathered, scratch: scratch)
          }
        }
      })
  }
}

extension EncodedRows.Block {
  /// The rows that `fold` holds out, close together in `room`, without weights and offsets.
  fileprivate func gather(
    _ folds: SharedFolds, fold: Int, into room: UnsafeMutablePointer<Double>
  ) -> EncodedRows.Block {
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: max(1, rowCount)) { places in
      var count = 0
      for row in 0..<rowCount where folds.assignment[firstRow + row] == UInt8(fold) {
        places[count] = Int32(row)
        count += 1
      }
      let stride = all.leadingDimension
      for column in 0..<all.columns {
        let (from, to) = (all.column(column), room + column * stride)
        for place in 0..<count { to[place] = from[Int(places[place])] }
        (to + count).update(repeating: 0, count: RowKernels.padded(count) - count)
      }
      return EncodedRows.Block(
        all: MatrixView(room, rows: count, columns: all.columns, leadingDimension: stride), firstRow: firstRow,
        intercept: intercept, weights: nil, offsets: nil)
    }
  }
}

extension Array {
  /// Itself when it has as many elements as wanted, otherwise nil.
  fileprivate func wholeOnly(_ wanted: Int) -> [Element]? { count == wanted ? self : nil }
}
