import CKernels

/// Copies the numbers of some rows, ascending, one after the other: that of row r lies at `from[r − first]`. `out` has room
/// for as many as there are rows, and may be `from`.
package func pickNumbers(
  _ rows: ArraySlice<Int>, first: Int, from: UnsafePointer<Double>, into out: UnsafeMutablePointer<Double>
) {
  rows.withUnsafeBufferPointer { ckernels_pick(from, $0.baseAddress, first, $0.count, out) }
}
