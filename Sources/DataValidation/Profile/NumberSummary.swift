import Basics
import Statistics

/// Numbers of some rows, summarised in one pass.
struct NumberSummary: Sendable {
  private(set) var moments = Moments()
  private(set) var minimum = Double.infinity
  private(set) var maximum = -Double.infinity
  private(set) var zeros = 0
  private var doubles = DistinctCounter()
  /// Whole numbers from 2⁵³ on, which as doubles would fall together; nil as long as there are none.
  private var wholes: WholeExtremes?
  private var sketch = QuantileSketch()
  private var sampler = Sampler(level: 0, row: 0)
  /// What is not in the sketch yet: numbers that stand for 2^`samplesLevel` each.
  private var samples: [Double] = []
  private var samplesLevel = 0

  /// To be called before the rows of a group come, of which the first is `row` of the table.
  mutating func begin(row: Int) { sampler = Sampler(level: samplingLevel(row: row), row: row) }

  /// Takes the numbers, none of them NaN, of the next rows of the table, of which the first is `row`. `integers` gives the
  /// same numbers exactly where they are integers, and is asked only where doubles are not exact.
  mutating func insert(_ values: UnsafeBufferPointer<Double>, row: Int, integers: (() -> [Int64])? = nil) {
    if values.isEmpty { return }
    let extent = Extent(values)
    moments.merge(Moments(values, extent))
    minimum = min(minimum, extent.minimum)
    maximum = max(maximum, extent.maximum)
    zeros += extent.zeros
    if let integers, max(extent.maximum, -extent.minimum) >= WholeExtremes.bound {
      let found = integers()
      var all = wholes ?? WholeExtremes()
      all.insert(found)
      wholes = all
      let small = found.compactMap { $0.magnitude < 1 << 53 ? Double($0) : nil }
      small.withUnsafeBufferPointer { doubles.insert($0) }
    } else {
      doubles.insert(values)
    }
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

  /// How many different numbers there are, and whether that is exact.
  var distinct: ColumnProfile.Distinct {
    let large = wholes?.distinct ?? DistinctCounter()
    let isExact = doubles.isExact && large.isExact
    return ColumnProfile.Distinct(count: min(moments.count, doubles.estimate + large.estimate), isExact: isExact)
  }

  /// The smallest and the largest number, where one of them is a whole number that no double holds.
  var wholeExtent: (min: Int64, max: Int64)? {
    guard let wholes else { return nil }
    // The other end may be a small number.
    let isLowLarge = minimum.magnitude >= WholeExtremes.bound
    let isHighLarge = maximum.magnitude >= WholeExtremes.bound
    return (isLowLarge ? wholes.least : Int64(minimum), isHighLarge ? wholes.greatest : Int64(maximum))
  }

  /// The numbers for quantiles, and how far ranks may be off, as a share.
  var distribution: (values: WeightedValues, rankError: Double) {
    if let small = doubles.counts, let large = (wholes?.distinct ?? DistinctCounter()).counts {
      return (
        WeightedValues(
          small.map { (Double(bitPattern: $0.key), $0.count) }
            + large.map { (Double(Int64(bitPattern: $0.key)), $0.count) }), 0
      )
    }
    var sketch = sketch
    sketch.insert(samples, level: samplesLevel)
    if sketch.isExact { return (sketch.values, 0) }
    return (sketch.values, moments.count > 16_384 ? 0.011 : QuantileSketch.rankError)
  }
}

/// Whole numbers so large that doubles do not tell them apart.
private struct WholeExtremes: Sendable {
  /// From here on a double may stand for several.
  static let bound = 0x1p53

  /// Of numbers from `bound` on, or from its negative down.
  private(set) var least = Int64.max
  private(set) var greatest = Int64.min
  private(set) var distinct = DistinctCounter()

  mutating func insert(_ values: [Int64]) {
    for value in values where value.magnitude >= 1 << 53 {
      least = min(least, value)
      greatest = max(greatest, value)
      distinct.insert(key: UInt64(bitPattern: value))
    }
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
