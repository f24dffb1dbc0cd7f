internal import CSketches

/// How far some numbers reach, and their sum: what one look at each of them tells. The bits are the same on every processor.
package struct Extent: Sendable, Hashable {
  package private(set) var minimum = Double.infinity
  package private(set) var maximum = -Double.infinity
  package private(set) var zeros = 0
  /// The sum of the numbers, each less the first.
  let shiftedSum: Double

  /// Of some numbers, neither NaN nor infinite. O(n), one pass.
  package init(_ values: UnsafeBufferPointer<Double>) {
    guard let start = values.baseAddress, let first = values.first else {
      shiftedSum = 0
      return
    }
    let found = csketches_reach(start, Int64(values.count), first)
    shiftedSum = found.sum
    minimum = found.low
    maximum = found.high
    zeros = Int(found.zeros)
  }

  /// The sum of the squares of numbers less `mean`.
  static func squares(_ values: UnsafeBufferPointer<Double>, around mean: Double) -> Double {
    values.baseAddress.map { csketches_squares($0, Int64(values.count), mean) } ?? 0
  }
}

/// The processor's instructions that sketches use.
package enum SketchKernels {
  /// `avx512`, `avx2` or `baseline`.
  package static var instructions: String { String(cString: csketches_instructions()) }

  /// Calls `body` with another set of instructions, in the calling thread alone; nil where this processor does not have it.
  /// For tests.
  package static func using<Result>(_ instructions: String, _ body: () throws -> Result) rethrows -> Result? {
    guard csketches_use(instructions) != 0 else { return nil }
    defer { _ = csketches_use(nil) }
    return try body()
  }
}
