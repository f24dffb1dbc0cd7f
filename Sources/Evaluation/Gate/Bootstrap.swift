package import Basics
import Statistics
import Synchronization

/// How resamples are drawn.
package struct BootstrapSettings: Sendable, Hashable {
  package var seed: UInt64
  package var resamples: Int
  /// At most so many threads work; the result does not depend on it.
  package var threads: Int

  package init(seed: UInt64, resamples: Int = 2000, threads: Int = 1) {
    self.seed = seed
    self.resamples = resamples
    self.threads = threads
  }
}

/// Computes `body` on bootstrap resamples of `rowCount` rows: as many rows drawn with replacement, given as the number of times
/// that each row was drawn. Whatever `body` computes from the weights is paired, as all of it sees the same draw.
///
/// Source: Efron and Tibshirani, *An Introduction to the Bootstrap* (1993), chapters 6 and 16. Resample `i` has a generator of
/// its own, seeded from the seed and `i`, so that results depend neither on threads nor on the order of work. O(resamples × rows).
///
/// Returns what `body` returned, by resample.
package func bootstrap(
  rowCount: Int, _ settings: BootstrapSettings, cancellation: Cancellation,
  _ body: @escaping @Sendable (_ weights: [Double]) -> Double?
) throws -> [Double?] {
  let seed = derivedSeed(settings.seed, "bootstrap")
  let blockSize = 50
  let blocks = (settings.resamples + blockSize - 1) / blockSize
  let results = ResultsByBlock(count: blocks)
  try parallelFor(count: blocks, threads: settings.threads) { block in
    var values: [Double?] = []
    var weights = [Double](repeating: 0, count: rowCount)
    for resample in block * blockSize..<min((block + 1) * blockSize, settings.resamples) {
      try cancellation.check()
      draw(seed: rowHash(seed: seed, row: UInt64(resample)), into: &weights)
      values.append(body(weights))
    }
    results.set(block, values)
  }
  return results.all
}

/// Fills `weights` with the number of times that each row is drawn.
private func draw(seed: UInt64, into weights: inout [Double]) {
  var generator = SeededGenerator(seed: seed)
  let count = weights.count
  weights.withUnsafeMutableBufferPointer { weights in
    weights.update(repeating: 0)
    for _ in 0..<count { weights[generator.nextIndex(below: count)] += 1 }
  }
}

/// What each block of resamples gave, filled in by threads in any order.
private final class ResultsByBlock: Sendable {
  private let blocks: Mutex<[[Double?]]>

  init(count: Int) { blocks = Mutex([[Double?]](repeating: [], count: count)) }

  func set(_ block: Int, _ values: [Double?]) { blocks.withLock { $0[block] = values } }

  var all: [Double?] { blocks.withLock { $0.flatMap { $0 } } }
}
