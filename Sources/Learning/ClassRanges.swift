internal import Basics
internal import LinearAlgebra

/// Smallest and largest values of each column in each class, and how a direction scores the classes against each other.
struct ClassRanges: Sendable {
  private let columns: Int
  /// Classes; for counts those of 0 and those above.
  private let classes: Int
  /// By class, then column; empty ranges are infinite the wrong way round.
  private var low: [Double]
  private var high: [Double]
  /// By column, two values that occur; whether others do.
  private var pairs: [(Double, Double)]
  private var hasMore: [Bool]
  /// `margins[c * classes + j]`: smallest score of class c less that of class j in rows of class c.
  private var margins: [Double]
  /// For counts: smallest and largest scores by class.
  private var lowScore: [Double]
  private var highScore: [Double]

  private init(columns: Int, classes: Int) {
    self.columns = columns
    self.classes = classes
    low = [Double](repeating: .infinity, count: columns * classes)
    high = [Double](repeating: -.infinity, count: columns * classes)
    pairs = [(Double, Double)](repeating: (.nan, .nan), count: columns)
    hasMore = [Bool](repeating: false, count: columns)
    margins = [Double](repeating: .infinity, count: classes * classes)
    lowScore = [Double](repeating: .infinity, count: classes)
    highScore = [Double](repeating: -.infinity, count: classes)
  }

  static func run(
    _ source: any DesignSource, _ settings: FitSettings, direction: [Double], cancellation: Cancellation
  ) throws -> ClassRanges {
    let columns = source.columnCount
    let outputs = settings.objective.outputs
    let classes = max(2, outputs)
    precondition(direction.count == columns * outputs, "the direction has other columns")
    if let source = source as? any SparseDesignSource {
      return try run(sparse: source, settings, direction: direction, cancellation: cancellation)
    }
    let rows = WeightedRows(
      source, intercept: false, active: Array(0..<columns), centre: [Double](repeating: 0, count: columns),
      scale: [Double](repeating: 1, count: columns))
    let reduction = TreeReduction(
      make: { ClassRanges(columns: columns, classes: classes) }, merge: { $0.merge($1) })
    let stride = rows.blocks.leadingDimension
    let pool = Pool { AlignedBuffer(count: stride * (outputs + 1)) }
    return try reduction.run(count: rows.blocks.count, threads: settings.threads, cancellation: cancellation) {
      index, ranges in
      ranges = ClassRanges(columns: columns, classes: classes)
      rows.withBlock(index) { block in
        pool.lend { scratch in
          for output in 0..<outputs {
            direction.withUnsafeBufferPointer { direction in
              guard let start = direction.baseAddress else { return }
              BLAS.gemv(1, block.design, start + output * columns, into: scratch.start + output * stride, beta: 0)
            }
          }
          ranges.take(block, settings.objective, scores: scratch.start, stride: stride)
        }
      }
    }
  }

  /// The same of sparse rows, which stay sparse: one after the other, each entry once.
  private static func run(
    sparse source: any SparseDesignSource, _ settings: FitSettings, direction: [Double], cancellation: Cancellation
  ) throws -> ClassRanges {
    let (columns, outputs) = (source.columnCount, settings.objective.outputs)
    let classes = max(2, outputs)
    var ranges = ClassRanges(columns: columns, classes: classes)
    // Rows of a class, and those among them with an entry in a column.
    var sizes = [Int](repeating: 0, count: classes)
    var counts = [Int32](repeating: 0, count: columns * classes)
    var sums = [Double](repeating: 0, count: columns)
    var isTouched = [Bool](repeating: false, count: columns)
    var touched: [Int] = []
    var scores = [Double](repeating: 0, count: outputs)
    let block = SparseBlock()
    for start in stride(from: 0, to: source.rowCount, by: SparseRows.rowsPerBlock) {
      try cancellation.check()
      let rows = start..<min(source.rowCount, start + SparseRows.rowsPerBlock)
      var targets = [Double](repeating: 0, count: rows.count)
      var weights = [Double](repeating: 1, count: rows.count)
      targets.withUnsafeMutableBufferPointer { source.readTargets(rows, into: $0) }
      if source.hasWeights { weights.withUnsafeMutableBufferPointer { source.readWeights(rows, into: $0) } }
      block.clear()
      source.readEntries(rows, into: block)
      for row in 0..<rows.count where weights[row] > 0 {
        let mine = classIndex(targets[row], settings.objective, classes)
        sizes[mine] += 1
        touched.removeAll(keepingCapacity: true)
        for entry in block.starts[row]..<block.starts[row + 1] {
          let column = Int(block.columns[entry])
          if !isTouched[column] { touched.append(column) }
          isTouched[column] = true
          sums[column] += block.values[entry]
        }
        for output in 0..<outputs { scores[output] = 0 }
        for column in touched {
          let place = mine * columns + column
          counts[place] += 1
          ranges.low[place] = min(ranges.low[place], sums[column])
          ranges.high[place] = max(ranges.high[place], sums[column])
          ranges.note(sums[column], column)
          for output in 0..<outputs { scores[output] += direction[output * columns + column] * sums[column] }
          sums[column] = 0
          isTouched[column] = false
        }
        ranges.take(scores: scores, of: mine)
      }
    }
    for index in 0..<classes {
      for column in 0..<columns where Int(counts[index * columns + column]) < sizes[index] {
        let place = index * columns + column
        ranges.low[place] = min(ranges.low[place], 0)
        ranges.high[place] = max(ranges.high[place], 0)
        ranges.note(0, column)
      }
    }
    return ranges
  }

  private static func classIndex(_ target: Double, _ objective: Objective, _ classes: Int) -> Int {
    max(0, min(classes - 1, objective == .poisson ? (target > 0 ? 1 : 0) : Int(target)))
  }

  /// Takes the scores of a row of a class.
  private mutating func take(scores: [Double], of mine: Int) {
    if scores.count == 1 {
      lowScore[mine] = min(lowScore[mine], scores[0])
      highScore[mine] = max(highScore[mine], scores[0])
      return
    }
    for other in 0..<classes where other != mine {
      let place = mine * classes + other
      margins[place] = min(margins[place], scores[mine] - scores[other])
      lowScore[other] = min(lowScore[other], scores[other])
      highScore[other] = max(highScore[other], scores[other])
    }
  }

  private mutating func take(
    _ block: WeightedRows.Block, _ objective: Objective, scores: UnsafeMutablePointer<Double>, stride: Int
  ) {
    let own = (0..<block.rowCount).map { row in
      block.weights[row] > 0 ? ClassRanges.classIndex(block.targets[row], objective, classes) : -1
    }
    for column in 0..<columns {
      let values = block.design.column(column)
      for row in 0..<block.rowCount where own[row] >= 0 {
        let place = own[row] * columns + column
        low[place] = min(low[place], values[row])
        high[place] = max(high[place], values[row])
        note(values[row], column)
      }
    }
    var ofRow = [Double](repeating: 0, count: objective.outputs)
    for row in 0..<block.rowCount where own[row] >= 0 {
      for output in ofRow.indices { ofRow[output] = scores[output * stride + row] }
      take(scores: ofRow, of: own[row])
    }
  }

  private mutating func note(_ value: Double, _ column: Int) {
    if hasMore[column] || value == pairs[column].0 || value == pairs[column].1 { return }
    if pairs[column].0.isNaN {
      pairs[column].0 = value
    } else if pairs[column].1.isNaN {
      pairs[column].1 = value
    } else {
      hasMore[column] = true
    }
  }

  private mutating func merge(_ later: ClassRanges) {
    for index in low.indices {
      low[index] = min(low[index], later.low[index])
      high[index] = max(high[index], later.high[index])
    }
    for index in margins.indices { margins[index] = min(margins[index], later.margins[index]) }
    for index in lowScore.indices {
      lowScore[index] = min(lowScore[index], later.lowScore[index])
      highScore[index] = max(highScore[index], later.highScore[index])
    }
    for column in 0..<columns {
      if later.hasMore[column] { hasMore[column] = true }
      if !later.pairs[column].0.isNaN { note(later.pairs[column].0, column) }
      if !later.pairs[column].1.isNaN { note(later.pairs[column].1, column) }
    }
  }

  private func range(_ column: Int, where isIncluded: (Int) -> Bool) -> (low: Double, high: Double) {
    var out = (low: Double.infinity, high: -Double.infinity)
    for index in 0..<classes where isIncluded(index) {
      out.low = min(out.low, low[index * columns + column])
      out.high = max(out.high, high[index * columns + column])
    }
    return out
  }

  /// How far the values of a column lie apart.
  func extent(of column: Int) -> Double {
    let all = range(column) { _ in true }
    return all.high - all.low
  }

  /// Every column that separates a class from the others alone. Of two classes the second is tried.
  func culprits(_ settings: FitSettings) -> [Separation.Culprit] {
    var found: [Separation.Culprit] = []
    for column in 0..<columns where extent(of: column) > 0 {
      if settings.objective == .poisson {
        let (zeros, others) = (range(column) { $0 == 0 }, range(column) { $0 == 1 })
        let value = settings.intercept ? others.low : 0
        guard others.low == others.high, others.low == value, zeros.low < zeros.high || zeros.low != value else {
          continue
        }
        if zeros.low >= value || zeros.high <= value {
          found.append(
            Separation.Culprit(column: column, classIndex: 0, isAbove: zeros.low >= value, isComplete: false))
        }
        continue
      }
      for index in (classes == 2 ? 1 : 0)..<classes {
        if let culprit = culprit(column, index, hasIntercept: settings.intercept) { found.append(culprit) }
      }
    }
    return found
  }

  private func culprit(_ column: Int, _ index: Int, hasIntercept: Bool) -> Separation.Culprit? {
    let (own, rest) = (range(column) { $0 == index }, range(column) { $0 != index })
    guard own.low <= own.high, rest.low <= rest.high else { return nil }
    let isAbove = own.low >= rest.high
    guard isAbove || own.high <= rest.low else { return nil }
    let (lower, upper) = isAbove ? (rest.high, own.low) : (own.high, rest.low)
    if !hasIntercept, lower > 0 || upper < 0 { return nil }
    let isComplete = hasIntercept ? lower < upper : lower < 0 && upper > 0
    var culprit = Separation.Culprit(column: column, classIndex: index, isAbove: isAbove, isComplete: isComplete)
    if !isComplete, !hasMore[column] {
      let all = range(column) { _ in true }
      let isIndicator = all.low == 0 && all.high == 1
      if rest.low == rest.high {
        culprit.level = Separation.Level(isLarger: rest.low == all.low, isIndicator: isIndicator, isOfClass: true)
      } else if classes == 2 {
        // What is not of the one class is of the other.
        culprit.classIndex = 1 - index
        culprit.isAbove.toggle()
        culprit.level = Separation.Level(isLarger: own.low == all.low, isIndicator: isIndicator, isOfClass: true)
      } else {
        culprit.level = Separation.Level(isLarger: own.low == all.low, isIndicator: isIndicator, isOfClass: false)
      }
    }
    return culprit
  }

  /// Whether intercepts exist for which no row scores below another class by more than 10⁻⁴ of the scores' extent, and
  /// some row scores above.
  func directionSeparates(_ settings: FitSettings) -> Bool {
    let extent = (highScore.max() ?? 0) - (lowScore.min() ?? 0)
    guard extent > 0, extent.isFinite else { return false }
    let tolerance = 1e-4 * extent
    if settings.objective == .poisson {
      guard highScore[1] - lowScore[1] <= tolerance else { return false }
      let value = settings.intercept ? (highScore[1] + lowScore[1]) / 2 : 0
      return highScore[0] <= value + tolerance || lowScore[0] >= value - tolerance
    }
    if settings.objective.outputs == 1 {
      if settings.intercept { return lowScore[1] >= highScore[0] - tolerance }
      return lowScore[1] >= -tolerance && highScore[0] <= tolerance
    }
    // Differences of intercepts b_j − b_c of at most the margins: possible when no cycle of classes has a negative sum.
    var distances = margins.map { $0 + tolerance }
    if !settings.intercept { return distances.allSatisfy { $0 >= 0 } }
    for middle in 0..<classes {
      for from in 0..<classes {
        for to in 0..<classes {
          let through = distances[from * classes + middle] + distances[middle * classes + to]
          if through < distances[from * classes + to] { distances[from * classes + to] = through }
        }
      }
    }
    return (0..<classes).allSatisfy { distances[$0 * classes + $0] >= 0 }
  }
}
