internal import Basics
internal import LinearAlgebra
internal import Statistics

/// Sums over rows that the classifiers' functions are made of.
private struct LossSums: Sendable {
  var loss = 0.0
  var smallestMargin = Double.infinity
  /// dimension of them.
  var gradient: [Double]
  /// Blocks of width × width, upper triangles, one after the other.
  var curvature: [Double]

  mutating func clear() {
    loss = 0
    smallestMargin = .infinity
    for index in gradient.indices { gradient[index] = 0 }
    for index in curvature.indices { curvature[index] = 0 }
  }

  mutating func merge(_ later: LossSums) {
    loss += later.loss
    smallestMargin = min(smallestMargin, later.smallestMargin)
    for index in gradient.indices { gradient[index] += later.gradient[index] }
    for index in curvature.indices { curvature[index] += later.curvature[index] }
  }
}

/// The penalised mean loss of a classifier as a function of `width × outputs` coefficients, column-major, of `[1 | Z]`.
///
/// - Binary: loss ln(1 + e^(−m)), gradient (p − y)·z, Hessian p(1 − p)·z·zᵀ.
/// - Softmax: loss ln Σ eˢ − s_y, gradient (p_k − y_k)·z, Hessian blocks p_k(δ_kl − p_l)·z·zᵀ. The blocks of one row sum to
///   zero, so those off the diagonal are computed and the others follow.
///
/// Adding one vector to the coefficients of all classes changes no probability; the softmax's Hessian gets a term in just
/// these directions, which makes it definite and leaves every step from a start centred over the classes centred.
struct ClassLoss: SmoothProblem {
  private let rows: EncodedRows
  /// 1 for the binary loss.
  private let outputs: Int
  /// Penalty of each coefficient of one output, 0 for the intercept.
  private let penalties: [Double]
  private let threads: Int
  private let gradients: TreeReduction<LossSums>
  private let hessians: TreeReduction<LossSums>
  private let pool: Pool<AlignedBuffer>

  private var width: Int { rows.designWidth }
  private var pairCount: Int { outputs == 1 ? 1 : outputs * (outputs - 1) / 2 }
  var dimension: Int { width * outputs }

  init(_ rows: EncodedRows, outputs: Int, penalties: [Double], threads: Int) {
    self.rows = rows
    self.outputs = outputs
    self.penalties = penalties
    self.threads = threads
    let width = rows.designWidth
    let dimension = width * outputs
    let curvatureCount = width * width * (outputs == 1 ? 1 : outputs * (outputs - 1) / 2)
    gradients = TreeReduction(
      make: { LossSums(gradient: [Double](repeating: 0, count: dimension), curvature: []) }, merge: { $0.merge($1) })
    hessians = TreeReduction(
      make: {
        LossSums(
          gradient: [Double](repeating: 0, count: dimension), curvature: [Double](repeating: 0, count: curvatureCount))
      }, merge: { $0.merge($1) })
    let stride = rows.blocks.leadingDimension
    pool = Pool { AlignedBuffer(count: stride * (outputs * 2 + width + 1)) }
  }

  func evaluate(at point: [Double], hessian: Bool, cancellation: Cancellation) throws -> Evaluation {
    let reduction = hessian ? hessians : gradients
    let sums = try reduction.run(count: rows.blocks.count, threads: threads, cancellation: cancellation) {
      index, sums in
      sums.clear()
      rows.withBlock(index) { block in
        pool.lend { scratch in add(block, at: point, hessian: hessian, scratch, to: &sums) }
      }
    }
    defer { reduction.recycle(sums) }
    let count = Double(rows.blocks.rowCount)
    var penalty = 0.0
    var gradient = sums.gradient.map { $0 / count }
    for index in point.indices {
      let weight = penalties[index % width]
      penalty += weight * point[index] * point[index]
      gradient[index] += weight * point[index]
    }
    return Evaluation(
      value: sums.loss / count + penalty / 2, gradient: gradient,
      hessian: hessian ? assemble(sums.curvature, count: count) : nil, smallestMargin: sums.smallestMargin)
  }

  /// Scratch holds, a column a stride: scores or probabilities, curvatures, then the weighted design.
  private func add(
    _ block: EncodedRows.Block, at point: [Double], hessian: Bool, _ scratch: AlignedBuffer, to sums: inout LossSums
  ) {
    let stride = rows.blocks.leadingDimension
    let scores = MatrixView(scratch.start, rows: block.rowCount, columns: outputs, leadingDimension: stride)
    let curvature = scratch.start + stride * outputs
    let weighted = MatrixView(
      scratch.start + stride * outputs * 2, rows: block.rowCount, columns: width, leadingDimension: stride)
    var point = point
    point.withUnsafeMutableBufferPointer { point in
      guard let start = point.baseAddress else {
        for output in 0..<outputs { scores.column(output).update(repeating: 0, count: block.rowCount) }
        return
      }
      for output in 0..<outputs {
        BLAS.gemv(1, block.design, start + output * width, into: scores.column(output), beta: 0)
      }
    }
    if outputs == 1 {
      binary(block, scores.start, curvature, &sums)
    } else {
      // Curvatures come from probabilities, before the targets are taken off.
      softmax(block, scores, &sums)
      if hessian { addPairs(block, scores, weighted, curvature, &sums) }
      for row in 0..<block.rowCount { scores.column(Int(block.targets[row]))[row] -= 1 }
    }
    sums.gradient.withUnsafeMutableBufferPointer { gradient in
      guard let start = gradient.baseAddress else { return }
      for output in 0..<outputs {
        BLAS.gemv(1, block.design, transposed: true, scores.column(output), into: start + output * width, beta: 0)
      }
    }
    if outputs == 1, hessian {
      addWeighted(block, curvature, weighted, sign: 1, pair: 0, &sums)
    }
  }

  /// Turns scores into residuals p − y, with losses and the roots of curvatures.
  private func binary(
    _ block: EncodedRows.Block, _ scores: UnsafeMutablePointer<Double>, _ curvature: UnsafeMutablePointer<Double>,
    _ sums: inout LossSums
  ) {
    var loss = 0.0
    var smallest = Double.infinity
    for row in 0..<block.rowCount {
      let sign = block.targets[row] > 0.5 ? 1.0 : -1.0
      let margin = sign * scores[row]
      let decay = Elementary.exp(-abs(margin))
      let large = 1 / (1 + decay)
      let small = decay * large
      loss += (margin < 0 ? -margin : 0) + Elementary.logOnePlus(decay)
      smallest = min(smallest, margin)
      scores[row] = -sign * (margin < 0 ? large : small)
      curvature[row] = (large * small).squareRoot()
    }
    sums.loss = loss
    sums.smallestMargin = smallest
  }

  /// Turns scores into probabilities, with losses.
  private func softmax(_ block: EncodedRows.Block, _ scores: MatrixView, _ sums: inout LossSums) {
    var loss = 0.0
    var smallest = Double.infinity
    for row in 0..<block.rowCount {
      let own = Int(block.targets[row])
      let score = scores.column(own)[row]
      for output in 0..<outputs where output != own { smallest = min(smallest, score - scores.column(output)[row]) }
      loss += Elementary.softmax(scores.start + row, count: outputs, stride: scores.leadingDimension) - score
    }
    sums.loss = loss
    sums.smallestMargin = smallest
  }

  private func addPairs(
    _ block: EncodedRows.Block, _ probabilities: MatrixView, _ weighted: MatrixView,
    _ curvature: UnsafeMutablePointer<Double>, _ sums: inout LossSums
  ) {
    var pair = 0
    for later in 1..<outputs {
      for earlier in 0..<later {
        let (left, right) = (probabilities.column(earlier), probabilities.column(later))
        for row in 0..<block.rowCount { curvature[row] = (left[row] * right[row]).squareRoot() }
        addWeighted(block, curvature, weighted, sign: -1, pair: pair, &sums)
        pair += 1
      }
    }
  }

  /// Adds `sign · Σ root² · [1|z]·[1|z]ᵀ` to one block of the curvature.
  private func addWeighted(
    _ block: EncodedRows.Block, _ roots: UnsafeMutablePointer<Double>, _ weighted: MatrixView, sign: Double, pair: Int,
    _ sums: inout LossSums
  ) {
    for column in 0..<width {
      let (from, to) = (block.design.column(column), weighted.column(column))
      for row in 0..<block.rowCount { to[row] = from[row] * roots[row] }
    }
    sums.curvature.withUnsafeMutableBufferPointer { buffer in
      guard let start = buffer.baseAddress else { return }
      let target = MatrixView(start + pair * width * width, rows: width, columns: width, leadingDimension: width)
      BLAS.syrk(sign, weighted, into: target, beta: 0)
    }
  }

  /// The whole Hessian from the sums of its blocks.
  private func assemble(_ curvature: [Double], count: Double) -> Matrix {
    var out = Matrix(rows: dimension, columns: dimension)
    for column in 0..<width {
      for row in 0...column {
        if outputs == 1 {
          out[row, column] = curvature[row + column * width] / count
          continue
        }
        var pair = 0
        for later in 1..<outputs {
          for earlier in 0..<later {
            let value = curvature[pair * width * width + row + column * width] / count
            out[earlier * width + row, later * width + column] = value
            out[earlier * width + column, later * width + row] = value
            out[earlier * width + row, earlier * width + column] -= value
            out[later * width + row, later * width + column] -= value
            pair += 1
          }
        }
      }
    }
    for column in 0..<width {
      for output in 0..<outputs { out[output * width + column, output * width + column] += penalties[column] }
      if outputs > 1 { tie(column, in: &out) }
    }
    return out
  }

  /// Adds the mean of one column's curvatures over the classes in the direction common to all classes.
  private func tie(_ column: Int, in hessian: inout Matrix) {
    var sum = 0.0
    for output in 0..<outputs { sum += hessian[output * width + column, output * width + column] }
    let share = (sum > 0 ? sum / Double(outputs) : 1) / Double(outputs)
    for later in 0..<outputs {
      for earlier in 0...later { hessian[earlier * width + column, later * width + column] += share }
    }
  }
}
