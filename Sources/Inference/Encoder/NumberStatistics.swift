import CKernels
import Statistics
import Tabular

/// The numbers of a column, or a part of its dates, in some rows of a table; read block by block in bounded memory.
struct NumberSource {
  let column: Column
  let part: DatePart?
  let selection: RowSelection
  /// Of the selection, where it has one.
  var mask: RowMask?
  /// How much each selected row counts; nil where all count alike.
  var weights: [Double]?

  /// Calls `body` with the selected numbers of each block of rows in order, NaN where missing.
  func eachBlock(_ body: (UnsafeMutableBufferPointer<Double>) -> Void) {
    eachBlock { values, _ in body(values) }
  }

  /// The same with the position of the first number within the selection.
  func eachBlock(_ body: (_ values: UnsafeMutableBufferPointer<Double>, _ at: Int) -> Void) {
    let size = min(RowSelection.blockRows, max(1, column.rowCount))
    let mask = mask ?? selection.mask(of: column.rowCount)
    var at = 0
    withUnsafeTemporaryAllocation(of: Double.self, capacity: size) { buffer in
      buffer.initialize(repeating: 0)
      guard let start = buffer.baseAddress else { return }
      for first in stride(from: 0, to: column.rowCount, by: size) {
        let block = first..<min(first + size, column.rowCount)
        var count = mask.map { $0.rank(of: block.upperBound) - $0.rank(of: block.lowerBound) } ?? block.count
        if count == 0 { continue }
        let inPlace = mask == nil ? nil : column.numbersInPlace(block)
        if inPlace == nil {
          column.readNumbers(block, into: UnsafeMutableBufferPointer(rebasing: buffer[..<block.count]))
        }
        if let mask { count = mask.pick(block, from: inPlace ?? UnsafePointer(start), into: start) }
        let chosen = UnsafeMutableBufferPointer(rebasing: buffer[..<count])
        part?.replace(chosen, of: column.type)
        body(chosen, at)
        at += count
      }
    }
  }
}

/// What fitting an encoder needs to know of numbers: found in two passes over them, or three where some are missing.
struct NumberStatistics {
  /// Numbers that are there, and those that are missing.
  private(set) var count = 0
  private(set) var missing = 0
  /// Infinite and its negative when there are none.
  private(set) var minimum = Double.infinity
  private(set) var maximum = -Double.infinity
  /// What stands in for a missing number; nil when nothing does.
  private(set) var impute: Double?
  /// Mean and deviation (divisor n) with the stand-in in place of each missing number; only where they are asked for and
  /// not all numbers are the same.
  private(set) var mean = 0.0
  private(set) var deviation = 0.0

  /// The smallest and the largest number, the stand-in among them where it is needed.
  var range: (low: Double, high: Double) {
    let standIn = missing > 0 ? impute ?? 0 : minimum
    return (min(minimum, standIn), max(maximum, standIn))
  }

  /// √(mean² + deviation²), which neither overflows nor vanishes.
  var rootMeanSquare: Double {
    let size = max(abs(mean), deviation)
    let (first, second) = (mean / size, deviation / size)
    return size * (first * first + second * second).squareRoot()
  }

  /// Sums are taken over blocks of 4,096 rows of the table and added by pairs, so the result depends on the rows alone.
  init(_ source: NumberSource, impute rule: EncoderSettings.Impute, needsMoments: Bool) {
    let total = source.selection.count(of: source.column.rowCount)
    var sample = StratifiedSample(size: 8192, of: total)
    let sums = survey(source, &sample, sampling: rule == .median && source.weights == nil)
    if count == 0 { return }
    let presentMean = sums.sum / sums.weight
    // Without gaps the mean is known by now, and the deviation can be had while the median is looked for.
    if missing == 0 { mean = presentMean }
    var median: Double?
    if rule == .median {
      if source.weights != nil {
        median = weightedMedian(source)
      } else if sample.isWhole {
        median = self.median(of: sample.values)
      } else {
        median = selectMedian(source, sample, needsMoments: needsMoments && missing == 0 && minimum < maximum)
      }
    }
    switch rule {
    case .median: impute = median
    case .mean: impute = presentMean
    case .zero: impute = 0
    case .none: impute = nil
    }
    let (low, high) = range
    guard needsMoments, low < high else { return }
    if missing > 0 {
      mean = (sums.sum + sums.missingWeight * (impute ?? 0)) / (sums.weight + sums.missingWeight)
    } else if deviation > 0 {
      return
    }
    deviation = self.deviation(source, low: low, high: high)
  }

  private struct Sums {
    var sum = 0.0
    var weight = 0.0
    var missingWeight = 0.0
  }

  /// The first pass.
  private mutating func survey(
    _ source: NumberSource, _ sample: inout StratifiedSample, sampling: Bool
  ) -> Sums {
    var (count, missing) = (0, 0)
    var (minimum, maximum) = (Double.infinity, -Double.infinity)
    var sums: [Double] = []
    var weights: [Double] = []
    var missingWeight = 0.0
    source.eachBlock { values, at in
      if sampling { sample.add(values) }
      guard let start = values.baseAddress else { return }
      var (sum, least, greatest) = (0.0, 0.0, 0.0)
      let present = ckernels_survey(start, values.count, &sum, &least, &greatest)
      minimum = min(minimum, least)
      maximum = max(maximum, greatest)
      count += present
      missing += values.count - present
      guard let own = source.weights else {
        sums.append(sum)
        weights.append(Double(present))
        missingWeight += Double(values.count - present)
        return
      }
      var weight = 0.0
      sum = 0
      for index in values.indices {
        if values[index].isNaN {
          missingWeight += own[at + index]
        } else {
          sum += own[at + index] * values[index]
          weight += own[at + index]
        }
      }
      sums.append(sum)
      weights.append(weight)
    }
    (self.count, self.missing, self.minimum, self.maximum) = (count, missing, minimum, maximum)
    return Sums(sum: pairwiseSum(sums), weight: pairwiseSum(weights), missingWeight: missingWeight)
  }

  /// √(Σ w·((x − mean)/range)² / Σ w) · range, which neither overflows nor vanishes.
  private func deviation(_ source: NumberSource, low: Double, high: Double) -> Double {
    let standIn = impute ?? 0
    var sums: [Double] = []
    var weights: [Double] = []
    source.eachBlock { values, at in
      let (sum, weight) = squares(values, at, source.weights, standIn: standIn, span: high - low)
      sums.append(sum)
      weights.append(weight)
    }
    return (high - low) * (pairwiseSum(sums) / pairwiseSum(weights)).squareRoot()
  }

  private func squares(
    _ values: UnsafeMutableBufferPointer<Double>, _ at: Int, _ own: [Double]?, standIn: Double, span: Double
  ) -> (sum: Double, weight: Double) {
    guard let own else {
      let sum = values.baseAddress.map { ckernels_deviations($0, values.count, standIn, mean, span) }
      return (sum ?? 0, Double(values.count))
    }
    var (sum, weight) = (0.0, 0.0)
    for index in values.indices {
      let share = ((values[index].isNaN ? standIn : values[index]) - mean) / span
      sum += own[at + index] * share * share
      weight += own[at + index]
    }
    return (sum, weight)
  }

  /// The exact median of the numbers that are there, the mean of the middle two of an even count, and in the same pass the
  /// deviation where it is wanted.
  private mutating func selectMedian(
    _ source: NumberSource, _ sample: StratifiedSample, needsMoments: Bool
  ) -> Double {
    let ranks = [(count - 1) / 2, count / 2]
    var selector = RankSelector(sample: sample.values, ranks: ranks, of: count)
    let span = maximum - minimum
    var sums: [Double] = []
    source.eachBlock { values, at in
      if needsMoments { sums.append(squares(values, at, nil, standIn: 0, span: span).sum) }
      selector.add(values)
    }
    if needsMoments { deviation = span * (pairwiseSum(sums) / Double(count)).squareRoot() }
    if let middle = selector.values(of: ranks) { return centre(middle[0], middle[1]) }
    var all: [Double] = []
    all.reserveCapacity(count)
    source.eachBlock { values in
      for value in values where !value.isNaN { all.append(value) }
    }
    return median(of: all)
  }

  private func median(of numbers: [Double]) -> Double {
    var values = numbers
    sortNumbers(&values)
    return values.isEmpty ? 0 : centre(values[(values.count - 1) / 2], values[values.count / 2])
  }

  private func centre(_ lower: Double, _ upper: Double) -> Double {
    lower == upper ? lower : lower + (upper - lower) / 2
  }

  /// The number at which half of the weight is reached, and the mean with the next one where it is reached exactly: for
  /// whole weights the median of rows that stand there so many times.
  private func weightedMedian(_ source: NumberSource) -> Double {
    var all: [(value: Double, weight: Double)] = []
    all.reserveCapacity(count)
    source.eachBlock { values, at in
      for index in values.indices where !values[index].isNaN {
        all.append((values[index], source.weights?[at + index] ?? 1))
      }
    }
    all.sort { $0.value < $1.value }
    let half = compensatedSum(all.lazy.map(\.weight)) / 2
    var reached = CompensatedSum()
    for (index, entry) in all.enumerated() {
      reached.add(entry.weight)
      if reached.value > half { return entry.value }
      if reached.value == half {
        return index + 1 < all.count ? centre(entry.value, all[index + 1].value) : entry.value
      }
    }
    return all.last?.value ?? 0
  }
}
