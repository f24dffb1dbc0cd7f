package import Basics
internal import LinearAlgebra
internal import Statistics

/// Statistics of a fit: likelihood, collinearity and, for fits without a penalty, the covariance of the coefficients.
///
/// One pass over the rows where the fit surveyed its columns, else two, and none where it found all on its way; one more for a robust covariance. Products are summed
/// as a Gram matrix; small problems, and those whose Gram matrix is ill-conditioned, get a triangular factor of the rows
/// instead, and further products in columns that this factor makes orthogonal. The bits do not depend on the number of
/// threads.
///
/// Throws `LearningError.invalidSetting` for a robust covariance that does not exist, `Cancelled`.
package func fitStatistics(
  of fit: Fit, on source: some DesignSource, _ settings: FitSettings, _ request: StatisticsRequest,
  cancellation: Cancellation
) throws -> FitStatistics {
  if request.covariance == .hc3, settings.objective.outputs > 1 {
    throw LearningError.invalidSetting("hc3 is not defined for the objective multinomial: use hc1")
  }
  let survey = try fit.survey ?? ColumnSurvey.run(source, settings, cancellation: cancellation)
  return try StatisticsComputation(fit: fit, settings: settings, request: request, survey: survey)
    .run(source, cancellation: cancellation)
}

private struct StatisticsComputation {
  let fit: Fit
  let settings: FitSettings
  let request: StatisticsRequest
  let survey: ColumnSurvey

  private var outputs: Int { settings.objective.outputs }
  private var offset: Int { settings.intercept ? 1 : 0 }

  func run(_ source: any DesignSource, cancellation: Cancellation) throws -> FitStatistics {
    let columns = source.columnCount
    let centre = settings.intercept ? Array(survey.means[..<columns]) : [Double](repeating: 0, count: columns)
    let scale = survey.scale(settings)
    let active = (0..<columns).filter { scale[$0] > 0 }
    let rows = WeightedRows(source, intercept: settings.intercept, active: active, centre: centre, scale: scale)
    let model = RowModel(fit, settings.objective, rows: rows, centre: centre, scale: scale)
    let passes = DesignPasses(rows: rows, model: model, settings: settings)
    let nullModel = NullModel(rows: rows, settings: settings)

    var out = FitStatistics(
      isLeastSquares: settings.objective == .linear, hasIntercept: settings.intercept,
      freeOutputs: max(1, outputs - 1), rows: survey.rows,
      observations: request.weights == .frequency ? survey.weight : Double(survey.rows),
      deviance: 0, nullDeviance: try nullModel.deviance(survey, cancellation: cancellation), logLikelihood: 0,
      inflation: [Double?](repeating: nil, count: columns), means: Array(survey.means[..<columns]),
      constantColumns: (0..<columns).filter { scale[$0] == 0 }, dependencies: [])
    var reason = obstacle(rows.width)
    let comparesColumns = StatisticsRequest.comparesColumns(
      rows: survey.rows, width: rows.width, isPenalised: isPenalised)
    // Places of the columns that are held against each other.
    let implied = Set(isPenalised ? request.impliedColumns : [])
    let compared = active.indices.filter { !implied.contains(active[$0]) }

    // What a fit under a penalty passed over the rows for need not be done again.
    let passed = isPenalised ? fit.passed : nil
    var sums = passed?.sums
    var gram: Matrix?
    var information: Matrix?
    var collinearity: Collinearity?
    if comparesColumns, isPenalised || !isSmall(rows) {
      let wants = reason == nil && settings.objective != .linear
      let products =
        try passed?.products(active: active, centre: centre, scale: scale)
        ?? passes.products(gram: true, information: wants, cancellation: cancellation)
      sums = products.sums
      gram = products.gram
      collinearity = try Collinearity(
        gram: products.gram.pickingBoth(Array(0..<offset) + compared.map { $0 + offset }),
        intercept: settings.intercept, leastReciprocal: isPenalised ? 1e-12 : Collinearity.leastReciprocal)
      if collinearity != nil { information = wants ? assembled(products.information) : nil }
    }
    var transform: Matrix?
    // A factor costs more than products: under a penalty only where that is not much.
    let affordsFactor = !isPenalised || Double(survey.rows) * Double(rows.width * rows.width) <= 0x1p30
    if comparesColumns, affordsFactor, collinearity == nil {
      let centre = settings.objective == .linear && settings.intercept ? survey.means[columns] : 0
      let triangle = try passes.triangle(targetCentre: centre, cancellation: cancellation)
      let places = Array(0..<offset) + compared.map { $0 + offset } + [rows.width]
      let found = try Collinearity(
        factor: places.count == triangle.columns ? triangle : triangularFactor(of: triangle.picking(places)),
        intercept: settings.intercept, dependent: dependentPlaces(among: active))
      let design = triangle[0..<triangle.rows, 0..<rows.width]
      gram = design.times(design, transposingSelf: true)
      transform = isPenalised ? nil : spread(found, width: rows.width)
      collinearity = found
    }
    // Whitening of the information in the columns after `transform`.
    var whitening = collinearity?.whitening?.triangle
    if reason == nil, transform != nil || collinearity == nil { reason = obstacle(collinearity) }
    if reason == nil, settings.objective != .linear {
      if information == nil || transform != nil {
        let products = try passes.products(
          gram: false, information: true, transform: transform, cancellation: cancellation)
        sums = products.sums
        information = assembled(products.information)
      }
      whitening = information.flatMap { Whitening($0)?.triangle }
      if whitening == nil { reason = "the information matrix is singular to working precision" }
    }
    if sums == nil {
      sums = try passes.products(gram: false, information: false, cancellation: cancellation).sums
    }
    if let sums { take(sums, collinearity, into: &out) }
    take(collinearity, compared.map { active[$0] }, into: &out)
    if rows.width > survey.rows { out.conditionNumber = FitStatistics.singularCondition }
    countParameters(collinearity, into: &out)
    out.effectiveDegreesOfFreedom = gram.flatMap { ridgeFreedom($0, active.map { scale[$0] }) }
    if reason == nil, let freedom = out.residualDegreesOfFreedom, freedom <= 0 {
      reason = "there are as many coefficients as rows"
    }
    guard reason == nil, let whitening else {
      out.unavailable = reason
      return out
    }
    // For least squares after a factor, `transform` is already all of the whitening.
    let inside = settings.objective == .linear && transform != nil ? Matrix.identity(whitening.columns) : whitening
    var core: Matrix?
    if request.covariance != .classical {
      let meat = try passes.meat(request, transform: transform, whitening: inside, cancellation: cancellation)
      core = sandwich(meat, inside, out)
    }
    out.covariance = CoefficientCovariance(
      active: active, kept: (collinearity?.kept ?? []).map { active[$0] }, centre: centre, scale: scale,
      intercept: settings.intercept, columnCount: columns, outputs: outputs,
      whitening: composed(collinearity, transform, inside), core: core, scaleFactor: out.scale ?? 1,
      nullDirections: collinearity?.nullDirections ?? [])
    return out
  }

  /// What the solver decided on, by place; nil where it did not have to.
  private func dependentPlaces(among active: [Int]) -> [Int]? {
    guard !isPenalised, let dependencies = fit.dependencies else { return nil }
    let dependent = Set(dependencies.map(\.column))
    return active.indices.filter { dependent.contains(active[$0]) }
  }

  private var isPenalised: Bool { !settings.penalty.isNone }

  /// Small problems get the accurate way at once; by shape alone.
  private func isSmall(_ rows: WeightedRows) -> Bool {
    Double(rows.blocks.rowCount) * Double(rows.width * rows.width) <= request.smallProblem
  }

  /// Why there are no standard errors, as far as that is clear beforehand.
  private func obstacle(_ width: Int) -> String? {
    if isPenalised { return "the coefficients are shrunk by a penalty" }
    if width > survey.rows { return "there are as many coefficients as rows" }
    if !fit.converged { return "the fit did not converge" }
    if width * max(1, outputs - 1) > StatisticsRequest.mostCoefficients {
      return "there are more than \(StatisticsRequest.mostCoefficients) coefficients"
    }
    return nil
  }

  private func obstacle(_ collinearity: Collinearity?) -> String? {
    collinearity?.whitening == nil ? "the columns depend on each other" : nil
  }

  private func take(_ sums: RowModel.Sums, _ collinearity: Collinearity?, into out: inout FitStatistics) {
    out.deviance = sums.deviance
    if settings.objective == .linear {
      // What the factor says of the residuals holds at the minimum, which a penalty or dependent columns move away from.
      if settings.penalty.isNone, let collinearity, collinearity.dependencies.isEmpty,
        let squares = collinearity.residualSquares
      {
        out.deviance = squares
      }
      // A fit in twice the digits knows its residuals better than rounded coefficients or a factor tell.
      if settings.penalty.isNone, fit.solver == Fit.preciseSolver {
        out.deviance = 2 * fit.objectiveValue * survey.weight
      }
      let n = out.observations
      let weights = request.weights == .precision ? survey.logWeights / 2 : 0
      out.logLikelihood = weights - n / 2 * (Elementary.log(2 * .pi * out.deviance / n) + 1)
    } else {
      out.logLikelihood = sums.logLikelihood
      if outputs == 1 { out.pearson = sums.pearson }
      // Orthogonal columns have coefficients of few digits, those of columns close to each other many that cancel.
      if settings.objective != .poisson, settings.penalty.isNone, fit.solver == Fit.orthogonalSolver {
        out.logLikelihood = -fit.objectiveValue * survey.weight
        out.deviance = -2 * out.logLikelihood
      }
    }
  }

  private func take(_ collinearity: Collinearity?, _ active: [Int], into out: inout FitStatistics) {
    guard let collinearity else { return }
    out.conditionNumber = collinearity.conditionNumber
    for (place, value) in collinearity.inflation.enumerated() { out.inflation[active[place]] = value }
    out.dependencies = collinearity.dependencies(active)
  }

  private func countParameters(_ collinearity: Collinearity?, into out: inout FitStatistics) {
    guard settings.penalty.isNone, let collinearity else { return }
    let parameters = (collinearity.kept.count + offset) * max(1, outputs - 1)
    out.parameters = parameters
    let freedom = out.observations - Double(parameters)
    out.residualDegreesOfFreedom = freedom
    out.scale = settings.objective == .linear ? (freedom > 0 ? out.deviance / freedom : nil) : 1
  }

  /// The trace of the hat matrix of a ridge fit, tr((G + V·Λ)⁻¹·G) for G = `[1 | Z]ᵀ·V·[1 | Z]`.
  private func ridgeFreedom(_ gram: Matrix, _ scale: [Double]) -> Double? {
    guard settings.objective == .linear, settings.penalty.l1 == 0, settings.penalty.l2 > 0 else { return nil }
    var full = gram
    for column in 0..<full.columns {
      for row in 0..<column { full[column, row] = full[row, column] }
    }
    var penalised = full
    for (place, scale) in scale.enumerated() {
      penalised[place + offset, place + offset] += survey.weight * settings.penalty.l2 * scale * scale
    }
    guard let whitening = Whitening(penalised)?.triangle else { return nil }
    let products = full.times(whitening)
    return zip(products.elements, whitening.elements).reduce(0) { $0 + $1.0 * $1.1 }
  }

  /// From `[1 | Z]` to orthogonal columns: the whitening of the kept ones, with rows of zeros for the others.
  private func spread(_ collinearity: Collinearity, width: Int) -> Matrix? {
    guard let triangle = collinearity.whitening?.triangle else { return nil }
    var out = Matrix(rows: width, columns: triangle.columns)
    let places = Array(0..<offset) + collinearity.kept.map { $0 + offset }
    for column in 0..<triangle.columns {
      for (row, place) in places.enumerated() { out[place, column] = triangle[row, column] }
    }
    return out
  }

  /// Whitening of ([intercept] + kept) for every free output.
  private func composed(_ collinearity: Collinearity?, _ transform: Matrix?, _ inside: Matrix) -> Matrix {
    guard transform != nil, let triangle = collinearity?.whitening?.triangle else { return inside }
    let size = triangle.columns
    var out = Matrix(rows: inside.rows, columns: inside.columns)
    for free in 0..<max(1, outputs - 1) {
      let rows = free * size..<(free + 1) * size
      let part = triangle.times(inside[rows, 0..<inside.columns])
      for column in 0..<inside.columns {
        for row in 0..<size { out[rows.lowerBound + row, column] = part[row, column] }
      }
    }
    return out
  }

  /// The information of all free outputs, upper triangle; see `DesignPasses.Products.information`.
  private func assembled(_ blocks: [Matrix]) -> Matrix? {
    guard outputs > 1 else { return blocks.first }
    guard let size = blocks.first?.rows else { return nil }
    var out = Matrix(rows: size * (outputs - 1), columns: size * (outputs - 1))
    var pair = 0
    for second in 1..<outputs {
      for first in 0..<second {
        let block = blocks[pair]
        pair += 1
        for column in 0..<size {
          for row in 0..<size {
            let value = row <= column ? block[row, column] : block[column, row]
            // A class counts in its own block, and in that of each pair of which the other is its partner.
            if row <= column {
              out[(second - 1) * size + row, (second - 1) * size + column] += value
              if first > 0 { out[(first - 1) * size + row, (first - 1) * size + column] += value }
            }
            if first > 0 { out[(first - 1) * size + row, (second - 1) * size + column] = -value }
          }
        }
      }
    }
    return out
  }

  /// Wᵀ·meat·W, with the factor of HC1.
  private func sandwich(_ meat: Matrix, _ whitening: Matrix, _ out: FitStatistics) -> Matrix {
    var full = meat
    for column in 0..<full.columns {
      for row in 0..<column { full[column, row] = full[row, column] }
    }
    var core = whitening.times(full.times(whitening), transposingSelf: true)
    if request.covariance == .hc1, let freedom = out.residualDegreesOfFreedom {
      for index in core.elements.indices { core.elements[index] *= out.observations / freedom }
    }
    return core
  }
}
