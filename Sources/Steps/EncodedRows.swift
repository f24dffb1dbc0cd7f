import Inference
import Learning
import Synchronization

/// Chosen rows of a table as `Learning` reads them: encoded on the fly by a fitted encoder, with their targets. What of it is
/// worth keeping between passes, `Learning` keeps.
struct EncodedRows: DesignSource {
  let encoder: BoundEncoder
  let rows: RowSelection
  /// One a chosen row, as are weights and offsets.
  let targets: [Double]
  var weights: [Double]?
  var offsets: [Double]?
  /// Where to say what could not be encoded.
  let failures: EncodingFailures

  var rowCount: Int { targets.count }
  var columnCount: Int { encoder.encoder.columnCount }
  var hasWeights: Bool { weights != nil }
  var hasOffsets: Bool { offsets != nil }

  func readTargets(_ range: Range<Int>, into out: UnsafeMutableBufferPointer<Double>) { copy(targets, range, out) }

  func readWeights(_ range: Range<Int>, into out: UnsafeMutableBufferPointer<Double>) {
    if let weights { copy(weights, range, out) }
  }

  func readOffsets(_ range: Range<Int>, into out: UnsafeMutableBufferPointer<Double>) {
    if let offsets { copy(offsets, range, out) }
  }

  private func copy(_ values: [Double], _ range: Range<Int>, _ out: UnsafeMutableBufferPointer<Double>) {
    for (offset, index) in range.enumerated() { out[offset] = values[index] }
  }

  func readDesign(_ range: Range<Int>, into out: UnsafeMutableBufferPointer<Double>, leadingDimension: Int) {
    do {
      try encoder.encode(rows, range, into: out, leadingDimension: leadingDimension)
    } catch {
      // Rows held out of the fit may have a gap where nothing is imputed, or a number that is too far away.
      failures.note(error)
      for column in 0..<columnCount {
        for offset in 0..<range.count { out[column * leadingDimension + offset] = .nan }
      }
    }
  }
}

/// What went wrong while rows were encoded for a solver, which only sees that numbers are not finite.
final class EncodingFailures: Sendable {
  private let first = Mutex<InferenceError?>(nil)

  func note(_ error: InferenceError) {
    first.withLock { if $0 == nil { $0 = error } }
  }

  /// Calls `body` and throws what was noted meanwhile rather than what the solver made of it.
  func telling<Value>(_ body: () throws -> Value) throws -> Value {
    let result = Result { try body() }
    if let error = first.withLock({ $0 }) { throw error }
    return try result.get()
  }
}
