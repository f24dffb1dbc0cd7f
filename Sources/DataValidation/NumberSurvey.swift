import Basics
import Statistics
import Tabular

/// What a first pass over the numbers of a column tells.
struct NumberSurvey {
  /// Numbers that are not missing.
  private(set) var count = 0
  private(set) var minimum = Double.infinity
  private(set) var maximum = -Double.infinity
  private(set) var sum = 0.0
  /// Distinct numbers; nil beyond `ColumnProfile.distinctLimit`.
  private(set) var distinct: Int? = 0
  fileprivate var sample: StratifiedSample

  /// Looks at `rows`, in ascending order; at all when nil. Throws `Cancelled`.
  init(_ column: Column, rows: [Int]?, _ cancellation: Cancellation) throws {
    sample = StratifiedSample(size: 32_768, of: rows?.count ?? column.rowCount)
    var sums = CompensatedSum()
    // By bits, 0 and -0 being one.
    var seen: Set<UInt64> = []
    var last = Double.nan
    try column.eachBlock(of: rows, cancellation) { values in
      sample.add(values)
      for value in values where !value.isNaN {
        count += 1
        minimum = min(minimum, value)
        maximum = max(maximum, value)
        sums.add(value)
        if value != last, seen.count <= ColumnProfile.distinctLimit { seen.insert((value + 0).bitPattern) }
        last = value
      }
    }
    sum = sums.value
    distinct = seen.count > ColumnProfile.distinctLimit ? nil : seen.count
  }
}

extension ColumnProfile.Numbers {
  /// Deviation, histogram and quantiles in a second pass. Nil for no numbers.
  init?(_ survey: NumberSurvey, _ column: Column, rows: [Int]?, _ cancellation: Cancellation) throws {
    guard survey.count > 0 else { return nil }
    let count = survey.count
    let (low, high) = (survey.minimum, survey.maximum)
    let mean = survey.sum / Double(count)
    var squares = CompensatedSum()
    let binCount = low == high ? 1 : Self.binCount
    var bins = [Int](repeating: 0, count: binCount)
    // Halves keep the width finite where the span is not.
    let width = (high / 2 - low / 2) / Double(binCount) * 2
    let isWide = width > 0 && width.isFinite
    // The numbers on both sides of each quantile.
    let positions = Self.probabilities.map { Double(count - 1) * $0 }
    let lower = positions.map { Int($0) }
    let upper = lower.map { Swift.min(count - 1, $0 + 1) }
    // The ends are known.
    let ranks = Set(lower + upper).subtracting([0, count - 1]).sorted()
    var selector = survey.sample.isWhole ? nil : RankSelector(sample: survey.sample.values, ranks: ranks, of: count)
    try column.eachBlock(of: rows, cancellation) { values in
      for value in values where !value.isNaN {
        squares.add((value - mean) * (value - mean))
        let bin = isWide ? Int((value / 2 - low / 2) / width * 2) : 0
        bins[Swift.min(bin, binCount - 1)] += 1
      }
      selector?.add(values)
    }
    min = low
    max = high
    self.mean = mean
    deviation = (squares.value / Double(count)).squareRoot()
    histogram = bins
    if let found = selector?.values(of: ranks) {
      var byRank = Dictionary(uniqueKeysWithValues: zip(ranks, found))
      byRank[0] = low
      byRank[count - 1] = high
      quantiles = positions.indices.map { index in
        let pair: [Double] = [byRank[lower[index]] ?? .nan, byRank[upper[index]] ?? .nan]
        return quantile(sorted: pair, positions[index] - Double(lower[index]))
      }
    } else {
      var all = survey.sample.isWhole ? survey.sample.values : []
      if all.isEmpty {
        all.reserveCapacity(count)
        try column.eachBlock(of: rows, cancellation) { values in
          for value in values where !value.isNaN { all.append(value) }
        }
      }
      all.sort()
      quantiles = Self.probabilities.map { quantile(sorted: all, $0) }
    }
  }
}

extension Column {
  /// Calls `body` with the numbers of `rows`, in ascending order (of all when nil), some thousand at a time, NaN where
  /// missing.
  func eachBlock(
    of rows: [Int]?, _ cancellation: Cancellation, _ body: (UnsafeMutableBufferPointer<Double>) -> Void
  ) throws {
    let size = 8192
    var next = 0
    var values = [Double](repeating: 0, count: min(size, rowCount))
    for start in stride(from: 0, to: rowCount, by: size) {
      try cancellation.check()
      let block = start..<Swift.min(start + size, rowCount)
      values.withUnsafeMutableBufferPointer { buffer in
        guard let rows else {
          readNumbers(block, into: UnsafeMutableBufferPointer(rebasing: buffer[..<block.count]))
          return body(UnsafeMutableBufferPointer(rebasing: buffer[..<block.count]))
        }
        guard next < rows.count, rows[next] < block.upperBound else { return }
        readNumbers(block, into: UnsafeMutableBufferPointer(rebasing: buffer[..<block.count]))
        var count = 0
        while next < rows.count, rows[next] < block.upperBound {
          buffer[count] = buffer[rows[next] - start]
          count += 1
          next += 1
        }
        body(UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
      }
    }
  }
}
