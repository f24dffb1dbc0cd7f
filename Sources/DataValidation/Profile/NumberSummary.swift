import Basics
import Statistics

/// Numbers of some rows, summarised in one pass.
struct NumberSummary: Sendable {
  private(set) var moments = Moments()
  private(set) var minimum = Double.infinity
  private(set) var maximum = -Double.infinity
  private(set) var zeros = 0
  private(set) var distinct = DistinctCounter()
  private var sketch = QuantileSketch()
  private var sampler = Sampler(level: 0, row: 0)
  /// What is not in the sketch yet: numbers that stand for 2^`samplesLevel` each.
  private var samples: [Double] = []
  private var samplesLevel = 0

  /// To be called before the rows of a group come, of which the first is `row` of the table.
  mutating func begin(row: Int) { sampler = Sampler(level: samplingLevel(row: row), row: row) }

  /// Takes the numbers, none of them NaN, of the next rows of the table, of which the first is `row`.
  mutating func insert(_ values: UnsafeBufferPointer<Double>, row: Int) {
    if values.isEmpty { return }
    let extent = Extent(values)
    moments.merge(Moments(values, extent))
    minimum = min(minimum, extent.minimum)
    maximum = max(maximum, extent.maximum)
    zeros += extent.zeros
    distinct.insert(values)
    let level = samplingLevel(row: row)
    if level != sampler.level { sampler = Sampler(level: level, row: row) }
    if level != samplesLevel { flush() }
    samplesLevel = level
    sampler.take(values, into: &samples)
    if samples.count >= 2 * QuantileSketch.capacity { flush() }
  }

  private mutating func flush() {
    sketch.insert(batch: &samples, level: samplesLevel)
    samples.removeAll(keepingCapacity: true)
  }

  /// The numbers for quantiles, and how far ranks may be off, as a share.
  var distribution: (values: WeightedValues, rankError: Double) {
    if let counts = distinct.counts {
      return (WeightedValues(counts.map { (Double(bitPattern: $0.key), $0.count) }), 0)
    }
    var sketch = sketch
    sketch.insert(samples, level: samplesLevel)
    if sketch.isExact { return (sketch.values, 0) }
    return (sketch.values, moments.count > 16_384 ? 0.011 : QuantileSketch.rankError)
  }
}

/// How coarsely numbers are sampled for quantiles, by their row: one of 2ˡᵉᵛᵉˡ. The first 16,384 rows are taken whole; at every
/// doubling of the rows half as many. So n rows take 8,192 samples for each doubling, the variance of a rank is
/// at most n²/65,536 whatever n is, and with that of the sketch it is off by 1.1 % at most with a probability of 99 %.
func samplingLevel(row: Int) -> Int { max(0, Int.bitWidth - row.leadingZeroBitCount - 14) }

/// One number of each run of 2ˡᵉᵛᵉˡ, at a place that a hash of the run's number decides, so that no pattern in the data can
/// hide from it.
private struct Sampler: Sendable {
  let level: Int
  private let seed: UInt64
  private var position = 0
  private var window = 0
  private var next = 0

  init(level: Int, row: Int) {
    self.level = level
    seed = UInt64(row)
    next = place(of: 0)
  }

  private func place(of window: Int) -> Int {
    window << level + Int(truncatingIfNeeded: rowHash(seed: seed, row: UInt64(window)) & (1 << UInt64(level) - 1))
  }

  mutating func take(_ values: UnsafeBufferPointer<Double>, into samples: inout [Double]) {
    if level == 0 { return samples.append(contentsOf: values) }
    while next < position + values.count {
      samples.append(values[next - position])
      window += 1
      next = place(of: window)
    }
    position += values.count
  }
}
