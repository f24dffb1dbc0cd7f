internal import Basics
internal import LinearAlgebra
internal import Statistics

/// Columns of a source that are told apart, made orthogonal by their own triangular factor: what a fit is made of whose
/// Gram matrix, the square of the columns' condition, says nothing.
///
/// The factor is that of the rows (TSQR), and which columns depend on others before them is read off it, as the statistics
/// of a fit do. A new column is Σ (xᵢ − cᵢ)·sᵢ·Wᵢⱼ, W the inverse of the factor of the columns kept: it is summed in 106 bits,
/// so that the new columns span exactly what the source's doubles do, whatever was rounded in W.
struct OrthogonalBasis: Sendable {
  let collinearity: Collinearity
  /// Columns of the source that vary, and those among them that are no combination of others before them.
  let active: [Int]
  let kept: [Int]
  /// What the source's columns are taken relative to; their means, with an intercept.
  let centre: [Double]
  private let scale: [Double]
  /// `s·W` of the kept columns, upper triangle, and Σ cᵢ·sᵢ·Wᵢⱼ.
  fileprivate let transform: Matrix
  fileprivate let constants: [DoubleDouble]

  /// Two passes over the rows. Nil where the kept columns cannot be told apart nonetheless.
  init?(_ source: any DesignSource, _ settings: FitSettings, cancellation: Cancellation) throws {
    let survey = try ColumnSurvey.run(source, settings, cancellation: cancellation)
    let columns = source.columnCount
    let centre = settings.intercept ? Array(survey.means[..<columns]) : [Double](repeating: 0, count: columns)
    let scale = survey.scale(settings)
    let active = (0..<columns).filter { scale[$0] > 0 }
    let rows = WeightedRows(source, intercept: settings.intercept, active: active, centre: centre, scale: scale)
    let triangle = try rows.triangle(targetCentre: 0, threads: settings.threads, cancellation: cancellation)
    collinearity = try Collinearity(factor: triangle, intercept: settings.intercept)
    guard let whitening = collinearity.whitening?.triangle else { return nil }
    let offset = settings.intercept ? 1 : 0
    kept = collinearity.kept.map { active[$0] }
    var transform = Matrix(rows: kept.count, columns: kept.count)
    var constants = [DoubleDouble](repeating: DoubleDouble(0), count: kept.count)
    for column in kept.indices {
      for row in 0...column {
        transform[row, column] = whitening[row + offset, column + offset] * scale[kept[row]]
        constants[column] += DoubleDouble.product(centre[kept[row]], transform[row, column])
      }
    }
    (self.active, self.centre, self.scale, self.transform, self.constants) =
      (active, centre, scale, transform, constants)
  }

  /// Coefficients of the new columns, kept.count × outputs, as those of the source's columns, and what that adds to the
  /// intercepts.
  func external(_ coefficients: [Double], columnCount: Int) -> (coefficients: [Double], shifts: [DoubleDouble]) {
    let outputs = kept.isEmpty ? 0 : coefficients.count / kept.count
    var out = [Double](repeating: 0, count: columnCount * outputs)
    var shifts = [DoubleDouble](repeating: DoubleDouble(0), count: outputs)
    for output in 0..<outputs {
      let own = coefficients[output * kept.count..<(output + 1) * kept.count].map { DoubleDouble($0) }
      for (row, column) in kept.enumerated() {
        var sum = DoubleDouble(0)
        for place in row..<kept.count { sum += own[place] * DoubleDouble(transform[row, place]) }
        out[output * columnCount + column] = sum.high
        // The intercept makes good what rounding the coefficient takes off the mean row.
        shifts[output] -= DoubleDouble.product(sum.high, centre[column])
      }
    }
    return (out, shifts)
  }

  /// The same coefficients less their part in directions along which no prediction changes, so that they are shortest, and
  /// what the intercept gains by that.
  func shortest(_ coefficients: [Double]) -> (coefficients: [Double], shift: Double) {
    let null = collinearity.nullDirections
    guard !null.isEmpty else { return (coefficients, 0) }
    let offset = null[0].count - active.count
    let basis = Matrix(
      rows: active.count, columns: null.count, elements: null.flatMap { Array($0[offset...]) })
    let found = MinimumNorm.shortest(
      active.map { coefficients[$0] }, nullSpace: basis, scaling: active.map { scale[$0] },
      metric: [Double](repeating: 1, count: active.count))
    var out = coefficients
    var shift = CompensatedSum()
    for (place, column) in active.enumerated() {
      out[column] = found[place]
      shift.addProduct(coefficients[column] - found[place], centre[column])
    }
    return (out, shift.value)
  }

  /// The columns of the source that have the largest shares in some of the new ones.
  func sources(of columns: [Int]) -> [Int] {
    kept.indices.filter { row in
      columns.contains { column in
        let sizes = (0...column).map { abs(transform[$0, column]) / scale[kept[$0]] }
        return row <= column && sizes[row] > 0.1 * (sizes.max() ?? 0)
      }
    }.map { kept[$0] }
  }

  /// Columns that depend on others before them.
  var dependencies: [FitStatistics.Dependency] { collinearity.dependencies(active) }
}

/// A source in the columns of an `OrthogonalBasis`.
struct OrthogonalColumns: DesignSource {
  private let source: any DesignSource
  private let basis: OrthogonalBasis
  private let scratch: Pool<AlignedBuffer>

  init(_ source: any DesignSource, _ basis: OrthogonalBasis) {
    self.source = source
    self.basis = basis
    let longest = RowBlocks(rowCount: source.rowCount, columnCount: basis.kept.count).leadingDimension
    // The source's columns, the upper and lower half of each kept one's digits, and a sum in two parts.
    let size = longest * (source.columnCount + 2 * basis.kept.count + 2)
    scratch = Pool { AlignedBuffer(count: size) }
  }

  var rowCount: Int { source.rowCount }
  var columnCount: Int { basis.kept.count }
  var hasWeights: Bool { source.hasWeights }
  var hasOffsets: Bool { source.hasOffsets }

  func readDesign(_ rows: Range<Int>, into out: UnsafeMutableBufferPointer<Double>, leadingDimension: Int) {
    guard let start = out.baseAddress else { return }
    let count = rows.count
    let kept = basis.kept
    scratch.lend { all in
      source.readDesign(
        rows, into: UnsafeMutableBufferPointer(start: all.start, count: count * source.columnCount),
        leadingDimension: count)
      let halves = all.start + count * source.columnCount
      for (place, column) in kept.enumerated() {
        let (values, upper) = (all.start + column * count, halves + 2 * place * count)
        for row in 0..<count {
          let half = upperHalf(values[row])
          upper[row] = half
          upper[count + row] = values[row] - half
        }
      }
      let high = halves + 2 * kept.count * count
      let low = high + count
      for target in kept.indices {
        let constant = -basis.constants[target]
        high.update(repeating: constant.high, count: count)
        low.update(repeating: constant.low, count: count)
        for (place, column) in kept[...target].enumerated() {
          let factor = basis.transform[place, target]
          let (values, upper) = (all.start + column * count, halves + 2 * place * count)
          addProducts(factor, values, upper, upper + count, high, low, count)
        }
        let to = start + target * leadingDimension
        for row in 0..<count { to[row] = high[row] + low[row] }
      }
    }
  }

  /// `high + low += factor · values`, elementwise, with the errors of product and sum (Dekker, Numer. Math. 18, 1971; Ogita,
  /// Rump and Oishi, SIAM J. Sci. Comput. 26, 2005).
  private func addProducts(
    _ factor: Double, _ values: UnsafePointer<Double>, _ upper: UnsafePointer<Double>, _ lower: UnsafePointer<Double>,
    _ high: UnsafeMutablePointer<Double>, _ low: UnsafeMutablePointer<Double>, _ count: Int
  ) {
    let factorUpper = upperHalf(factor)
    let factorLower = factor - factorUpper
    for row in 0..<count {
      let product = factor * values[row]
      let cross = factorUpper * lower[row] + factorLower * upper[row]
      let productError = factorLower * lower[row] - ((product - factorUpper * upper[row]) - cross)
      let before = high[row]
      let sum = before + product
      let part = sum - before
      high[row] = sum
      low[row] += ((before - (sum - part)) + (product - part)) + productError
    }
  }

  /// The upper 26 bits of a number's digits.
  @inline(__always)
  private func upperHalf(_ value: Double) -> Double {
    let spread = 134_217_729 * value
    return spread - (spread - value)
  }

  func readTargets(_ rows: Range<Int>, into out: UnsafeMutableBufferPointer<Double>) {
    source.readTargets(rows, into: out)
  }

  func readWeights(_ rows: Range<Int>, into out: UnsafeMutableBufferPointer<Double>) {
    source.readWeights(rows, into: out)
  }

  func readOffsets(_ rows: Range<Int>, into out: UnsafeMutableBufferPointer<Double>) {
    source.readOffsets(rows, into: out)
  }
}
