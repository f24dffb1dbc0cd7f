internal import Basics
internal import Statistics

/// The penalised mean loss over sparse rows as a smooth function of a point, which the truncated Newton method minimises.
///
/// A point holds `outputs` coefficients for each column of `SparseRows`, then, with an intercept, one for each output.
/// Columns that are mostly not 0 and whose mean is large beside their deviation are centred, which is taken into account
/// in products and never done to the entries: X·v − (c·v) for each row, Xᵀ·u − c·Σu.
///
/// All memory is taken at the start. One thread calls; passes over the rows use as many as there are.
final class SparseLoss: @unchecked Sendable {
  let rows: SparseRows
  let outputs: Int
  let hasIntercept: Bool
  /// Numbers in a point.
  let dimension: Int
  var l2 = 0.0
  /// The smallest lead of a row's right class where `evaluate` last was.
  private(set) var smallestMargin = 0.0

  let loss: RowLoss?
  let threads: Int
  private let cancellation: Cancellation
  let targets: AlignedBuffer
  /// Weights of rows, which sum to 1.
  let weights: AlignedBuffer
  let offsets: AlignedBuffer?
  /// Per row and output: predictors, their change along a step and along a direction, first derivatives, and second ones
  /// (of the softmax its probabilities).
  let scores: AlignedBuffer
  private let trial: AlignedBuffer
  let stepScores: AlignedBuffer
  private let directionScores: AlignedBuffer
  let slopes: AlignedBuffer
  let curvatures: AlignedBuffer
  /// Sums of each group of blocks: two for each coefficient where the diagonal is taken too.
  let sums: AlignedBuffer
  private let totals: AlignedBuffer
  private let blockLosses: AlignedBuffer
  private let blockMargins: AlignedBuffer
  /// Sums over chunks of columns.
  private let chunkSums: AlignedBuffer
  private let totalFactors: AlignedBuffer
  private let shift: AlignedBuffer
  /// Columns that are centred, ascending, and their means.
  var centred: [Int] = []
  var centres: [Double] = []

  private static let chunk = 1 << 14

  /// `centres` says whether columns may be centred.
  init(
    _ rows: SparseRows, source: any SparseDesignSource, _ settings: FitSettings, centres: Bool = true,
    cancellation: Cancellation
  ) throws {
    self.rows = rows
    outputs = settings.objective.outputs
    hasIntercept = settings.intercept
    threads = settings.threads
    self.cancellation = cancellation
    dimension = (rows.width + (settings.intercept ? 1 : 0)) * outputs
    loss =
      switch settings.objective {
      case .linear: .squared
      case .logistic: .logistic
      case .poisson: .poisson
      case .multinomial: nil
      }
    let count = rows.rowCount * outputs
    targets = AlignedBuffer(count: rows.rowCount)
    weights = AlignedBuffer(count: rows.rowCount)
    offsets = source.hasOffsets ? AlignedBuffer(count: rows.rowCount) : nil
    scores = AlignedBuffer(count: count)
    trial = AlignedBuffer(count: count)
    stepScores = AlignedBuffer(count: count)
    directionScores = AlignedBuffer(count: count)
    slopes = AlignedBuffer(count: count)
    curvatures = AlignedBuffer(count: count)
    sums = AlignedBuffer(count: rows.groups.count * rows.width * outputs * 2)
    totals = AlignedBuffer(count: rows.groups.count * outputs * 2)
    blockLosses = AlignedBuffer(count: rows.blockCount)
    blockMargins = AlignedBuffer(count: rows.blockCount)
    chunkSums = AlignedBuffer(count: rows.width * outputs / SparseLoss.chunk + 2)
    totalFactors = AlignedBuffer(count: outputs * 2)
    shift = AlignedBuffer(count: outputs)
    try readRows(source, settings.objective)
    if hasIntercept, centres { try findCentres() }
  }

  // MARK: Points

  /// Sets the predictors of all rows to those of `point`.
  func place(at point: AlignedBuffer) throws {
    setShift(point)
    try eachBlock { [self] block, range in
      let out = scores.start + range.lowerBound * outputs
      block.multiply(point.start, outputs: outputs, shift: shift.start, into: out)
      guard let offsets else { return }
      for row in 0..<range.count {
        for output in 0..<outputs { out[row * outputs + output] += offsets.start[range.lowerBound + row] }
      }
    }
  }

  /// What is added to the predictor of every row: the intercept, less what centring takes off.
  private func setShift(_ vector: AlignedBuffer) {
    for output in 0..<outputs {
      var sum = hasIntercept ? vector.start[rows.width * outputs + output] : 0
      for (column, centre) in zip(centred, centres) { sum -= centre * vector.start[column * outputs + output] }
      shift.start[output] = sum
    }
  }

  /// Mean loss where the predictors are, without the penalty; sets the derivatives for `gradient` and `product`.
  func evaluate() throws -> Double { try evaluate(scores) }

  /// The same `step` further along the last step, and the loss's slope in `step` there.
  func evaluate(step: Double) throws -> (loss: Double, slope: Double) {
    let count = rows.rowCount * outputs
    for index in 0..<count { trial.start[index] = scores.start[index] + step * stepScores.start[index] }
    let value = try evaluate(trial)
    return (value, innerProduct(slopes.start, stepScores.start, count))
  }

  /// Adds the same to the predictors of all rows: a number an output.
  func shiftScores(by change: UnsafePointer<Double>) {
    for row in 0..<rows.rowCount {
      for output in 0..<outputs { scores.start[row * outputs + output] += change[output] }
    }
  }

  /// Makes the step that of `direction`: its predictors without the intercepts, plus `shift`, a number an output.
  func setStep(_ direction: AlignedBuffer, shift: AlignedBuffer) throws {
    try eachBlock { [self] block, range in
      block.multiply(
        direction.start, outputs: outputs, shift: shift.start, into: stepScores.start + range.lowerBound * outputs)
    }
  }

  /// Moves the predictors to where `evaluate(step:)` last was.
  func accept() { scores.start.update(from: trial.start, count: rows.rowCount * outputs) }

  private func evaluate(_ scores: AlignedBuffer) throws -> Double {
    try parallelFor(count: rows.blockCount, threads: threads) { [self] index in
      try cancellation.check()
      let range = rows.rows(ofBlock: index)
      let (first, at) = (range.lowerBound, range.lowerBound * outputs)
      let result =
        loss?.evaluate(
          count: range.count, scores: scores.start + at, targets: targets.start + first,
          weights: weights.start + first, slopes: slopes.start + at, curvatures: curvatures.start + at)
        ?? RowLoss.evaluateSoftmax(
          count: range.count, outputs: outputs, scores: scores.start + at, targets: targets.start + first,
          weights: weights.start + first, slopes: slopes.start + at, probabilities: curvatures.start + at)
      blockLosses.start[index] = result.loss
      blockMargins.start[index] = result.smallestMargin
    }
    var value = 0.0
    smallestMargin = .infinity
    for index in 0..<rows.blockCount {
      value += blockLosses.start[index]
      smallestMargin = min(smallestMargin, blockMargins.start[index])
    }
    return value
  }

  // MARK: Passes over the rows

  /// The gradient of loss and penalty at `point`, where the derivatives are, and the diagonal of the Hessian.
  func gradient(at point: AlignedBuffer, into gradient: AlignedBuffer, diagonal: AlignedBuffer) throws {
    let width = rows.width * outputs
    let (sums, totals) = (sums, totals)
    try eachGroup { [self] group in
      let pairs = sums.start + group * width * 2
      pairs.update(repeating: 0, count: width * 2)
      let total = totals.start + group * outputs * 2
      total.update(repeating: 0, count: outputs * 2)
      try eachBlock(of: group) { block, range in
        let at = range.lowerBound * outputs
        if outputs == 1 {
          block.multiplyTransposed(
            slopes.start + at, curvatures: curvatures.start + at, pairs: pairs, totals: total)
        } else {
          block.multiplyTransposed(
            slopes.start + at, probabilities: curvatures.start + at, weights: weights.start + range.lowerBound,
            outputs: outputs, pairs: pairs, totals: total)
        }
      }
    }
    mergeTotals(2 * outputs)
    let l2 = l2
    try eachChunk { [self] _, chunk in
      for index in chunk {
        var slope = 0.0
        var curvature = 0.0
        for group in 0..<rows.groups.count {
          slope += sums.start[(group * width + index) * 2]
          curvature += sums.start[(group * width + index) * 2 + 1]
        }
        gradient.start[index] = slope + l2 * point.start[index]
        diagonal.start[index] = curvature
      }
    }
    for (column, centre) in zip(centred, centres) {
      for output in 0..<outputs {
        let index = column * outputs + output
        gradient.start[index] -= centre * totalFactors.start[2 * output]
        let reduced = diagonal.start[index] - centre * centre * totalFactors.start[2 * output + 1]
        diagonal.start[index] = max(reduced, 1e-6 * diagonal.start[index])
      }
    }
    for index in 0..<width { diagonal.start[index] += l2 }
    if hasIntercept {
      for output in 0..<outputs {
        gradient.start[width + output] = totalFactors.start[2 * output]
        diagonal.start[width + output] = totalFactors.start[2 * output + 1]
      }
    }
  }

  /// The product of the Hessian with `vector`, and their inner product.
  func product(with vector: AlignedBuffer, into out: AlignedBuffer) throws -> Double {
    let width = rows.width * outputs
    setShift(vector)
    try eachGroup { [self] group in
      let part = sums.start + group * width
      part.update(repeating: 0, count: width)
      let total = totals.start + group * outputs
      total.update(repeating: 0, count: outputs)
      try eachBlock(of: group) { block, range in
        let at = range.lowerBound * outputs
        if outputs == 1 {
          block.multiplyTwice(
            vector.start, shift: shift.start[0], curvatures: curvatures.start + at,
            products: directionScores.start + at,
            sums: part, totals: total)
        } else {
          block.multiplyTwice(
            vector.start, outputs: outputs, shift: shift.start, probabilities: curvatures.start + at,
            weights: weights.start + range.lowerBound, products: directionScores.start + at, sums: part,
            totals: total)
        }
      }
    }
    mergeTotals(outputs)
    let l2 = l2
    try eachChunk { [self] number, chunk in
      var sum = 0.0
      for index in chunk {
        var value = 0.0
        for group in 0..<rows.groups.count { value += sums.start[group * width + index] }
        value += l2 * vector.start[index]
        out.start[index] = value
        sum += value * vector.start[index]
      }
      chunkSums.start[number] = sum
    }
    var inner = 0.0
    for number in 0..<chunkCount { inner += chunkSums.start[number] }
    for (column, centre) in zip(centred, centres) {
      for output in 0..<outputs {
        let (index, taken) = (column * outputs + output, centre * totalFactors.start[output])
        out.start[index] -= taken
        inner -= taken * vector.start[index]
      }
    }
    if hasIntercept {
      for output in 0..<outputs {
        out.start[width + output] = totalFactors.start[output]
        inner += totalFactors.start[output] * vector.start[width + output]
      }
    }
    return inner
  }

  /// Makes the step that is summed up empty.
  func beginStep() { stepScores.start.update(repeating: 0, count: rows.rowCount * outputs) }

  /// Adds `factor` times the direction of the last `product` to the step.
  func extendStep(by factor: Double) {
    for index in 0..<rows.rowCount * outputs { stepScores.start[index] += factor * directionScores.start[index] }
  }

  // MARK: Cutting the work

  func eachBlock(_ body: @Sendable (SparseView, Range<Int>) -> Void) throws {
    try parallelFor(count: rows.blockCount, threads: threads) { [rows, cancellation] index in
      try cancellation.check()
      rows.withBlock(index) { body($0, rows.rows(ofBlock: index)) }
    }
  }

  func eachGroup(_ body: @Sendable (Int) throws -> Void) throws {
    try parallelFor(count: rows.groups.count, threads: threads, body)
  }

  func eachBlock(of group: Int, _ body: (SparseView, Range<Int>) -> Void) throws {
    for index in rows.groups[group] {
      try cancellation.check()
      rows.withBlock(index) { body($0, rows.rows(ofBlock: index)) }
    }
  }

  private var chunkCount: Int { (rows.width * outputs + SparseLoss.chunk - 1) / SparseLoss.chunk }

  func eachChunk(_ body: @Sendable (Int, Range<Int>) -> Void) throws {
    let width = rows.width * outputs
    parallelFor(count: chunkCount, threads: threads) { number in
      body(number, number * SparseLoss.chunk..<min(width, (number + 1) * SparseLoss.chunk))
    }
  }

  private func mergeTotals(_ count: Int) {
    totalFactors.start.update(repeating: 0, count: count)
    for group in 0..<rows.groups.count {
      for index in 0..<count { totalFactors.start[index] += totals.start[group * count + index] }
    }
  }
}
