internal import Basics
internal import LinearAlgebra
internal import Statistics

/// The rows of a least-squares problem, centred on the means and scaled by powers of two to about unit deviation.
struct CentredRows {
  let rows: EncodedRows
  let frame: EncodedRows.Frame
  private let settings: FitSettings
  /// Σ of the rows' weights.
  private let total: Double

  init(
    _ source: any DesignSource, _ survey: Moments.Survey, _ settings: FitSettings, cancellation: Cancellation
  ) throws {
    self.settings = settings
    total = survey.moments.count
    frame = survey.frame(centred: settings.intercept, targetCentred: settings.intercept)
    rows = EncodedRows(source, frame: frame, intercept: settings.intercept, memory: settings.memory)
  }

  /// Computes residuals row by row, and from them value, descent and mean residual of `outcome`.
  func measure(
    _ outcome: inout LinearOutcome, l2: Double, _ settings: FitSettings, cancellation: Cancellation
  ) throws {
    let offset = settings.intercept ? 1 : 0
    var point = [Double](repeating: 0, count: rows.designWidth)
    if settings.intercept { point[0] = outcome.shift }
    for (column, weight) in zip(outcome.active, outcome.weights) {
      point[offset + column] = weight / frame.scale[column]
    }
    let sums = try residualSums(at: point, cancellation: cancellation)
    let count = total
    outcome.meanResidual = settings.intercept ? sums.products[0] / count : 0
    outcome.descent = zip(outcome.active, outcome.weights).map { column, weight in
      sums.products[offset + column] / frame.scale[column] / count - l2 * weight
    }
    outcome.value = (sums.squares / count + l2 * dot(outcome.weights, outcome.weights)) / 2
  }

  private struct Sums: Sendable {
    var squares = 0.0
    var products: [Double]
  }

  /// `Σ v·r²` and `Σ v·[1 | z]·r` for `r = y − [1 | z]·point`.
  private func residualSums(at point: [Double], cancellation: Cancellation) throws -> Sums {
    let width = point.count
    let stride = rows.blocks.leadingDimension
    let pool = Pool { AlignedBuffer(count: stride) }
    let reduction = TreeReduction(
      make: { Sums(products: [Double](repeating: 0, count: width)) },
      merge: { sums, later in
        sums.squares += later.squares
        for index in sums.products.indices { sums.products[index] += later.products[index] }
      })
    return try reduction.run(count: rows.blocks.count, threads: settings.threads, cancellation: cancellation) {
      index, sums in
      rows.withBlock(index) { block in
        pool.lend { residuals in
          residuals.start.update(from: block.targets, count: block.rowCount)
          if width > 0 { BLAS.gemv(-1, block.design, point, into: residuals.start, beta: 1) }
          var squares = 0.0
          for row in 0..<block.rowCount {
            let residual = residuals.start[row]
            let weight = block.weights?[row] ?? 1
            squares += weight * residual * residual
            residuals.start[row] = weight * residual
          }
          sums.squares = squares
          guard width > 0 else { return }
          BLAS.gemv(1, block.design, transposed: true, residuals.start, into: &sums.products, beta: 0)
        }
      }
    }
  }

  /// The triangular factor of `[1 | Z | y]`, each row times the root of its weight: QR of each block, then of pairs of factors up the tree (TSQR; Demmel,
  /// Grigori, Hoemmen and Langou, SIAM J. Sci. Comput. 34, 2012).
  func triangle(cancellation: Cancellation) throws -> Matrix {
    let width = rows.designWidth + 1
    let reduction = TreeReduction(
      make: { Matrix(rows: 0, columns: width) },
      merge: { factor, later in factor = triangularFactor(of: stacked(factor, later)) })
    return try reduction.run(count: rows.blocks.count, threads: settings.threads, cancellation: cancellation) {
      index, factor in
      factor = rows.withBlock(index) { block in
        var copy = Matrix(rows: block.rowCount, columns: width)
        for column in 0..<width {
          let values = block.all.column(column)
          for row in 0..<block.rowCount {
            copy[row, column] = block.weights.map { $0[row].squareRoot() * values[row] } ?? values[row]
          }
        }
        return triangularFactor(of: copy)
      }
    }
  }
}

/// One matrix on top of the other.
func stacked(_ top: Matrix, _ bottom: Matrix) -> Matrix {
  var out: [Double] = []
  out.reserveCapacity(top.elements.count + bottom.elements.count)
  for column in 0..<top.columns {
    out.append(contentsOf: top.column(column))
    out.append(contentsOf: bottom.column(column))
  }
  return Matrix(rows: top.rows + bottom.rows, columns: top.columns, elements: out)
}

extension Moments.Survey {
  /// Centres on the means (for an intercept) and scales by powers of two to about unit deviation; constant columns to
  /// 0.
  func frame(centred: Bool, targetCentred: Bool) -> EncodedRows.Frame {
    let means = columnMeans
    let columnCount = origin.count
    return EncodedRows.Frame(
      centre: centred ? Array(means[..<columnCount]) : [Double](repeating: 0, count: columnCount),
      scale: spreads[..<columnCount].map { inversePowerOfTwo(($0 / moments.count).squareRoot()) },
      targetCentre: targetCentred ? moments.means[columnCount] + targetOrigin : 0)
  }
}
