import CKernels

/// Finds the values of some ranks among many numbers exactly, in one pass over them and little memory.
///
/// A sample, whose order tells where each rank lies to within a few standard deviations, gives brackets; the pass counts
/// what lies below, between and above them and keeps what lies inside. Where a rank escapes its bracket, which a sample at
/// random positions lets happen about once in 2,000 times, there is no answer, and all numbers have to be sorted. (The idea is
/// that of Floyd and Rivest, Communications of the ACM 18, 1975.)
package struct RankSelector {
  /// Ends of brackets, ascending, none twice.
  private let bounds: [Double]
  /// The first 16 of them, infinite beyond.
  private var vector = SIMD16<Double>(repeating: .infinity)
  /// Whether what lies strictly between bound i − 1 and bound i is kept.
  private let isKept: [Bool]
  private var between: [Int]
  private var equal: [Int]
  private var kept: [[Double]]

  /// - Parameters:
  ///   - sample: numbers at random positions, in any order; not NaN.
  ///   - ranks: how many numbers come before each one wanted, in ascending order.
  ///   - count: of all numbers.
  package init(sample: [Double], ranks: [Int], of count: Int) {
    var sorted = sample
    sortNumbers(&sorted)
    let size = Double(sorted.count)
    var brackets: [(low: Double, high: Double)] = []
    for rank in ranks {
      let share = (Double(rank) + 0.5) / Double(max(1, count))
      let spread = 3.5 * (size * share * (1 - share)).squareRoot() + 2
      let low = Int((share * size - spread).rounded(.down))
      let high = Int((share * size + spread).rounded(.up))
      brackets.append(
        (low < 0 ? -.infinity : sorted[low], high >= sorted.count ? .infinity : sorted[high]))
    }
    // Brackets that overlap are one.
    brackets.sort { $0.low < $1.low }
    var merged: [(low: Double, high: Double)] = []
    for bracket in brackets {
      if let last = merged.last, bracket.low <= last.high {
        merged[merged.count - 1].high = max(last.high, bracket.high)
      } else {
        merged.append(bracket)
      }
    }
    let bounds = Set(merged.flatMap { [$0.low, $0.high] }).sorted()
    self.bounds = bounds
    for (index, bound) in bounds.prefix(16).enumerated() { vector[index] = bound }
    isKept = (0...bounds.count).map { index in
      guard index > 0, index < bounds.count else { return false }
      return merged.contains { $0.low <= bounds[index - 1] && bounds[index] <= $0.high }
    }
    between = [Int](repeating: 0, count: bounds.count + 1)
    equal = [Int](repeating: 0, count: bounds.count)
    kept = [[Double]](repeating: [], count: bounds.count + 1)
  }

  /// Takes numbers, NaN left out.
  package mutating func add(_ values: UnsafeMutableBufferPointer<Double>) {
    if bounds.count == 2 { return addToOneBracket(values) }
    if bounds.count <= 16 { return addToSome(values) }
    bounds.withUnsafeBufferPointer { bounds in
      for value in values where !value.isNaN {
        var low = 0
        var high = bounds.count
        while low < high {
          let middle = (low + high) >> 1
          if bounds[middle] < value { low = middle + 1 } else { high = middle }
        }
        if low < bounds.count, bounds[low] == value {
          equal[low] += 1
        } else {
          between[low] += 1
          if isKept[low] { kept[low].append(value) }
        }
      }
    }
  }

  /// The same for at most 16 bounds, which are all compared at once: no branch to foretell.
  private mutating func addToSome(_ values: UnsafeMutableBufferPointer<Double>) {
    let vector = vector
    let last = bounds.count
    for value in values where !value.isNaN {
      let place = Int(
        truncatingIfNeeded: SIMD16<Int64>(repeating: 0).replacing(with: 1, where: vector .< value).wrappedSum())
      if place < last, bounds[place] == value {
        equal[place] += 1
      } else {
        between[place] += 1
        if isKept[place] { kept[place].append(value) }
      }
    }
  }

  /// The same for one bracket, without a search.
  private mutating func addToOneBracket(_ values: UnsafeMutableBufferPointer<Double>) {
    guard let start = values.baseAddress else { return }
    var counts = (0, 0, 0, 0)
    withUnsafeTemporaryAllocation(of: Double.self, capacity: values.count + 1) { inside in
      guard let room = inside.baseAddress else { return }
      let count = withUnsafeMutableBytes(of: &counts) { counts in
        ckernels_bracket(
          start, values.count, bounds[0], bounds[1], room, counts.assumingMemoryBound(to: Int.self).baseAddress)
      }
      between[1] += count
      kept[1] += inside[..<count]
    }
    between[0] += counts.0
    equal[0] += counts.1
    equal[1] += counts.2
    between[2] += counts.3
  }

  /// The number of each rank, in the order given; nil where one is not within its bracket.
  package func values(of ranks: [Int]) -> [Double]? {
    var kept = kept
    var out: [Double] = []
    for rank in ranks {
      var rest = rank
      var found: Double?
      for index in 0...bounds.count {
        if rest < between[index] {
          found = isKept[index] ? select(rest, in: &kept[index]) : nil
          break
        }
        rest -= between[index]
        guard index < bounds.count else { break }
        if rest < equal[index] {
          found = bounds[index]
          break
        }
        rest -= equal[index]
      }
      guard let found else { return nil }
      out.append(found)
    }
    return out
  }
}

/// The number of a rank, from 0, by partitions around the middle of three (Hoare's FIND); reorders `values`.
private func select(_ rank: Int, in values: inout [Double]) -> Double {
  var low = 0
  var high = values.count - 1
  while low < high {
    let middle = low + (high - low) / 2
    if values[middle] < values[low] { values.swapAt(middle, low) }
    if values[high] < values[low] { values.swapAt(high, low) }
    if values[high] < values[middle] { values.swapAt(high, middle) }
    let pivot = values[middle]
    var left = low
    var right = high
    while left <= right {
      while values[left] < pivot { left += 1 }
      while pivot < values[right] { right -= 1 }
      if left <= right {
        values.swapAt(left, right)
        left += 1
        right -= 1
      }
    }
    if rank <= right { high = right } else if rank >= left { low = left } else { return values[rank] }
  }
  return values[rank]
}

/// Which of the numbers that go by belong to a sample: one at a random place of each run of `stride`, by a hash of its
/// number, so that no pattern in the data can hide from it.
package struct StratifiedSample {
  package private(set) var values: [Double] = []
  private let stride: Int
  private var position = 0
  private var window = 0
  private var next: Int

  /// A sample of about `size` of `count` numbers; all of them where they are not many more.
  package init(size: Int, of count: Int) {
    stride = count < 4 * size ? 1 : count / size
    values.reserveCapacity(count / stride + 1)
    next = 0
    next = place(of: 0)
  }

  private func place(of window: Int) -> Int {
    window * stride + (stride == 1 ? 0 : Int(rowHash(seed: 0, row: UInt64(window)) % UInt64(stride)))
  }

  /// Takes the next numbers in order; NaN is left out.
  package mutating func add(_ block: UnsafeMutableBufferPointer<Double>) {
    while next < position + block.count {
      let value = block[next - position]
      if !value.isNaN { values.append(value) }
      window += 1
      next = place(of: window)
    }
    position += block.count
  }

  /// Whether every number is in the sample.
  package var isWhole: Bool { stride == 1 }
}
