internal import CSketches

/// An estimate of how many different values went by, in 8 KiB.
///
/// Flajolet, Fusy, Gandouet and Meunier, "HyperLogLog" (AofA 2007), with the estimator of Ertl, "New cardinality estimation
/// algorithms for HyperLogLog sketches" (arXiv:1702.01284, algorithm 6), which needs no table of biases and holds for
/// small and large numbers alike. The relative standard error is 1.04/√8192, see `relativeError`.
///
/// The registers depend on the set of hashes alone: not on their order, nor on how they were cut into pieces and merged.
package struct HyperLogLog: Sendable, Hashable {
  /// 2¹³ registers.
  static let bits: UInt64 = 13
  static let registerCount = 1 << Int(bits)

  /// One standard deviation of the estimate, as a share of it.
  package static let relativeError = 0.0115

  private(set) var registers = [UInt8](repeating: 0, count: registerCount)
  /// What every register had at least when last looked at, and numbers that were counted since.
  private var floor: UInt8 = 0
  private var sinceFloor = 0
  /// Numbers between two looks at the smallest register.
  private static let floorInterval = 32_768

  package init() {}

  package static func == (left: HyperLogLog, right: HyperLogLog) -> Bool { left.registers == right.registers }

  package func hash(into hasher: inout Hasher) { hasher.combine(registers) }

  /// Counts values by their hashes (`valueHash`). O(1).
  package mutating func insert(hash: UInt64) {
    let index = Int(hash >> (64 - Self.bits))
    registers[index] = max(registers[index], Self.rank(hash << Self.bits))
  }

  /// Counts numbers, none of them NaN. Only hashes that can raise the smallest register are looked at closely.
  package mutating func insert(_ values: UnsafeBufferPointer<Double>) {
    guard let numbers = values.baseAddress else { return }
    registers.withUnsafeMutableBufferPointer { registers in
      guard let start = registers.baseAddress else { return }
      if sinceFloor >= Self.floorInterval {
        floor = csketches_floor(start)
        sinceFloor = 0
      }
      csketches_note(numbers, Int64(values.count), floor, start)
    }
    sinceFloor += values.count
  }

  /// The place of the first bit that is set behind the index, from 1.
  @inline(__always)
  private static func rank(_ rest: UInt64) -> UInt8 {
    UInt8(truncatingIfNeeded: (rest | (1 << (bits - 1))).leadingZeroBitCount &+ 1)
  }

  /// Adds what another sketch has seen.
  package mutating func merge(_ other: HyperLogLog) {
    for index in 0..<Self.registerCount where other.registers[index] > registers[index] {
      registers[index] = other.registers[index]
    }
  }

  /// About how many different values there were.
  package var estimate: Double {
    let size = Double(Self.registerCount)
    let last = 64 - Int(Self.bits)
    var counts = [Double](repeating: 0, count: last + 2)
    for register in registers { counts[Int(register)] += 1 }
    var sum = size * Self.tau(1 - counts[last + 1] / size)
    for rank in stride(from: last, through: 1, by: -1) { sum = 0.5 * (sum + counts[rank]) }
    sum += size * Self.sigma(counts[0] / size)
    return size * size / (2 * 0.6931471805599453 * sum)
  }

  private static func sigma(_ share: Double) -> Double {
    if share == 1 { return .infinity }
    var (power, weight, sum) = (share, 1.0, share)
    while true {
      power *= power
      let last = sum
      sum += power * weight
      weight += weight
      if sum == last { return sum }
    }
  }

  private static func tau(_ share: Double) -> Double {
    if share == 0 || share == 1 { return 0 }
    var (root, weight, sum) = (share, 1.0, 1 - share)
    while true {
      root = root.squareRoot()
      let last = sum
      weight *= 0.5
      sum -= (1 - root) * (1 - root) * weight
      if sum == last { return sum / 3 }
    }
  }
}
