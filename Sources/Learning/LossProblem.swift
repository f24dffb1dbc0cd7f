internal import Basics
internal import LinearAlgebra
internal import Statistics

/// Sums over rows that value, gradient and Hessian are made of.
private struct LossSums: Sendable {
  var rows = Loss.RowSums()
  var weight = 0.0
  /// width × outputs.
  var gradient: Matrix
  /// width × width, upper triangles, one for each pair of outputs, side by side; no columns when not wanted.
  var curvature: Matrix

  mutating func clear() {
    rows = Loss.RowSums()
    weight = 0
    for index in gradient.elements.indices { gradient.elements[index] = 0 }
    for index in curvature.elements.indices { curvature.elements[index] = 0 }
  }

  mutating func merge(_ later: LossSums) {
    rows.merge(later.rows)
    weight += later.weight
    for index in gradient.elements.indices { gradient.elements[index] += later.gradient.elements[index] }
    for index in curvature.elements.indices { curvature.elements[index] += later.curvature.elements[index] }
  }
}

/// The penalised mean loss as a function of `width × outputs` coefficients, column-major, of `[1 | Z]`.
///
/// The softmax's Hessian has the blocks −Σ v·p_k·p_l·z·zᵀ off the diagonal, and on it what makes them sum to zero. Adding
/// one vector to the coefficients of all classes changes no probability; the Hessian gets a term in just these directions,
/// which makes it definite and leaves every step from a start centred over the classes centred. Where absolute values are
/// penalised, which fix the coefficients, only the intercepts get it.
struct LossProblem: SmoothProblem {
  let rows: EncodedRows
  let loss: Loss
  /// Penalty of each coefficient of one output, 0 for the intercept.
  let penalties: [Double]
  let metric: Metric
  let threads: Int
  /// Whether the Hessian gets the term in the directions common to all classes for coefficients too.
  private let tiesCoefficients: Bool
  /// How large responses are, 1 for classes.
  private let responseSize: Double
  private let gradients: TreeReduction<LossSums>
  private let hessians: TreeReduction<LossSums>
  private let pool: Pool<AlignedBuffer>

  /// How gradients are measured.
  struct Metric: Sendable {
    /// Mean of each column of `[1 | Z]`, and what brings its deviation to 1: 0 for a constant column.
    var means: [Double]
    var inverseDeviations: [Double]
  }

  var width: Int { rows.designWidth }
  var outputs: Int { loss.outputs }
  var dimension: Int { width * outputs }
  var everything: BlockSample { .all(rows.blocks) }
  /// A gradient reads a row from memory (0.8 ns a value) and computes with it (60 operations a nanosecond); a Hessian does
  /// only the latter, once for each pair of outputs. Rough, but the same everywhere: results depend on it.
  var hessianCost: Double {
    let (width, outputs) = (Double(width), Double(outputs))
    let gradient = width * (0.8 + outputs / 15) + outputs * 5
    return 1 + (outputs == 1 ? 1 : outputs * (outputs - 1) / 2) * (width * width / 60 + width / 4) / gradient
  }
  var rowsPerBlock: Int { rows.blocks.rowsPerBlock }

  init(
    _ rows: EncodedRows, _ loss: Loss, penalties: [Double], metric: Metric, threads: Int,
    tiesCoefficients: Bool = true, responseSize: Double = 1
  ) {
    self.tiesCoefficients = tiesCoefficients
    self.responseSize = responseSize
    self.rows = rows
    self.loss = loss
    self.penalties = penalties
    self.metric = metric
    self.threads = threads
    let (width, outputs) = (rows.designWidth, loss.outputs)
    let pairs = outputs == 1 ? 1 : outputs * (outputs - 1) / 2
    func reduction(_ curvatureColumns: Int) -> TreeReduction<LossSums> {
      TreeReduction(
        make: {
          LossSums(
            gradient: Matrix(rows: width, columns: outputs), curvature: Matrix(rows: width, columns: curvatureColumns))
        }, merge: { $0.merge($1) })
    }
    gradients = reduction(0)
    hessians = reduction(width * pairs)
    let stride = rows.blocks.leadingDimension
    pool = Pool { AlignedBuffer(count: stride * (outputs + 1 + width)) }
  }

  func norm(_ gradient: [Double]) -> Double {
    var sum = 0.0
    for output in 0..<outputs {
      let start = output * width
      let first = rows.intercept ? 1 : 0
      let ofIntercept = first == 1 ? gradient[start] : 0
      sum += ofIntercept * ofIntercept
      for column in first..<width {
        let part = (gradient[start + column] - metric.means[column] * ofIntercept) * metric.inverseDeviations[column]
        sum += part * part
      }
    }
    return sum.squareRoot()
  }

  func evaluate(
    at point: [Double], _ sample: BlockSample, hessian: Bool, into evaluation: inout Evaluation,
    cancellation: Cancellation
  ) throws {
    let reduction = hessian ? hessians : gradients
    let sums = try reduction.run(
      over: rows, sample, leaves: hessian ? 32 : 128, threads: threads, cancellation: cancellation,
      clear: { $0.clear() },
      add: { block, sums in pool.lend { add(block, at: point, hessian: hessian, $0, to: &sums) } })
    defer { reduction.recycle(sums) }
    var penalty = 0.0
    for index in point.indices {
      let weight = penalties[index % width]
      penalty += weight * point[index] * point[index]
      evaluation.gradient[index] = sums.gradient.elements[index] / sums.weight + weight * point[index]
    }
    evaluation.value = sums.rows.loss / sums.weight + penalty / 2
    evaluation.rows = sums.rows
    if hessian { assemble(sums, into: &evaluation.hessian) }
  }

  /// `Σ v·(f*(α·r) − α·r·offset) / Σ v` over all rows, where r are the residuals at `point` and f* the conjugate of a row's
  /// loss: what the dual objective is made of.
  func meanConjugate(at point: [Double], shrinking: Double, cancellation: Cancellation) throws -> Double {
    let sums = try gradients.run(
      over: rows, everything, threads: threads, cancellation: cancellation, clear: { $0.clear() },
      add: { block, sums in
        pool.lend { scratch in
          let scores = MatrixView(
            scratch.start, rows: block.rowCount, columns: outputs, leadingDimension: rows.blocks.leadingDimension)
          predict(block, point, scores)
          _ = loss.evaluate(block, scores: scores, curvature: nil)
          sums.rows.loss += loss.conjugate(block, residuals: scores, shrinking: shrinking)
          sums.weight += block.totalWeight
        }
      })
    defer { gradients.recycle(sums) }
    return sums.rows.loss / sums.weight
  }

  /// Root mean square of a coefficient's column, and how large its gradient may be.
  func size(_ index: Int) -> (column: Double, gradient: Double) {
    let column = index % width
    let (mean, inverse) = (metric.means[column], metric.inverseDeviations[column])
    let size = (mean * mean + (inverse > 0 ? 1 / (inverse * inverse) : 0)).squareRoot()
    return (size, size * responseSize)
  }

  /// Scores of a block.
  private func predict(_ block: EncodedRows.Block, _ point: [Double], _ scores: MatrixView) {
    point.withUnsafeBufferPointer { point in
      if let start = point.baseAddress {
        RowKernels.scores(block.design, start, stride: width, into: scores)
      } else {
        for output in 0..<outputs { scores.column(output).update(repeating: 0, count: block.rowCount) }
      }
    }
  }

  /// Scratch holds, a column a stride: scores, curvatures, then the weighted design.
  private func add(
    _ block: EncodedRows.Block, at point: [Double], hessian: Bool, _ scratch: AlignedBuffer, to sums: inout LossSums
  ) {
    let stride = rows.blocks.leadingDimension
    let scores = MatrixView(scratch.start, rows: block.rowCount, columns: outputs, leadingDimension: stride)
    let curvature = scratch.start + stride * outputs
    let weighted = MatrixView(
      curvature + stride, rows: block.rowCount, columns: width, leadingDimension: stride)
    predict(block, point, scores)
    let result = loss.evaluate(block, scores: scores, curvature: hessian ? curvature : nil) {
      if hessian { addPairs(block, scores, weighted, curvature, &sums) }
    }
    sums.rows.merge(result)
    sums.weight += block.totalWeight
    sums.gradient.withView { RowKernels.addProduct(block.design, scores, into: $0) }
    if outputs == 1, hessian {
      sums.curvature.withView { RowKernels.addWeightedGram(block.design, curvature, scratch: weighted, into: $0) }
    }
  }

  private func addPairs(
    _ block: EncodedRows.Block, _ probabilities: MatrixView, _ weighted: MatrixView,
    _ curvature: UnsafeMutablePointer<Double>, _ sums: inout LossSums
  ) {
    var pair = 0
    for later in 1..<outputs {
      for earlier in 0..<later {
        RowKernels.multiply(
          probabilities.column(earlier), probabilities.column(later), weights: block.weights, rows: block.rowCount,
          into: curvature)
        sums.curvature.withView {
          RowKernels.addWeightedGram(
            block.design, curvature, scratch: weighted, into: $0.columns(from: pair * width, count: width))
        }
        pair += 1
      }
    }
  }

  /// The whole Hessian from the sums of its blocks.
  private func assemble(_ sums: LossSums, into out: inout Matrix) {
    if out.rows != dimension { out = Matrix(rows: dimension, columns: dimension) }
    let inverse = 1 / sums.weight
    if outputs == 1 {
      for column in 0..<width {
        for row in 0...column { out[row, column] = sums.curvature[row, column] * inverse }
        out[column, column] += penalties[column]
      }
      return
    }
    for index in out.elements.indices { out.elements[index] = 0 }
    var pair = 0
    for later in 1..<outputs {
      for earlier in 0..<later {
        for column in 0..<width {
          for row in 0...column {
            let value = sums.curvature[row, pair * width + column] * inverse
            out[earlier * width + row, later * width + column] = -value
            out[earlier * width + column, later * width + row] = -value
            out[earlier * width + row, earlier * width + column] += value
            out[later * width + row, later * width + column] += value
          }
        }
        pair += 1
      }
    }
    for column in 0..<width {
      for output in 0..<outputs { out[output * width + column, output * width + column] += penalties[column] }
      if tiesCoefficients || rows.intercept && column == 0 { tie(column, in: &out) }
    }
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
