internal import Basics

/// The preconditioner of `TruncatedNewton`: the Hessian's block of the most frequent columns and the intercept, and its
/// diagonal for the others.
///
/// In text and in one-hot data a few columns are in most rows and depend on each other; with them solved exactly, conjugate
/// gradients need about half of the iterations. The block is summed over every so many-th block of rows: it need not be
/// exact.
final class HotBlock: @unchecked Sendable {
  private static let mostColumns = 32
  private static let sampledBlocks = 32

  private let loss: SparseLoss
  /// Columns in the block, the first ones of `SparseRows`.
  private let count: Int
  private let size: Int
  private let stride: Int
  private let sampleCount: Int
  /// Sums of each sampled block, then the matrices, one an output, and the factors of them.
  private let sums: AlignedBuffer
  private let factors: AlignedBuffer
  private let scratch: Pool<Scratch>
  private let vector: AlignedBuffer
  private let curvatures: AlignedBuffer

  private final class Scratch: @unchecked Sendable {
    let positions: UnsafeMutablePointer<Int>
    let numbers: UnsafeMutablePointer<Double>

    init(_ count: Int) {
      positions = .allocate(capacity: count)
      numbers = .allocate(capacity: count)
    }

    deinit {
      positions.deallocate()
      numbers.deallocate()
    }
  }

  init(_ loss: SparseLoss) {
    self.loss = loss
    count = min(loss.rows.width, HotBlock.mostColumns)
    size = count + 1
    stride = max(1, loss.rows.blockCount / max(4, HotBlock.sampledBlocks / loss.outputs))
    sampleCount = (loss.rows.blockCount + stride - 1) / stride
    sums = AlignedBuffer(count: sampleCount * size * size * loss.outputs)
    factors = AlignedBuffer(count: size * size * loss.outputs)
    vector = AlignedBuffer(count: size)
    curvatures = AlignedBuffer(count: loss.outputs > 1 ? loss.rows.rowCount * loss.outputs : 1)
    let size = size
    scratch = Pool { Scratch(size + 1) }
  }

  /// Sums and factors the block where the derivatives are.
  func update() throws {
    let (loss, outputs) = (loss, loss.outputs)
    if outputs > 1 { setCurvatures() }
    let curvatures = outputs > 1 ? curvatures : loss.curvatures
    parallelFor(count: sampleCount, threads: loss.threads) { [self] sample in
      let part = sums.start + sample * size * size * outputs
      part.update(repeating: 0, count: size * size * outputs)
      let block = sample * stride
      let rows = loss.rows.rows(ofBlock: block)
      loss.rows.withBlock(block) { view in
        scratch.lend { scratch in
          for output in 0..<outputs {
            view.addGram(
              columns: count, curvatures: curvatures.start + rows.lowerBound * outputs + output, stride: outputs,
              to: part + output * size * size, positions: scratch.positions, numbers: scratch.numbers)
          }
        }
      }
    }
    for output in 0..<outputs { factor(output) }
  }

  private func setCurvatures() {
    let outputs = loss.outputs
    for row in 0..<loss.rows.rowCount {
      for index in row * outputs..<(row + 1) * outputs {
        let share = loss.curvatures.start[index]
        curvatures.start[index] = loss.weights.start[row] * share * (1 - share)
      }
    }
  }

  private func factor(_ output: Int) {
    let matrix = factors.start + output * size * size
    for index in 0..<size * size {
      var sum = 0.0
      for sample in 0..<sampleCount { sum += sums.start[(sample * loss.outputs + output) * size * size + index] }
      matrix[index] = sum * Double(stride)
    }
    let last = count * size
    let total = matrix[last + count]
    // (x − c)·(y − d) = xy − c·Σy − d·Σx + c·d·Σ1, in the columns that are centred.
    for (column, centre) in zip(loss.centred, loss.centres) where column < count {
      for other in 0..<count {
        let (low, high) = (min(column, other), max(column, other))
        matrix[high * size + low] -= centre * matrix[last + other] * (other == column ? 2 : 1)
      }
    }
    for (column, centre) in zip(loss.centred, loss.centres) where column < count {
      for (other, otherCentre) in zip(loss.centred, loss.centres) where other <= column {
        matrix[column * size + other] += centre * otherCentre * total
      }
    }
    for (column, centre) in zip(loss.centred, loss.centres) where column < count {
      matrix[last + column] -= centre * total
    }
    for column in 0..<count { matrix[column * size + column] += loss.l2 }
    if !loss.hasIntercept {
      for row in 0..<count { matrix[last + row] = 0 }
      matrix[last + count] = 1
    }
    cholesky(matrix)
  }

  /// Upper triangular factor R with RᵀR the matrix, column by column. Where rounding leaves no positive pivot, a column is
  /// cut off from those before it.
  private func cholesky(_ matrix: UnsafeMutablePointer<Double>) {
    for column in 0..<size {
      let place = matrix + column * size
      let diagonal = place[column]
      for row in 0..<column {
        var sum = place[row]
        for inner in 0..<row { sum -= matrix[row * size + inner] * place[inner] }
        place[row] = sum / matrix[row * size + row]
      }
      var pivot = diagonal
      for row in 0..<column { pivot -= place[row] * place[row] }
      if !(pivot > 1e-10 * diagonal) {
        for row in 0..<column { place[row] = 0 }
        pivot = diagonal > 0 ? diagonal : 1
      }
      place[column] = pivot.squareRoot()
    }
  }

  /// out = preconditioner⁻¹ · residual.
  func solve(_ residual: AlignedBuffer, diagonal: AlignedBuffer, into out: AlignedBuffer) {
    let outputs = loss.outputs
    for index in count * outputs..<loss.dimension { out.start[index] = residual.start[index] / diagonal.start[index] }
    let intercept = loss.rows.width * outputs
    for output in 0..<outputs {
      let matrix = factors.start + output * size * size
      for row in 0..<count { vector.start[row] = residual.start[row * outputs + output] }
      vector.start[count] = loss.hasIntercept ? residual.start[intercept + output] : 0
      for row in 0..<size {
        var sum = vector.start[row]
        for inner in 0..<row { sum -= matrix[row * size + inner] * vector.start[inner] }
        vector.start[row] = sum / matrix[row * size + row]
      }
      for row in (0..<size).reversed() {
        var sum = vector.start[row]
        for inner in row + 1..<max(row + 1, size) { sum -= matrix[inner * size + row] * vector.start[inner] }
        vector.start[row] = sum / matrix[row * size + row]
      }
      for row in 0..<count { out.start[row * outputs + output] = vector.start[row] }
      if loss.hasIntercept { out.start[intercept + output] = vector.start[count] }
    }
  }
}
