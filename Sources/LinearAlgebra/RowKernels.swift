internal import CKernels

/// Products of tall blocks of rows: what training does with every row, again and again.
///
/// Our own code instead of BLAS, because Debian's OpenBLAS falls back to its slowest kernels on processors newer than
/// itself (decision 10). Row counts are rounded up to a multiple of `rowMultiple`: whoever makes a block pads it with
/// rows of zeros. The bits are the same on every processor with fused multiply-add, and on any number of threads.
package enum RowKernels {
  /// Rows of a block come in this many.
  package static let rowMultiple = 8

  /// `rows` rounded up to what the kernels take.
  package static func padded(_ rows: Int) -> Int { (rows + rowMultiple - 1) / rowMultiple * rowMultiple }

  /// Which instructions are in use: `avx512`, `avx2` or `baseline`.
  package static var instructions: String { String(cString: ckernels_instructions()) }

  /// What decides the last bits of sums: `fma` or `no fma`.
  package static var identity: String { instructions == "baseline" ? "no fma" : "fma" }

  /// Calls `body` with another set of instructions, in the calling thread alone; nil where this processor does not have it.
  /// For tests and benchmarks.
  package static func using<Result>(_ instructions: String, _ body: () throws -> Result) rethrows -> Result? {
    guard ckernels_use(instructions) != 0 else { return nil }
    defer { _ = ckernels_use(nil) }
    return try body()
  }

  /// Upper triangle of `c += xᵀ·x`. `next` is a block laid out as `x` that is read next, to be fetched from memory meanwhile:
  /// 1.2 times as fast on rows that are not in cache.
  package static func addGram(_ x: MatrixView, next: UnsafePointer<Double>? = nil, into c: MatrixView) {
    guard x.columns > 0 else { return }
    ckernels_gram(x.start, x.leadingDimension, padded(x.rows), x.columns, c.start, c.leadingDimension, next)
  }

  /// Upper triangle of `c += xᵀ·diag(d)·x`, where `scratch` has room for `diag(d)·x`. `d` is padded with zeros.
  package static func addWeightedGram(
    _ x: MatrixView, _ d: UnsafePointer<Double>, scratch: MatrixView, into c: MatrixView
  ) {
    guard x.columns > 0 else { return }
    let rows = padded(x.rows)
    ckernels_scale_rows(x.start, x.leadingDimension, rows, x.columns, d, scratch.start, scratch.leadingDimension)
    ckernels_cross_upper(
      x.start, x.leadingDimension, scratch.start, scratch.leadingDimension, rows, x.columns, c.start,
      c.leadingDimension)
  }

  /// `c += xᵀ·y`.
  package static func addProduct(_ x: MatrixView, _ y: MatrixView, into c: MatrixView) {
    guard x.columns > 0, y.columns > 0 else { return }
    ckernels_cross(
      x.start, x.leadingDimension, x.columns, y.start, y.leadingDimension, y.columns, padded(x.rows), c.start,
      c.leadingDimension)
  }

  /// `z = x·w`; `w` is x.columns × z.columns with leading dimension `stride`.
  package static func scores(_ x: MatrixView, _ w: UnsafePointer<Double>, stride: Int, into z: MatrixView) {
    ckernels_scores(
      x.start, x.leadingDimension, padded(x.rows), x.columns, w, stride, z.columns, z.start, z.leadingDimension)
  }

  /// `y = diag(d)·x`.
  package static func scaleRows(_ x: MatrixView, _ d: UnsafePointer<Double>, into y: MatrixView) {
    ckernels_scale_rows(
      x.start, x.leadingDimension, padded(x.rows), x.columns, d, y.start, y.leadingDimension)
  }

  /// `sums[j] += Σ d·x²` down each column.
  package static func addSquares(
    _ x: MatrixView, _ d: UnsafePointer<Double>, into sums: UnsafeMutablePointer<Double>
  ) {
    ckernels_squares(x.start, x.leadingDimension, padded(x.rows), x.columns, d, sums)
  }
}

/// Losses of a block's rows, by the same means. Arrays reach to the padded row count; what is written beyond the last row
/// is 0. Weights and offsets may be nil.
extension RowKernels {
  /// `Σ v·ln(1 + e^(−m))`, m = ±score by the target (0 or 1), the least m of rows with a weight, and Pearson's
  /// `Σ v·(p − y)²/(p·(1 − p))`. Scores become `v·(p − y)`, `curvature` becomes `v·p·(1 − p)`.
  package static func logistic(
    scores: UnsafeMutablePointer<Double>, targets: UnsafePointer<Double>, weights: UnsafePointer<Double>?, rows: Int,
    curvature: UnsafeMutablePointer<Double>?
  ) -> (loss: Double, margin: Double, pearson: Double) {
    var (margin, pearson) = (0.0, 0.0)
    let loss = ckernels_logistic(scores, targets, weights, rows, curvature, &margin, &pearson)
    return (loss, margin, pearson)
  }

  /// `Σ v·(eˢ − y·s)`, s = score + offset. Scores become `v·(eˢ − y)`, `curvature` becomes `v·eˢ`.
  package static func poisson(
    scores: UnsafeMutablePointer<Double>, targets: UnsafePointer<Double>, weights: UnsafePointer<Double>?,
    offsets: UnsafePointer<Double>?, rows: Int, curvature: UnsafeMutablePointer<Double>?
  ) -> Double {
    ckernels_poisson(scores, targets, weights, offsets, rows, curvature)
  }

  /// `Σ v·(ln Σ eˢ − s_y)`, and the least lead of the right class. Scores, a class a column, become probabilities.
  package static func softmax(
    scores: MatrixView, targets: UnsafePointer<Double>, weights: UnsafePointer<Double>?
  ) -> (loss: Double, margin: Double) {
    var margin = 0.0
    let loss = ckernels_softmax(
      scores.start, scores.leadingDimension, scores.columns, targets, weights, scores.rows, &margin)
    return (loss, margin)
  }

  /// Turns probabilities into `v·(p − [class = target])`.
  package static func softmaxResiduals(
    scores: MatrixView, targets: UnsafePointer<Double>, weights: UnsafePointer<Double>?
  ) {
    ckernels_softmax_residuals(
      scores.start, scores.leadingDimension, scores.columns, targets, weights, scores.rows)
  }

  /// `to = v·a·b`.
  package static func multiply(
    _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, weights: UnsafePointer<Double>?, rows: Int,
    into to: UnsafeMutablePointer<Double>
  ) {
    ckernels_multiply(a, b, weights, rows, to)
  }
}
