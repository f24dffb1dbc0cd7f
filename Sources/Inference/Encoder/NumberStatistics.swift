import Statistics
import Tabular

/// The numbers of a column, or a part of its dates, in some rows of a table; read block by block in bounded memory.
struct NumberSource {
  let column: Column
  let part: DatePart?
  let selection: RowSelection

  /// Calls `body` with the selected numbers of each block of rows in order, NaN where missing.
  func eachBlock(_ body: (UnsafeMutableBufferPointer<Double>) -> Void) {
    let size = min(RowSelection.blockRows, max(1, column.rowCount))
    withUnsafeTemporaryAllocation(of: Double.self, capacity: size) { buffer in
      buffer.initialize(repeating: 0)
      selection.eachBlock(of: column.rowCount) { block, selected in
        let values = UnsafeMutableBufferPointer(rebasing: buffer[0..<block.count])
        column.readNumbers(block, into: values)
        var count = block.count
        if let selected {
          for (at, row) in selected.enumerated() { values[at] = values[row - block.lowerBound] }
          count = selected.count
        }
        let chosen = UnsafeMutableBufferPointer(rebasing: values[0..<count])
        if let part {
          for at in chosen.indices { chosen[at] = part.value(daysSinceEpoch: chosen[at]) }
        }
        body(chosen)
      }
    }
  }

  /// Σ f(x) over what is not missing: within a block in order, then the blocks by pairs.
  func sum(_ term: (Double) -> Double) -> Double {
    var sums: [Double] = []
    eachBlock { values in
      var sum = 0.0
      for value in values where !value.isNaN { sum += term(value) }
      sums.append(sum)
    }
    return pairwiseSum(sums)
  }
}

/// What fitting needs to know of numbers.
struct NumberStatistics {
  /// Numbers that are there, and those that are missing.
  let count: Int
  let missing: Int
  /// Infinite and its negative when there are none.
  let minimum: Double
  let maximum: Double

  init(_ source: NumberSource) {
    var count = 0
    var missing = 0
    var minimum = Double.infinity
    var maximum = -Double.infinity
    source.eachBlock { values in
      for value in values {
        if value.isNaN {
          missing += 1
          continue
        }
        count += 1
        minimum = min(minimum, value)
        maximum = max(maximum, value)
      }
    }
    self.count = count
    self.missing = missing
    self.minimum = minimum
    self.maximum = maximum
  }

  /// The mean of the numbers that are there.
  func mean(_ source: NumberSource) -> Double {
    source.sum { $0 } / Double(count)
  }

  /// Mean and deviation (divisor n) with `standIn` in place of each missing number: mean by sums, deviation in a second
  /// pass over (x − mean) / range, which neither overflows nor vanishes.
  func moments(_ source: NumberSource, standIn: Double) -> (mean: Double, deviation: Double) {
    let rows = Double(count + missing)
    let mean = (source.sum { $0 } + (missing == 0 ? 0 : Double(missing) * standIn)) / rows
    let low = missing == 0 ? minimum : min(minimum, standIn)
    let high = missing == 0 ? maximum : max(maximum, standIn)
    let range = high - low
    func square(_ value: Double) -> Double {
      let share = (value - mean) / range
      return share * share
    }
    let squares = source.sum(square) + (missing == 0 ? 0 : Double(missing) * square(standIn))
    return (mean, range * (squares / rows).squareRoot())
  }

  /// The exact median of the numbers that are there, the mean of the middle two of an even count.
  ///
  /// Selection by digits of the bit pattern, whose order is that of the numbers: six passes over the column and 2,048
  /// counters, whatever the number of rows; one more pass for an even count.
  func median(_ source: NumberSource) -> Double {
    let lower = select((count - 1) / 2, source)
    if count % 2 == 1 { return lower }
    var upTo = 0
    var next = Double.infinity
    source.eachBlock { values in
      for value in values {
        if value <= lower { upTo += 1 } else if value < next { next = value }
      }
    }
    let upper = upTo > count / 2 ? lower : next
    return lower == upper ? lower : lower + (upper - lower) / 2
  }

  /// The number with `rank` (from 0) smaller or equal ones before it.
  private func select(_ rank: Int, _ source: NumberSource) -> Double {
    var rank = rank
    var prefix: UInt64 = 0
    var known: UInt64 = 0
    for shift in stride(from: 55, through: 0, by: -11) as StrideThrough<Int> {
      let digitBits = UInt64(0x7FF) << UInt64(shift)
      var counts = [Int](repeating: 0, count: 2048)
      source.eachBlock { values in
        for value in values where !value.isNaN {
          let key = orderedBits(value)
          if key & known == prefix { counts[Int((key & digitBits) >> UInt64(shift))] += 1 }
        }
      }
      var digit = 0
      while digit < 2047, counts[digit] <= rank {
        rank -= counts[digit]
        digit += 1
      }
      prefix |= UInt64(digit) << UInt64(shift)
      known |= digitBits
    }
    return fromOrderedBits(prefix)
  }
}

/// A pattern whose order as an integer is the order of the doubles; -0 counts as 0.
private func orderedBits(_ value: Double) -> UInt64 {
  let bits = (value + 0).bitPattern
  return bits >> 63 == 1 ? ~bits : bits | 1 << 63
}

private func fromOrderedBits(_ bits: UInt64) -> Double {
  Double(bitPattern: bits >> 63 == 1 ? bits & ~(1 << 63) : ~bits)
}
