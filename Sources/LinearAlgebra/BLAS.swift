internal import CBLAS

/// The BLAS routines the solvers use, on memory the caller owns, in the calling thread alone.
///
/// Named as BLAS names them, without the letter of the precision. Given the same shapes and values the results have the
/// same bits on one machine; another kernel (`BLASLibrary.identity`) may round differently.
package enum BLAS {
  /// Upper triangle of `c ← alpha · aᵀ·a + beta · c`; `c` is a.columns × a.columns.
  package static func syrk(_ alpha: Double, _ a: MatrixView, into c: MatrixView, beta: Double) {
    BLASLibrary.prepare()
    guard a.columns > 0 else { return }
    cblas_dsyrk(
      CblasColMajor, CblasUpper, CblasTrans, Int32(a.columns), Int32(a.rows), alpha, a.start, Int32(a.leadingDimension),
      beta, c.start, Int32(c.leadingDimension))
  }

  /// `c ← alpha · op(a)·b + beta · c`, where op transposes or not.
  package static func gemm(
    _ alpha: Double, _ a: MatrixView, transposed: Bool = false, _ b: MatrixView, into c: MatrixView, beta: Double
  ) {
    BLASLibrary.prepare()
    guard c.rows > 0, c.columns > 0 else { return }
    cblas_dgemm(
      CblasColMajor, transposed ? CblasTrans : CblasNoTrans, CblasNoTrans, Int32(c.rows), Int32(c.columns),
      Int32(b.rows), alpha, a.start, Int32(a.leadingDimension), b.start, Int32(b.leadingDimension), beta, c.start,
      Int32(c.leadingDimension))
  }

  /// `y ← alpha · op(a)·x + beta · y`, where op transposes or not.
  package static func gemv(
    _ alpha: Double, _ a: MatrixView, transposed: Bool = false, _ x: UnsafePointer<Double>,
    into y: UnsafeMutablePointer<Double>, beta: Double
  ) {
    BLASLibrary.prepare()
    guard a.rows > 0, a.columns > 0 else {
      for index in 0..<(transposed ? a.columns : a.rows) { y[index] = beta == 0 ? 0 : beta * y[index] }
      return
    }
    cblas_dgemv(
      CblasColMajor, transposed ? CblasTrans : CblasNoTrans, Int32(a.rows), Int32(a.columns), alpha, a.start,
      Int32(a.leadingDimension), x, 1, beta, y, 1)
  }

  /// `b ← r⁻¹·b` (or `r⁻ᵀ·b`) for the upper triangle `r`.
  package static func trsm(_ r: MatrixView, transposed: Bool = false, into b: MatrixView) {
    BLASLibrary.prepare()
    guard r.columns > 0, b.columns > 0 else { return }
    cblas_dtrsm(
      CblasColMajor, CblasLeft, CblasUpper, transposed ? CblasTrans : CblasNoTrans, CblasNonUnit, Int32(r.columns),
      Int32(b.columns), 1, r.start, Int32(r.leadingDimension), b.start, Int32(b.leadingDimension))
  }

  /// Upper triangle of `c ← c + alpha · x·xᵀ`.
  package static func syr(_ alpha: Double, _ x: UnsafePointer<Double>, into c: MatrixView) {
    BLASLibrary.prepare()
    guard c.columns > 0 else { return }
    cblas_dsyr(CblasColMajor, CblasUpper, Int32(c.columns), alpha, x, 1, c.start, Int32(c.leadingDimension))
  }
}
