internal import Statistics

/// Where columns lie and how far they spread, judged from some rows before all are read: what is subtracted and divided
/// by so that sums of squares lose no digits.
///
/// Only the last bits depend on it. Up to 4096 rows, in 32 runs of neighbours; of fewer rows all, so that small data
/// are centred on their very means.
struct Pilot {
  private(set) var frame: EncodedRows.Frame

  init(_ source: any DesignSource, intercept: Bool, targetCentred: Bool) {
    let columns = source.columnCount
    let runs = Self.runs(source.rowCount)
    frame = EncodedRows.Frame(
      centre: [Double](repeating: 0, count: columns), scale: [Double](repeating: 1, count: columns))
    let longest = runs.map(\.count).max() ?? 0
    var columnTallies = [Tally](repeating: Tally(), count: columns)
    var targetTally = Tally()
    let design = AlignedBuffer(count: longest * columns)
    let targets = AlignedBuffer(count: longest)
    for round in 0..<2 {
      for rows in runs {
        source.readDesign(
          rows, into: UnsafeMutableBufferPointer(start: design.start, count: longest * columns),
          leadingDimension: longest)
        source.readTargets(rows, into: UnsafeMutableBufferPointer(start: targets.start, count: rows.count))
        for column in 0..<columns {
          columnTallies[column].add(design.start + column * longest, count: rows.count, round: round)
        }
        targetTally.add(targets.start, count: rows.count, round: round)
      }
    }
    for column in 0..<columns {
      let tally = columnTallies[column]
      if intercept { frame.centre[column] = tally.centre }
      frame.scale[column] = tally.scale(centred: intercept)
    }
    if intercept, targetCentred { frame.targetCentre = targetTally.centre }
  }

  private static func runs(_ rowCount: Int) -> [Range<Int>] {
    let (count, length) = (32, 128)
    guard rowCount > count * length else { return [0..<rowCount] }
    return (0..<count).map { index in
      let start = (rowCount - length) / (count - 1) * index
      return start..<start + length
    }
  }

  /// Mean and spread in two rounds; values that are not finite are left out, they are complained of elsewhere.
  private struct Tally {
    private var count = 0.0
    private var sum = 0.0
    private var squares = 0.0
    private var first = Double.nan
    private var isConstant = true

    private var mean: Double { count > 0 ? sum / count : 0 }
    private var deviation: Double { count > 0 ? (squares / count).squareRoot() : 0 }

    mutating func add(_ values: UnsafePointer<Double>, count: Int, round: Int) {
      let mean = mean
      for index in 0..<count where values[index].isFinite {
        let value = values[index]
        if round == 0 {
          if first.isNaN { first = value }
          isConstant = isConstant && value == first
          self.count += 1
          sum += value
        } else {
          squares += (value - mean) * (value - mean)
        }
      }
    }

    /// A constant column is centred exactly, so that its spread is exactly 0. A mean within a quarter of a deviation of 0
    /// is left where it is: nothing is gained by moving it.
    var centre: Double {
      if isConstant { return first.isNaN ? 0 : first }
      return abs(mean) <= deviation / 4 || !mean.isFinite ? 0 : mean
    }

    /// Brings the deviation (without an intercept the root mean square) to about 1; 1 where it is about that.
    func scale(centred: Bool) -> Double {
      let size = centred ? deviation : (mean * mean + squares / max(1, count)).squareRoot()
      if size == 0 || !size.isFinite { return isConstant && !first.isNaN ? constantScale : 1 }
      return size >= 0.5 && size <= 2 ? 1 : inversePowerOfTwo(size)
    }

    /// For a column that is constant as far as one sees: of its own size.
    private var constantScale: Double { first == 0 ? 1 : inversePowerOfTwo(abs(first)) }
  }
}
