internal import Statistics

/// What a least-squares solver found, in the source's units.
struct LinearOutcome {
  /// The columns that the weights belong to; the others have none.
  var active: [Int]
  var weights: [Double]
  /// Added to `ȳ − Σ weight · mean` for the intercept: 0 but for rounding.
  var shift = 0.0
  /// Minus the gradient of the objective by the weights, here and with all weights 0.
  var descent: [Double] = []
  let nullDescent: [Double]
  var meanResidual = 0.0
  var value = 0.0
  /// With an L1 penalty, relative to the objective of the model without weights.
  var dualityGap: Double?
  var iterations = 0
  var solver: String
  var condition: Double?
  /// See `Fit.dependencies`.
  var dependencies: [FitStatistics.Dependency]?
  var notes: [String] = []

  init(active: [Int], weights: [Double] = [], nullDescent: [Double], solver: String) {
    self.active = active
    self.weights = weights
    self.nullDescent = nullDescent
    self.solver = solver
  }

  /// The result, with its gradient in columns of unit deviation and relative to that of the model without weights.
  func fit(_ survey: Moments.Survey, _ settings: FitSettings) -> Fit {
    let spreads = survey.spreads
    let count = survey.moments.count
    let columnCount = spreads.count - 1
    let targetDeviation = (spreads[columnCount] / count).squareRoot()
    func norm(_ gradient: [Double]) -> Double {
      zip(active, gradient).reduce(0) { $0 + $1.1 * $1.1 / (spreads[$1.0] / count) }.squareRoot()
    }
    let reference = max(norm(nullDescent), 1e-4 * targetDeviation)
    let relative = reference > 0 ? norm(descent) / reference : 0

    var coefficients = [Double](repeating: 0, count: columnCount)
    for (column, weight) in zip(active, weights) { coefficients[column] = weight }
    let means = survey.columnMeans
    var intercept = CompensatedSum()
    if settings.intercept {
      intercept.add(survey.moments.means[columnCount])
      intercept.add(survey.targetOrigin)
      intercept.add(shift)
      for column in active { intercept.addProduct(-coefficients[column], means[column]) }
    }
    let converged = dualityGap.map { $0 <= settings.tolerance / 100 } ?? (relative <= settings.tolerance)
    return Fit(
      coefficients: coefficients, intercepts: [intercept.value], objectiveValue: value, gradientNorm: relative,
      dualityGap: dualityGap, iterations: max(1, iterations), converged: converged, solver: solver,
      conditionEstimate: condition, dependencies: dependencies,
      notes: constantNotes(columnCount, settings) + notes + (converged ? [] : [notConvergedNote]))
  }

  private func constantNotes(_ columnCount: Int, _ settings: FitSettings) -> [String] {
    let kept = Set(active)
    return constantColumnNotes((0..<columnCount).filter { !kept.contains($0) }, settings)
  }

  private var notConvergedNote: String {
    "rounding errors keep the gradient above the tolerance: the columns differ too much in size or depend on each other"
  }
}

/// Names columns that depend on others, and these: `'c' depends on 'a', 'b'; 'd' on 'a'`, the first eight.
func dependencyPhrase(
  _ dependencies: [FitStatistics.Dependency], _ settings: FitSettings, verb: String = ""
) -> String {
  let shown = dependencies.prefix(8).enumerated().map { place, dependency in
    let others = dependency.others.prefix(8).map(settings.name(ofColumn:)).joined(separator: ", ")
    let more = dependency.others.count > 8 ? " and \(dependency.others.count - 8) more" : ""
    let verb = place == 0 && !verb.isEmpty ? " \(verb)" : ""
    return settings.name(ofColumn: dependency.column) + verb
      + (others.isEmpty ? " on the intercept" : " on \(others)\(more)")
  }
  let more = dependencies.count > 8 ? "; \(dependencies.count - 8) more" : ""
  return shown.joined(separator: "; ") + more
}

/// Says which columns carry nothing.
func constantColumnNotes(_ columns: [Int], _ settings: FitSettings) -> [String] {
  if columns.isEmpty { return [] }
  let what = settings.intercept ? "constant" : "zero throughout"
  let (verb, whose) = columns.count == 1 ? ("is", "its coefficient is") : ("are", "their coefficients are")
  return ["\(settings.name(ofColumns: columns)) \(verb) \(what): \(whose) 0"]
}
