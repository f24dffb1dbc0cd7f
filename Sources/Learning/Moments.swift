internal import Basics
internal import LinearAlgebra
internal import Statistics

/// Count, means and sums of products of the columns `[X | y]`, from one pass over the rows.
///
/// With an intercept each block is centred on its own means and blocks are merged as in Chan, Golub and LeVeque,
/// "Updating Formulae and a Pairwise Algorithm for Computing Sample Variances" (1979): no difference of large sums is
/// ever taken. The first row is subtracted beforehand, so that a constant column has a spread of exactly 0.
struct Moments: Sendable {
  var count = 0.0
  /// Relative to the first row.
  var means: [Double]
  /// Upper triangle of `Σ (x − mean)(x − mean)ᵀ`, y last; without an intercept `Σ x·xᵀ`. Just its
  /// diagonal, as one row, unless the full scatter was asked for.
  var scatter: Matrix
  private let fullScatter: Bool
  /// The first column that is not finite; the target's is the last.
  var nonFinite: Int?
  /// Rows of each class; empty for numbers as targets.
  var classCounts: [Int]
  var invalidTargets = false

  init(width: Int, fullScatter: Bool, classes: Int) {
    means = [Double](repeating: 0, count: width)
    self.fullScatter = fullScatter
    scatter = fullScatter ? Matrix(rows: width, columns: width) : Matrix(rows: 1, columns: width)
    classCounts = [Int](repeating: 0, count: classes)
  }

  /// What the columns of a source are like, with the row their means are relative to.
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
  var spreads: [Double] { fullScatter ? scatter.diagonal : scatter.elements }

  /// Surveys all rows of a source with at least one. Throws `LearningError` for values that are not finite or too
  /// large, for targets that are no class, and for classes without rows.
  static func survey(
    _ source: any DesignSource, _ settings: FitSettings, fullScatter: Bool, cancellation: Cancellation
  ) throws -> Survey {
    let width = source.columnCount + 1
    let classes =
      switch settings.objective {
      case .linear, .poisson: 0
      case .logistic: 2
      case .multinomial(let classes): classes
      }
    var frame = EncodedRows.Frame(identity: source.columnCount)
    if settings.intercept {
      frame.centre.withUnsafeMutableBufferPointer { source.readDesign(0..<1, into: $0, leadingDimension: 1) }
      if classes == 0 {
        withUnsafeMutablePointer(to: &frame.targetCentre) {
          source.readTargets(0..<1, into: UnsafeMutableBufferPointer(start: $0, count: 1))
        }
      }
    }
    let rows = try EncodedRows(
      source, frame: frame, intercept: settings.intercept, memory: 0, threads: settings.threads,
      cancellation: cancellation)
    let centres = settings.intercept
    let reduction = TreeReduction(
      make: { Moments(width: width, fullScatter: fullScatter, classes: classes) }, merge: { $0.merge($1) })
    let moments = try reduction.run(
      count: rows.blocks.count, threads: settings.threads, cancellation: cancellation
    ) { index, moments in
      rows.withBlock(index) { moments.take($0, centring: centres) }
    }
    try moments.validate(settings)
    return Survey(moments: moments, origin: frame.centre, targetOrigin: frame.targetCentre)
  }

  /// Becomes the moments of one block, which is centred in place.
  private mutating func take(_ block: EncodedRows.Block, centring: Bool) {
    let columns = block.columns
    count = Double(block.rowCount)
    nonFinite = nil
    invalidTargets = false
    countClasses(block)
    for column in 0..<columns.columns {
      let values = columns.column(column)
      var sum = 0.0
      var check = 0.0
      for row in 0..<block.rowCount {
        sum += values[row]
        check += values[row] * 0
      }
      if check != 0 { nonFinite = nonFinite ?? column }
      let mean = centring ? sum / count : 0
      means[column] = mean
      if centring, mean != 0 {
        for row in 0..<block.rowCount { values[row] -= mean }
      }
    }
    if fullScatter {
      scatter.withView { BLAS.syrk(1, columns, into: $0, beta: 0) }
    } else {
      for column in 0..<columns.columns {
        let values = columns.column(column)
        var sum = 0.0
        for row in 0..<block.rowCount { sum += values[row] * values[row] }
        scatter[0, column] = sum
      }
    }
  }

  private mutating func countClasses(_ block: EncodedRows.Block) {
    guard !classCounts.isEmpty else { return }
    for index in classCounts.indices { classCounts[index] = 0 }
    for row in 0..<block.rowCount {
      let target = block.targets[row]
      guard target >= 0, target < Double(classCounts.count), target == target.rounded() else {
        invalidTargets = true
        continue
      }
      classCounts[Int(target)] += 1
    }
  }

  private mutating func merge(_ later: Moments) {
    let total = count + later.count
    var shift = zip(later.means, means).map { $0 - $1 }
    let weight = count * later.count / total
    if fullScatter {
      for index in scatter.elements.indices { scatter.elements[index] += later.scatter.elements[index] }
      scatter.withView { BLAS.syr(weight, &shift, into: $0) }
    } else {
      for column in means.indices {
        scatter[0, column] += later.scatter[0, column] + weight * shift[column] * shift[column]
      }
    }
    for column in means.indices { means[column] += shift[column] * (later.count / total) }
    count = total
    if let column = later.nonFinite { nonFinite = min(nonFinite ?? column, column) }
    invalidTargets = invalidTargets || later.invalidTargets
    for index in classCounts.indices { classCounts[index] += later.classCounts[index] }
  }

  private func validate(_ settings: FitSettings) throws(LearningError) {
    let target = means.count - 1
    if let nonFinite {
      throw nonFinite == target ? .nonFiniteTarget : .nonFinite(column: settings.name(ofColumn: nonFinite))
    }
    for (column, spread) in spreads.enumerated() {
      if !spread.isFinite || !means[column].isFinite {
        throw column == target ? .tooLargeTarget : .tooLarge(column: settings.name(ofColumn: column))
      }
    }
    if invalidTargets { throw .invalidTarget(classes: classCounts.count) }
    if let empty = classCounts.firstIndex(of: 0) { throw .emptyClass(empty) }
  }
}

/// The power of two nearest to `1 / size` in ratio, within limits that keep products finite; 0 for 0.
func inversePowerOfTwo(_ size: Double) -> Double {
  guard size > 0, size.isFinite else { return 0 }
  let exponent = size.significand > 1.4142135623730951 ? size.exponent + 1 : size.exponent
  return Double(sign: .plus, exponent: max(-500, min(500, -exponent)), significand: 1)
}
