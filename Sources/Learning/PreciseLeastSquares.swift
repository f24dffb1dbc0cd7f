internal import Basics
internal import LinearAlgebra
internal import Statistics

/// Least squares of few rows and columns whose Gram matrix is ill-conditioned: means, Gram matrix and Cholesky's method in
/// 106 bits (`DoubleDouble`), from the source's own values.
///
/// The condition of the Gram matrix, the square of the columns' own, may reach 1e22 before digits of a double are lost: columns
/// that are told apart at all by their doubles are solved to the last digit, apart from what rounding did to those doubles.
struct PreciseLeastSquares {
  private let rows: EncodedRows
  private let settings: FitSettings
  private let survey: Moments.Survey
  private let active: [Int]
  /// What the columns, the target last, are taken relative to, and the power of two that brings a deviation to about 1.
  private let centre: [Double]
  private let scale: [Double]
  private let sums: Sums

  /// `Σ v`, `Σ v·z` and, upper triangle column after column, `Σ v·z·zᵀ` of the columns z, the target last.
  private struct Sums: Sendable {
    var weight = DoubleDouble(0)
    var first: [DoubleDouble]
    var second: [DoubleDouble]

    init(width: Int) {
      first = [DoubleDouble](repeating: DoubleDouble(0), count: width)
      second = [DoubleDouble](repeating: DoubleDouble(0), count: width * (width + 1) / 2)
    }

    mutating func merge(_ later: Sums) {
      weight += later.weight
      for index in first.indices { first[index] += later.first[index] }
      for index in second.indices { second[index] += later.second[index] }
    }
  }

  /// Products of pairs of columns over rows that 106 bits are spent on: a tenth of a second's worth.
  static let affordableProducts = 20_000_000

  /// One pass over the rows.
  init(
    _ source: any DesignSource, _ survey: Moments.Survey, _ settings: FitSettings, active: [Int],
    cancellation: Cancellation
  ) throws {
    self.settings = settings
    self.survey = survey
    self.active = active
    let frame = survey.frame(centred: settings.intercept, targetCentred: settings.intercept)
    centre = active.map { frame.centre[$0] } + [frame.targetCentre]
    scale = active.map { frame.scale[$0] } + [1]
    let plain = EncodedRows.Frame(
      centre: [Double](repeating: 0, count: source.columnCount),
      scale: [Double](repeating: 1, count: source.columnCount))
    let rows = EncodedRows(source, frame: plain, intercept: false, memory: settings.memory)
    self.rows = rows
    let width = active.count + 1
    let (centre, scale) = (centre, scale)
    let reduction = TreeReduction(make: { Sums(width: width) }, merge: { $0.merge($1) })
    sums = try reduction.run(
      over: rows, .all(rows.blocks), threads: settings.threads, cancellation: cancellation,
      clear: { $0 = Sums(width: width) },
      add: { block, sums in
        var values = [DoubleDouble](repeating: DoubleDouble(0), count: width)
        for row in 0..<block.rowCount {
          Self.read(block, row, active, centre, scale, into: &values)
          let weight = DoubleDouble(block.weights?[row] ?? 1)
          sums.weight += weight
          var place = 0
          for column in 0..<width {
            let weighted = weight * values[column]
            sums.first[column] += weighted
            for other in 0...column {
              sums.second[place] += weighted * values[other]
              place += 1
            }
          }
        }
      })
  }

  /// A row relative to the centre, exactly.
  private static func read(
    _ block: EncodedRows.Block, _ row: Int, _ active: [Int], _ centre: [Double], _ scale: [Double],
    into out: inout [DoubleDouble]
  ) {
    for (place, column) in active.enumerated() {
      out[place] = DoubleDouble.difference(block.columns.column(column)[row], centre[place]).scaled(by: scale[place])
    }
    out[active.count] = DoubleDouble.difference(block.targets[row], centre[active.count])
  }

  /// The fit, or nil where a column depends on earlier ones (`MinimumNorm.rankTolerance`).
  func fit(l2: Double, nullDescent: [Double], cancellation: Cancellation) throws -> Fit? {
    let size = active.count
    var system = centredProducts()
    var right = (0..<size).map { system[start(of: size) + $0] }
    for place in 0..<size {
      system[start(of: place) + place] += DoubleDouble.product(l2 * scale[place], scale[place])
    }
    guard let factor = TriangularFactor(system, size: size) else { return nil }
    factor.solve(&right)

    var outcome = LinearOutcome(active: active, nullDescent: nullDescent, solver: Fit.preciseSolver)
    outcome.weights = zip(right, scale).map { ($0.high + $0.low) * $1 }
    outcome.condition = factor.condition
    outcome.dependencies = []
    if settings.intercept { outcome.shift = shift(right, outcome.weights) }
    try measure(&outcome, right, l2: l2, cancellation: cancellation)
    return outcome.fit(survey, settings)
  }

  /// Where column `index` of a packed upper triangle begins.
  private func start(of index: Int) -> Int { index * (index + 1) / 2 }

  /// Means of products about the means.
  private func centredProducts() -> [DoubleDouble] {
    var out = sums.second
    var place = 0
    for column in 0..<sums.first.count {
      let mean = settings.intercept ? sums.first[column] / sums.weight : DoubleDouble(0)
      for other in 0...column {
        out[place] = (out[place] - sums.first[other] * mean) / sums.weight
        place += 1
      }
    }
    return out
  }

  /// The constant term relative to the centre: `mean(y) − Σ w·mean(z)`.
  private func constant(_ weights: [DoubleDouble]) -> DoubleDouble {
    guard settings.intercept else { return DoubleDouble(0) }
    var out = sums.first[weights.count]
    for (place, weight) in weights.enumerated() { out -= weight * sums.first[place] }
    return out / sums.weight
  }

  /// What the intercept differs by from `ȳ − Σ weight · mean` with rounded weights and means.
  private func shift(_ precise: [DoubleDouble], _ rounded: [Double]) -> Double {
    let means = survey.columnMeans
    var out = constant(precise) + DoubleDouble(centre[active.count])
    out -= DoubleDouble.sum(survey.moments.means[means.count], survey.targetOrigin)
    for (place, column) in active.enumerated() {
      out -= precise[place].scaled(by: scale[place]) * DoubleDouble(centre[place])
      out += DoubleDouble.product(rounded[place], means[column])
    }
    return out.high
  }

  /// Value and descent at the weights before they are rounded.
  private func measure(
    _ outcome: inout LinearOutcome, _ weights: [DoubleDouble], l2: Double, cancellation: Cancellation
  ) throws {
    let (active, centre, scale) = (active, centre, scale)
    let constant = constant(weights)
    let reduction = TreeReduction(make: { Sums(width: active.count + 1) }, merge: { $0.merge($1) })
    let measured = try reduction.run(
      over: rows, .all(rows.blocks), threads: settings.threads, cancellation: cancellation,
      clear: { $0 = Sums(width: active.count + 1) },
      add: { block, sums in
        var values = [DoubleDouble](repeating: DoubleDouble(0), count: active.count + 1)
        for row in 0..<block.rowCount {
          Self.read(block, row, active, centre, scale, into: &values)
          var residual = values[active.count] - constant
          for (place, weight) in weights.enumerated() { residual -= weight * values[place] }
          let weighted = DoubleDouble(block.weights?[row] ?? 1) * residual
          for place in active.indices { sums.first[place] += weighted * values[place] }
          sums.first[active.count] += weighted * residual
        }
      })
    let count = sums.weight.high
    outcome.descent = active.indices.map { place in
      measured.first[place].high / count / scale[place] - l2 * outcome.weights[place]
    }
    outcome.value = (measured.first[active.count].high / count + l2 * dot(outcome.weights, outcome.weights)) / 2
  }
}

/// `A = Uᵀ·D·U` for a symmetric positive definite A, in 106 bits.
private struct TriangularFactor {
  private let size: Int
  /// Upper triangle column after column: D on the diagonal, U above it.
  private var elements: [DoubleDouble]
  /// The 1-norm condition of A, its diagonal scaled to ones.
  private(set) var condition = 1.0

  /// `matrix` is packed and may be larger. Nil where a pivot is `MinimumNorm.rankTolerance`² of its diagonal element or
  /// less.
  init?(_ matrix: [DoubleDouble], size: Int) {
    self.size = size
    elements = Array(matrix[..<(size * (size + 1) / 2)])
    for column in 0..<size {
      let own = column * (column + 1) / 2
      let diagonal = elements[own + column].high
      for row in 0..<column {
        // Σ over k < row of U[k, row]·D[k]·U[k, column]; the column still holds D·U.
        let other = row * (row + 1) / 2
        var rest = elements[own + row]
        for k in 0..<row { rest -= elements[other + k] * elements[own + k] }
        elements[own + row] = rest
      }
      var pivot = elements[own + column]
      for row in 0..<column {
        let share = elements[own + row] / elements[row * (row + 1) / 2 + row]
        pivot -= share * elements[own + row]
        elements[own + row] = share
      }
      guard pivot.high > MinimumNorm.rankTolerance * MinimumNorm.rankTolerance * diagonal else { return nil }
      elements[own + column] = pivot
    }
    condition = conditionNumber(matrix)
  }

  func solve(_ right: inout [DoubleDouble]) {
    for column in 0..<size {
      let own = column * (column + 1) / 2
      for row in 0..<column { right[column] -= elements[own + row] * right[row] }
    }
    for column in 0..<size { right[column] = right[column] / elements[column * (column + 1) / 2 + column] }
    for column in stride(from: size - 1, through: 0, by: -1) {
      let own = column * (column + 1) / 2
      for row in 0..<column { right[row] -= elements[own + row] * right[column] }
    }
  }

  private func conditionNumber(_ matrix: [DoubleDouble]) -> Double {
    let scale = (0..<size).map { matrix[$0 * ($0 + 1) / 2 + $0].high.squareRoot() }
    var sums = [Double](repeating: 0, count: size)
    var largestInverse = 0.0
    for column in 0..<size {
      for row in 0...column {
        let share = abs(matrix[column * (column + 1) / 2 + row].high) / (scale[row] * scale[column])
        sums[column] += share
        if row != column { sums[row] += share }
      }
      var unit = [DoubleDouble](repeating: DoubleDouble(0), count: size)
      unit[column] = DoubleDouble(1)
      solve(&unit)
      let sum = unit.indices.reduce(0) { $0 + abs(unit[$1].high) * scale[$1] * scale[column] }
      largestInverse = max(largestInverse, sum)
    }
    return (sums.max() ?? 1) * largestInverse
  }
}
