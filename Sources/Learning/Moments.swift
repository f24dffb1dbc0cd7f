internal import Basics
internal import LinearAlgebra
internal import Statistics

/// Sums over rows that least squares are made of: `Σ v·[1 | Z | y]·[1 | Z | y]ᵀ` with the rows' weights v.
struct GramSums: Sendable {
  /// Upper triangle; without an intercept the column of ones is not there. Just sums and squares, a row each, where the
  /// products of columns are not wanted.
  var gram: Matrix
  let isFull: Bool
  var weight = 0.0
  var rowFault: RowFault?

  init(width: Int, isFull: Bool) {
    self.isFull = isFull
    gram = Matrix(rows: isFull ? width : 2, columns: width)
  }

  mutating func clear() {
    for index in gram.elements.indices { gram.elements[index] = 0 }
    weight = 0
    rowFault = nil
  }

  mutating func merge(_ later: GramSums) {
    for index in gram.elements.indices { gram.elements[index] += later.gram.elements[index] }
    weight += later.weight
    rowFault = rowFault ?? later.rowFault
  }

  /// Adds one block. `scratch` is as large as a block where there are weights.
  mutating func add(_ block: EncodedRows.Block, scratch: AlignedBuffer) {
    rowFault = rowFault ?? block.weightFault
    weight += block.totalWeight
    if !isFull { return addSquares(block, scratch) }
    guard let weights = block.weights else {
      gram.withView { RowKernels.addGram(block.all, next: block.next, into: $0) }
      return
    }
    let room = MatrixView(
      scratch.start, rows: block.rowCount, columns: block.all.columns, leadingDimension: block.all.leadingDimension)
    gram.withView { RowKernels.addWeightedGram(block.all, weights, scratch: room, into: $0) }
  }

  private mutating func addSquares(_ block: EncodedRows.Block, _ scratch: AlignedBuffer) {
    let padded = RowKernels.padded(block.rowCount)
    let weights = scratch.start
    weights.update(repeating: 0, count: padded)
    for row in 0..<block.rowCount { weights[row] = block.weights?[row] ?? 1 }
    let column = MatrixView(weights, rows: block.rowCount, columns: 1, leadingDimension: padded)
    let sums = AlignedBuffer(count: 2 * gram.columns)
    let products = MatrixView(sums.start, rows: gram.columns, columns: 1, leadingDimension: gram.columns)
    RowKernels.addProduct(block.all, column, into: products)
    RowKernels.addSquares(block.all, weights, into: sums.start + gram.columns)
    for index in 0..<gram.columns {
      gram[0, index] += sums.start[index]
      gram[1, index] += sums.start[gram.columns + index]
    }
  }

  /// `Σ v·z` of a column of `[1 | Z | y]`.
  func sum(_ column: Int) -> Double { gram[0, column] }

  /// `Σ v·z²`.
  func square(_ column: Int) -> Double { isFull ? gram[column, column] : gram[1, column] }
}

/// What makes a row unfit for any fit.
enum RowFault: Sendable, Hashable {
  case negativeWeight, nonFiniteWeight, nonFiniteOffset, nonFiniteTarget, invalidTarget, negativeCount

  func error(_ objective: Objective) -> LearningError {
    switch self {
    case .negativeWeight: .negativeWeight
    case .nonFiniteWeight: .nonFiniteWeight
    case .nonFiniteOffset: .nonFiniteOffset
    case .nonFiniteTarget: .nonFiniteTarget
    case .invalidTarget: .invalidTarget(classes: max(2, objective.outputs))
    case .negativeCount: .negativeCount
    }
  }
}

extension EncodedRows.Block {
  /// Σ v.
  var totalWeight: Double {
    guard let weights else { return Double(rowCount) }
    var sum = 0.0
    for row in 0..<rowCount { sum += weights[row] }
    return sum
  }

  /// What is wrong with the weights, if anything.
  var weightFault: RowFault? {
    guard let weights else { return nil }
    for row in 0..<rowCount where !(weights[row] >= 0 && weights[row].isFinite) {
      return weights[row].isFinite ? .negativeWeight : .nonFiniteWeight
    }
    return nil
  }
}

/// Weight, means and sums of products of the columns `[X | y]`, from one pass over the rows.
///
/// Rows are taken relative to a `Pilot`, so that no difference of large sums is taken. Where the pilot turns out to lie more
/// than eight deviations from a mean, the rows are read once more, relative to the means.
struct Moments: Sendable {
  /// Σ v, the number of rows where none has a weight.
  var count: Double
  /// Relative to the origin.
  var means: [Double]
  /// Upper triangle of `Σ v·(x − mean)(x − mean)ᵀ`, y last; without an intercept `Σ v·x·xᵀ`. In the source's units. Just
  /// the diagonal, as one row, unless all was asked for.
  var scatter: Matrix

  /// What the columns of a source are like, with the values their means are relative to.
  struct Survey: Sendable {
    var moments: Moments
    var origin: [Double]
    var targetOrigin: Double

    /// Means of the source's columns.
    var columnMeans: [Double] { zip(moments.means, origin).map { $0 + $1 } }
    /// Sums of squared deviations of the columns (of squares, without an intercept).
    var spreads: [Double] { moments.spreads }
  }

  /// The diagonal of the scatter.
  var spreads: [Double] { scatter.rows == 1 ? scatter.elements : scatter.diagonal }

  /// Surveys all rows of a source with at least one. Throws `LearningError` for values that are not finite or too
  /// large, and for weights that are none.
  static func survey(
    _ source: any DesignSource, _ settings: FitSettings, isFull: Bool, cancellation: Cancellation
  ) throws -> Survey {
    let pilot = Pilot(source, intercept: settings.intercept, targetCentred: true)
    let first = try survey(source, pilot.frame, settings, isFull: isFull, cancellation: cancellation)
    guard settings.intercept, first.moments.isOffCentre else { return first }
    return try survey(
      source, first.frame(centred: true, targetCentred: true), settings, isFull: isFull, cancellation: cancellation)
  }

  private static func survey(
    _ source: any DesignSource, _ frame: EncodedRows.Frame, _ settings: FitSettings, isFull: Bool,
    cancellation: Cancellation
  ) throws -> Survey {
    let rows = EncodedRows(source, frame: frame, intercept: settings.intercept, memory: 0)
    let sums = try gramSums(of: rows, isFull: isFull, threads: settings.threads, cancellation: cancellation)
    let survey = Survey(
      moments: Moments(sums, rows), origin: frame.centre, targetOrigin: frame.targetCentre)
    try survey.moments.validate(sums, rows, settings, cancellation: cancellation)
    return survey
  }

  static func gramSums(
    of rows: EncodedRows, isFull: Bool, threads: Int, cancellation: Cancellation
  ) throws -> GramSums {
    let width = rows.designWidth + 1
    let reduction = TreeReduction(make: { GramSums(width: width, isFull: isFull) }, merge: { $0.merge($1) })
    let scratch = Pool { AlignedBuffer(count: rows.blocks.leadingDimension * (rows.hasWeights && isFull ? width : 1)) }
    return try reduction.run(
      over: rows, .all(rows.blocks), threads: threads, cancellation: cancellation, clear: { $0.clear() },
      add: { block, sums in scratch.lend { sums.add(block, scratch: $0) } })
  }

  /// Centres the sums and brings them into the source's units, which is exact: scales are powers of two.
  init(_ sums: GramSums, _ rows: EncodedRows) {
    let offset = rows.intercept ? 1 : 0
    let width = rows.columnCount + 1
    let units = rows.frame.scale.map { $0 > 0 ? 1 / $0 : 1 } + [1]
    count = sums.weight
    let shift = (0..<width).map { offset == 1 ? sums.sum($0 + 1) / sums.weight : 0 }
    means = zip(shift, units).map { $0 * $1 }
    scatter = Matrix(rows: sums.isFull ? width : 1, columns: width)
    for column in 0..<width {
      let own = max(0, sums.square(column + offset) - (offset == 1 ? sums.sum(column + 1) * shift[column] : 0))
      guard sums.isFull else {
        scatter[0, column] = own * units[column] * units[column]
        continue
      }
      for row in 0..<column {
        let shifted = offset == 1 ? sums.sum(row + 1) * shift[column] : 0
        scatter[row, column] = (sums.gram[row + offset, column + offset] - shifted) * units[row] * units[column]
      }
      scatter[column, column] = own * units[column] * units[column]
    }
  }

  private var isOffCentre: Bool {
    zip(means, spreads).contains { mean, spread in mean * mean * count > 64 * spread && spread > 0 }
  }

  private func validate(
    _ sums: GramSums, _ rows: EncodedRows, _ settings: FitSettings, cancellation: Cancellation
  ) throws {
    if let fault = sums.rowFault { throw fault.error(settings.objective) }
    guard count > 0 else { throw LearningError.noWeight }
    let target = means.count - 1
    for (column, spread) in spreads.enumerated() where !spread.isFinite || !means[column].isFinite {
      try rows.throwNonFinite(settings, cancellation: cancellation)
      throw column == target ? LearningError.tooLargeTarget : .tooLarge(column: settings.name(ofColumn: column))
    }
  }
}

extension EncodedRows {
  /// Throws for the first column (the target last) that holds a value that is not finite; returns where there is none.
  func throwNonFinite(_ settings: FitSettings, cancellation: Cancellation) throws {
    var first = columnCount + 1
    for index in 0..<blocks.count {
      try cancellation.check()
      withBlock(index) { block in
        for column in 0..<min(first, block.columns.columns) {
          let values = block.columns.column(column)
          if (0..<block.rowCount).contains(where: { !values[$0].isFinite }) {
            first = column
            break
          }
        }
      }
    }
    if first < columnCount { throw LearningError.nonFinite(column: settings.name(ofColumn: first)) }
    if first == columnCount { throw LearningError.nonFiniteTarget }
  }
}

/// The power of two nearest to `1 / size` in ratio, within limits that keep products finite; 0 for 0.
func inversePowerOfTwo(_ size: Double) -> Double {
  guard size > 0, size.isFinite else { return 0 }
  let exponent = size.significand > 1.4142135623730951 ? size.exponent + 1 : size.exponent
  return Double(sign: .plus, exponent: max(-500, min(500, -exponent)), significand: 1)
}
