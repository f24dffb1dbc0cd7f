internal import Basics
internal import LinearAlgebra

/// The passes over rows and design that statistics of a finished fit need. Each sums over fixed blocks in one tree order.
struct DesignPasses {
  let rows: WeightedRows
  let model: RowModel
  let settings: FitSettings

  /// Products of columns under weights, upper triangles.
  struct Products: Sendable {
    var sums = RowModel.Sums()
    /// `[1 | Z]ᵀ·V·[1 | Z]` with the row weights; 0 × 0 unless asked for.
    var gram: Matrix
    /// The information: under the weights of the last Newton step for one output, block after block of the pairs of
    /// outputs otherwise (01, 02, 12, 03, …: `Σ v·p_c·p_d·z·zᵀ`); none unless asked for.
    var information: [Matrix]

    fileprivate mutating func merge(_ later: Products) {
      sums.merge(later.sums)
      add(later.gram, to: &gram)
      for index in information.indices { add(later.information[index], to: &information[index]) }
    }
  }

  /// One pass for likelihood and products. `transform` takes `[1 | Z]` to the columns that the information is of.
  func products(
    gram: Bool, information: Bool, transform: Matrix? = nil, cancellation: Cancellation
  ) throws -> Products {
    let width = rows.width
    let size = transform?.columns ?? width
    let outputs = model.outputs
    let pairs = !information ? 0 : outputs == 1 ? 1 : outputs * (outputs - 1) / 2
    let stride = rows.blocks.leadingDimension
    let reduction = TreeReduction(
      make: {
        Products(
          gram: gram ? Matrix(rows: width, columns: width) : Matrix(rows: 0, columns: 0),
          information: (0..<pairs).map { _ in Matrix(rows: size, columns: size) })
      }, merge: { $0.merge($1) })
    let pool = Pool { AlignedBuffer(count: stride * (outputs + 2 + max(width, size) + size)) }
    return try reduction.run(count: rows.blocks.count, threads: settings.threads, cancellation: cancellation) {
      index, products in
      rows.withBlock(index) { block in
        pool.lend { scratch in
          let count = block.rowCount
          let scores = MatrixView(scratch.start, rows: count, columns: outputs, leadingDimension: stride)
          let residuals = scratch.start + outputs * stride
          let factors = residuals + stride
          let scaled = MatrixView(
            factors + stride, rows: count, columns: max(width, size), leadingDimension: stride)
          let changed = MatrixView(
            scaled.column(scaled.columns), rows: count, columns: size, leadingDimension: stride)
          factors.update(repeating: 0, count: stride)
          model.predict(block, into: scores)
          products.sums =
            outputs == 1
            ? model.evaluate(block, scores: scores.start, residuals: residuals)
            : model.evaluate(block, shares: scores)
          if gram {
            let weights = rows.hasWeights ? block.weights : nil
            product(block.design, weights, scratch: scaled, into: &products.gram)
          }
          guard information else { return }
          let design = change(block.design, by: transform, into: changed)
          if outputs == 1 {
            for row in 0..<count { factors[row] = block.weights[row] * scores.start[row] }
            return product(design, factors, scratch: scaled, into: &products.information[0])
          }
          var pair = 0
          for second in 1..<outputs {
            for first in 0..<second {
              let (left, right) = (scores.column(first), scores.column(second))
              for row in 0..<count { factors[row] = block.weights[row] * left[row] * right[row] }
              product(design, factors, scratch: scaled, into: &products.information[pair])
              pair += 1
            }
          }
        }
      }
    }
  }

  /// See `WeightedRows.triangle`.
  func triangle(targetCentre: Double, cancellation: Cancellation) throws -> Matrix {
    try rows.triangle(targetCentre: targetCentre, threads: settings.threads, cancellation: cancellation)
  }

  /// The middle of the sandwich, `Σ u·uᵀ` of the rows' scores u in the columns after `transform` (free outputs side by
  /// side). For HC3, `whitening` in those columns gives the leverages.
  func meat(
    _ request: StatisticsRequest, transform: Matrix?, whitening: Matrix, cancellation: Cancellation
  ) throws -> Matrix {
    let size = transform?.columns ?? rows.width
    let outputs = model.outputs
    let free = max(1, outputs - 1)
    let stride = rows.blocks.leadingDimension
    let reduction = TreeReduction(
      make: { Matrix(rows: free * size, columns: free * size) }, merge: { add($1, to: &$0) })
    let pool = Pool { AlignedBuffer(count: stride * (outputs + 1 + size + free * size)) }
    return try reduction.run(count: rows.blocks.count, threads: settings.threads, cancellation: cancellation) {
      index, meat in
      rows.withBlock(index) { block in
        pool.lend { scratch in
          let count = block.rowCount
          let scores = MatrixView(scratch.start, rows: count, columns: outputs, leadingDimension: stride)
          let residuals = scratch.start + outputs * stride
          let changed = MatrixView(residuals + stride, rows: count, columns: size, leadingDimension: stride)
          let scaled = MatrixView(changed.column(size), rows: count, columns: free * size, leadingDimension: stride)
          residuals.update(repeating: 0, count: stride)
          model.predict(block, into: scores)
          let design = change(block.design, by: transform, into: changed)
          if outputs == 1 {
            _ = model.evaluate(block, scores: scores.start, residuals: residuals)
            if request.covariance == .hc3 {
              change(design, by: whitening, into: scaled)
              divideByFreedom(residuals, scaled, block, variances: scores.start, request)
            }
            scoreRows(design, residuals, block, request, into: scaled)
          } else {
            _ = model.evaluate(block, shares: scores)
            for output in 1..<outputs {
              let share = scores.column(output)
              for row in 0..<count { residuals[row] = (Int(block.targets[row]) == output ? 1 : 0) - share[row] }
              let part = scaled.columns(from: (output - 1) * size, count: size)
              scoreRows(design, residuals, block, request, into: part)
            }
          }
          clear(&meat)
          meat.withView { RowKernels.addGram(scaled, into: $0) }
        }
      }
    }
  }

  /// Residuals over 1 − leverage; that of a row counts the row itself once.
  private func divideByFreedom(
    _ residuals: UnsafeMutablePointer<Double>, _ whitened: MatrixView, _ block: WeightedRows.Block,
    variances: UnsafeMutablePointer<Double>, _ request: StatisticsRequest
  ) {
    let weighs = request.weights == .precision
    for row in 0..<block.rowCount {
      var square = 0.0
      for column in 0..<whitened.columns {
        let value = whitened.column(column)[row]
        square += value * value
      }
      let leverage = square * variances[row] * (weighs ? block.weights[row] : 1)
      // A row that its own coefficient fits has leverage 1 and no residual.
      residuals[row] = leverage < 1 - 1e-10 ? residuals[row] / (1 - leverage) : 0
    }
  }

  /// Rows of the score: weight · residual · z, under frequencies √weight · residual · z.
  private func scoreRows(
    _ design: MatrixView, _ residuals: UnsafeMutablePointer<Double>, _ block: WeightedRows.Block,
    _ request: StatisticsRequest, into out: MatrixView
  ) {
    for row in 0..<block.rowCount {
      let weight = block.weights[row]
      residuals[row] *= request.weights == .precision ? weight : weight.squareRoot()
    }
    RowKernels.scaleRows(design, residuals, into: out)
  }
}

/// `design · transform` in `out`, or the design itself without one.
@discardableResult
private func change(_ design: MatrixView, by transform: Matrix?, into out: MatrixView) -> MatrixView {
  guard let transform else { return design }
  transform.elements.withUnsafeBufferPointer { elements in
    if let start = elements.baseAddress { RowKernels.scores(design, start, stride: transform.rows, into: out) }
  }
  return out
}

/// Upper triangle of `out ← designᵀ·diag(factors)·design`; nil is ones.
private func product(
  _ design: MatrixView, _ factors: UnsafeMutablePointer<Double>?, scratch: MatrixView, into out: inout Matrix
) {
  clear(&out)
  out.withView { out in
    if let factors {
      RowKernels.addWeightedGram(design, factors, scratch: scratch, into: out)
    } else {
      RowKernels.addGram(design, into: out)
    }
  }
}

private func clear(_ matrix: inout Matrix) {
  for index in matrix.elements.indices { matrix.elements[index] = 0 }
}

private func add(_ later: Matrix, to sum: inout Matrix) {
  for index in sum.elements.indices { sum.elements[index] += later.elements[index] }
}
