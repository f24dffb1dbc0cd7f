internal import Basics
internal import LinearAlgebra
internal import Statistics

/// Logistic, multinomial and Poisson regression.
///
/// Columns are centred (for an intercept) and scaled by powers of two to about unit deviation, which the penalty takes
/// into account, so the solver sees comparable columns whatever their units. `Newton` serves up to 2000 coefficients of a
/// model with one output and 1200 of a multinomial one, limited-memory BFGS more, and `ProximalNewton` those with an L1
/// penalty.
///
/// Without a penalty the softmax is not identified, and columns that depend on each other leave it open too: the
/// solution of least norm is taken, whose coefficients sum to zero over the classes. With a squared penalty the minimum has
/// that sum by itself.
struct LossFit: PreparedProblem {
  let source: any DesignSource
  let settings: FitSettings
  let loss: Loss
  let survey: LossSurvey
  let rows: EncodedRows
  private let metric: LossProblem.Metric
  private let constantColumns: [Int]

  var outputs: Int { loss.outputs }
  private var offset: Int { settings.intercept ? 1 : 0 }
  private var width: Int { rows.designWidth }

  init(_ source: any DesignSource, _ settings: FitSettings, cancellation: Cancellation) throws {
    self.source = source
    self.settings = settings
    loss = Loss(settings.objective)
    if source.hasOffsets, loss != .poisson {
      throw LearningError.invalidSetting("offsets belong to linear and poisson models")
    }
    let pilot = Pilot(source, intercept: settings.intercept, targetCentred: false)
    var rows = EncodedRows(source, frame: pilot.frame, intercept: settings.intercept, memory: settings.memory)
    var survey = try LossSurvey.make(rows, loss, settings, cancellation: cancellation)
    try survey.validate(rows, settings, cancellation: cancellation)
    if let frame = survey.betterFrame(rows, loss) {
      rows = EncodedRows(source, frame: frame, intercept: settings.intercept, memory: settings.memory)
      survey = try LossSurvey.make(rows, loss, settings, cancellation: cancellation)
    }
    self.rows = rows
    self.survey = survey
    metric = survey.metric(rows, loss)
    let first = settings.intercept ? 1 : 0
    let inverse = metric.inverseDeviations
    constantColumns = (0..<rows.columnCount).filter { inverse[first + $0] == 0 }
  }

  func fit(_ penalty: Penalty, start: Fit?, cancellation: Cancellation) throws -> Fit {
    if penalty.l1 == 0 {
      let ending = try smoothEnding(penalty, start: start.map(internalPoint), cancellation: cancellation)
      return try makeFit(ending, penalty, cancellation: cancellation)
    }
    let (problem, _) = smoothProblem(penalty)
    let reference = referenceNorm(problem)
    let rule = stoppingRule(reference, isPenalised: true)
    let begin = start.map(internalPoint) ?? nullPoint
    let absolutes = absolutePenalties(penalty.l1)
    let minimum =
      problem.dimension > 1500
      ? try minimumByWorkingSets(
        problem, penalty, absolutes: absolutes, from: begin, rule, cancellation: cancellation)
      : try ProximalNewton.minimise(
        problem, l1: absolutes, from: begin, smallGap: settings.tolerance / 100 * nullDeviance, rule,
        cancellation: cancellation)
    let rest = problem.subgradient(at: minimum.point, minimum.evaluation.gradient, l1: absolutes)
    let (coefficients, intercepts) = externalPoint(minimum.point)
    let ending = Ending(
      minimum: minimum, coefficients: coefficients, intercepts: intercepts,
      gradientNorm: problem.norm(rest) / reference)
    return try makeFit(ending, penalty, cancellation: cancellation)
  }

  /// Where a solver stopped, in the source's columns.
  struct Ending {
    var minimum: Minimum
    var coefficients: [Double]
    var intercepts: [Double]
    /// Of what is left of the conditions of the minimum, relative.
    var gradientNorm: Double
    /// The coefficients' part of the Newton step that would come next, and how far it would move the score of any row; where
    /// some are unresolved, what they have gone along the directions in which the function is flat by now.
    var nextStep: [Double]?
    var largestMove = 0.0
    /// Columns of which the rows say less than rounding takes, weighted as they are at the end.
    var unresolved: [Int] = []
    /// See `Fit.dependencies`.
    var dependencies: [FitStatistics.Dependency]?
  }

  private func stoppingRule(_ reference: Double, isPenalised: Bool) -> StoppingRule {
    StoppingRule(
      gradientNorm: settings.tolerance * reference, maximumIterations: settings.maximumIterations,
      deadline: settings.maximumSeconds.map { .now + .seconds($0) },
      isUnbounded: {
        !isPenalised && $0.rows.smallestMargin > 0 && $0.rows.smallestMargin < .infinity && $0.value < 1e-6
      })
  }

  /// The fit without an L1 penalty, from a point of `[1 | Z]`.
  func smoothEnding(
    _ penalty: Penalty, start: [Double]? = nil, cancellation: Cancellation
  ) throws -> Ending {
    let (problem, penalties) = smoothProblem(penalty)
    let reference = referenceNorm(problem)
    var rule = stoppingRule(reference, isPenalised: !penalty.isNone)
    let begin = start ?? nullPoint
    var minimum: Minimum
    let isNewton = usesNewton(problem)
    if isNewton {
      if penalty.isNone, !(source is OrthogonalColumns) { rule.largestCondition = LossFit.largestCondition }
      minimum = try Newton.minimise(problem, from: begin, isNear: start != nil, rule, cancellation: cancellation)
      if minimum.isIllConditioned {
        if let ending = try orthogonalEnding(cancellation) { return ending }
        rule.largestCondition = .infinity
        minimum = try Newton.minimise(problem, from: begin, isNear: start != nil, rule, cancellation: cancellation)
      }
    } else {
      minimum = try LimitedMemoryBFGS.minimise(
        problem, from: begin, curvatures: curvatures(penalties), rule, cancellation: cancellation)
    }
    let (coefficients, intercepts) = externalPoint(minimum.point)
    var ending = Ending(
      minimum: minimum, coefficients: coefficients, intercepts: intercepts,
      gradientNorm: problem.norm(minimum.evaluation.gradient) / reference)
    if penalty.isNone, let part = flatPart(minimum) {
      ending.unresolved = flatColumns(minimum)
      ending.nextStep = externalPoint(part).coefficients
    } else if penalty.isNone, let step = minimum.nextStep {
      ending.nextStep = externalPoint(step).coefficients
      ending.largestMove = try largestMove(step, cancellation: cancellation)
    }
    if penalty.isNone, isNewton, minimum.flatDirections == nil { ending.dependencies = [] }
    return ending
  }

  /// The loss with the squared penalty, and what that weighs each coefficient of an output with.
  func smoothProblem(_ penalty: Penalty) -> (problem: LossProblem, penalties: [Double]) {
    // A constant column has only zeros in Z; any penalty keeps its coefficient at 0.
    var penalties = [Double](repeating: 0, count: width)
    for column in 0..<rows.columnCount {
      let scale = rows.frame.scale[column]
      penalties[offset + column] = metric.inverseDeviations[offset + column] > 0 ? penalty.l2 * scale * scale : 1
    }
    let problem = LossProblem(
      rows, loss, penalties: penalties, metric: metric, threads: settings.threads, tiesCoefficients: penalty.l1 == 0,
      responseSize: loss == .poisson ? survey.responses[1] / survey.weight : 1)
    return (problem, penalties)
  }

  /// Where the coefficients of a fit without a penalty lead, as far as it gets: those of classes that are told apart, else
  /// the step that would come next.
  func direction(cancellation: Cancellation) throws -> [Double] {
    try smoothEnding(Penalty(), cancellation: cancellation).direction
  }

  func usesNewton(_ problem: LossProblem) -> Bool {
    switch settings.solver {
    case .newton: true
    case .lbfgs: false
    default: problem.dimension <= (outputs == 1 ? 2000 : 1200)
    }
  }

  private func absolutePenalties(_ l1: Double) -> [Double] {
    (0..<width * outputs).map { index in
      let column = index % width - offset
      return column < 0 ? 0 : l1 * rows.frame.scale[column]
    }
  }

  func largestL1(cancellation: Cancellation) throws -> Double {
    let gradient = nullGradient().gradient
    var largest = 0.0
    for index in gradient.indices where index % width >= offset {
      let column = index % width - offset
      if metric.inverseDeviations[index % width] > 0 {
        largest = max(largest, abs(gradient[index]) / rows.frame.scale[column])
      }
    }
    return largest
  }

  /// The norm that gradients are held against; see `Fit.gradientNorm`.
  private func referenceNorm(_ problem: LossProblem) -> Double {
    let (gradient, residualSquare) = nullGradient()
    return max(problem.norm(gradient), 1e-4 * residualSquare.squareRoot())
  }

  /// The gradient at `nullPoint`, and the mean square of its residuals, summed over the outputs.
  private func nullGradient() -> (gradient: [Double], residualSquare: Double) {
    var gradient = [Double](repeating: 0, count: width * outputs)
    var square = 0.0
    if loss == .poisson {
      let factor = settings.intercept ? survey.responses[1] / survey.responses[0] : 1
      for column in 0..<width {
        gradient[column] = (factor * survey.products[column, 0] - survey.products[column, 1]) / survey.weight
      }
      square = factor * survey.responses[0] / survey.weight
    } else {
      let shares = nullShares
      let sums = survey.sums(loss)
      for output in 0..<outputs {
        let index = outputs == 1 ? 1 : output
        for column in 0..<width {
          gradient[output * width + column] =
            (shares[index] * sums[column] - survey.products[column, index]) / survey.weight
        }
        let share = survey.responses[index] / survey.weight
        square += share * (1 - shares[index]) * (1 - shares[index]) + (1 - share) * shares[index] * shares[index]
      }
    }
    return (gradient, square)
  }

  /// Probabilities of the classes in the model without coefficients.
  private var nullShares: [Double] {
    survey.responses.map { settings.intercept ? $0 / survey.weight : 1 / Double(survey.responses.count) }
  }

  /// Mean loss of the model without coefficients, above the least that the loss can be.
  private var nullDeviance: Double {
    if loss == .poisson {
      let factor = settings.intercept ? survey.responses[1] / survey.responses[0] : 1
      // Σ v·(μ − y·s); the part of the offsets in y·s is bounded from below by leaving it out.
      let value = factor * survey.responses[0] - survey.responses[1] * Elementary.log(factor)
      return max((value - survey.saturated) / survey.weight, 1e-3 * survey.responses[1] / survey.weight)
    }
    var sum = 0.0
    for (share, weight) in zip(nullShares, survey.responses) { sum -= weight * Elementary.log(share) }
    return sum / survey.weight
  }

  /// Coefficients 0, and the intercepts that fit best with them.
  var nullPoint: [Double] {
    var point = [Double](repeating: 0, count: width * outputs)
    guard settings.intercept else { return point }
    if loss == .poisson {
      point[0] = Elementary.log(survey.responses[1] / survey.responses[0])
      return point
    }
    let logs = nullShares.map { Elementary.log($0) }
    if outputs == 1 {
      point[0] = logs[1] - logs[0]
    } else {
      let centre = mean(logs)
      for output in 0..<outputs { point[output * width] = logs[output] - centre }
    }
    return point
  }

  /// Guesses of the Hessian's diagonal: about unit mean squares times the null model's variance of a class or count.
  private func curvatures(_ penalties: [Double]) -> [Double] {
    let shares = nullShares
    let ofCounts = survey.responses[1] / survey.weight
    return (0..<width * outputs).map { index in
      let share = outputs == 1 ? shares[1] : shares[index / width]
      return (loss == .poisson ? ofCounts : share * (1 - share)) + penalties[index % width]
    }
  }

  /// The source's coefficients and intercepts as those of `[1 | Z]`.
  func internalPoint(_ fit: Fit) -> [Double] {
    var point = [Double](repeating: 0, count: width * outputs)
    for output in 0..<outputs {
      var intercept = CompensatedSum()
      intercept.add(fit.intercepts[output])
      for column in 0..<rows.columnCount where rows.frame.scale[column] > 0 {
        let coefficient = fit.coefficients[output * rows.columnCount + column]
        point[output * width + offset + column] = coefficient / rows.frame.scale[column]
        intercept.addProduct(coefficient, rows.frame.centre[column])
      }
      if settings.intercept { point[output * width] = intercept.value }
    }
    return point
  }

  /// Coefficients of `[1 | Z]` as those of the source's columns, and intercepts.
  func externalPoint(_ point: [Double]) -> (coefficients: [Double], intercepts: [Double]) {
    let columns = rows.columnCount
    var coefficients = [Double](repeating: 0, count: columns * outputs)
    var intercepts = [Double](repeating: 0, count: outputs)
    for output in 0..<outputs {
      var intercept = CompensatedSum()
      if settings.intercept { intercept.add(point[output * width]) }
      for column in 0..<columns {
        let coefficient = point[output * width + offset + column] * rows.frame.scale[column]
        coefficients[output * columns + column] = coefficient
        if settings.intercept { intercept.addProduct(-coefficient, rows.frame.centre[column]) }
      }
      intercepts[output] = intercept.value
    }
    return (coefficients, intercepts)
  }

  private func makeFit(_ ending: Ending, _ penalty: Penalty, cancellation: Cancellation) throws -> Fit {
    let minimum = ending.minimum
    var (coefficients, intercepts) = (ending.coefficients, ending.intercepts)
    if outputs > 1 { centre(&coefficients, &intercepts, coefficientsToo: penalty.l1 == 0) }

    let relative = ending.gradientNorm
    let separation = penalty.isNone ? try separationNote(ending, cancellation) : nil
    let isSmall =
      minimum.dualityGap.map { $0 <= settings.tolerance / 100 * nullDeviance } ?? (relative <= settings.tolerance)
    let converged = isSmall && separation == nil && ending.unresolved.isEmpty
    var notes = constantColumnNotes(constantColumns, settings)
    if let note = dependencyNote(ending), penalty.isNone { notes.append(note) }
    if let separation {
      notes.append(separation)
    } else if !ending.unresolved.isEmpty {
      notes.append(
        "not converged: what the rows say of \(settings.name(ofColumns: ending.unresolved)) is lost in rounding")
    } else if !converged {
      let rest = minimum.dualityGap == nil ? "the relative gradient norm" : "the relative duality gap"
      let why = minimum.ranOutOfTime ? "when its time ran out" : "after \(minimum.iterations) iterations"
      notes.append("not converged \(why): \(rest) is above the tolerance")
    }
    var value = minimum.evaluation.value
    for coefficient in coefficients { value += penalty.l1 * abs(coefficient) }
    return Fit(
      coefficients: coefficients, intercepts: intercepts, objectiveValue: value, gradientNorm: relative,
      dualityGap: minimum.dualityGap.map { $0 / nullDeviance }, iterations: minimum.iterations, converged: converged,
      solver: minimum.solver, conditionEstimate: minimum.condition,
      dependencies: ending.dependencies, survey: survey.columns(rows, loss),
      passed: penalty.l1 == 0 ? passedStatistics(minimum) : nil, notes: notes)
  }

  /// What statistics would pass over the rows for, where that was found on the way.
  private func passedStatistics(_ minimum: Minimum) -> PassedStatistics? {
    guard let gram = survey.gram else { return nil }
    let found = minimum.evaluation.rows
    return PassedStatistics(
      sums: RowModel.Sums(deviance: 2 * found.loss, logLikelihood: -found.loss, pearson: found.pearson), gram: gram,
      frame: rows.frame, intercept: settings.intercept)
  }

  /// Takes off what is common to all classes.
  private func centre(_ coefficients: inout [Double], _ intercepts: inout [Double], coefficientsToo: Bool) {
    if coefficientsToo {
      for column in 0..<rows.columnCount {
        let places = (0..<outputs).map { $0 * rows.columnCount + column }
        let common = mean(places.map { coefficients[$0] })
        for place in places { coefficients[place] -= common }
      }
    }
    let common = mean(intercepts)
    for output in intercepts.indices { intercepts[output] -= common }
  }
}

extension LossSurvey {
  /// How gradients are measured.
  func metric(_ rows: EncodedRows, _ loss: Loss) -> LossProblem.Metric {
    let sums = sums(loss)
    var metric = LossProblem.Metric(
      means: [Double](repeating: 0, count: squares.count),
      inverseDeviations: [Double](repeating: 1, count: squares.count))
    for column in (rows.intercept ? 1 : 0)..<squares.count {
      let mean = rows.intercept ? sums[column] / weight : 0
      let variance = squares[column] / weight - mean * mean
      metric.means[column] = mean
      metric.inverseDeviations[column] = variance > 0 ? 1 / variance.squareRoot() : 0
    }
    return metric
  }

  /// A frame around the means, where the one in use lies more than eight deviations beside one.
  func betterFrame(_ rows: EncodedRows, _ loss: Loss) -> EncodedRows.Frame? {
    guard rows.intercept else { return nil }
    let sums = sums(loss)
    var frame = rows.frame
    var isOff = false
    for column in 0..<rows.columnCount {
      let mean = sums[column + 1] / weight
      let variance = squares[column + 1] / weight - mean * mean
      guard variance > 0 else { continue }
      if mean * mean > 64 * variance {
        frame.centre[column] += mean / frame.scale[column]
        isOff = true
      }
      let deviation = variance.squareRoot()
      if deviation < 0.01 || deviation > 100 {
        frame.scale[column] *= inversePowerOfTwo(deviation)
        isOff = true
      }
    }
    return isOff ? frame : nil
  }
}
