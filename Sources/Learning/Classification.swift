internal import Basics
internal import LinearAlgebra
internal import Statistics

/// Logistic and multinomial regression.
///
/// Rows are centred (for an intercept) and scaled by powers of two to about unit deviation, which the penalty takes
/// into account, so the solver sees comparable columns whatever their units. Newton's method with the exact Hessian
/// serves up to 1000 coefficients of a binary and 320 of a multinomial model, L-BFGS more.
///
/// Without a penalty the softmax is not identified, and columns that depend on each other leave it open too: the
/// solution of least norm is taken, whose coefficients sum to zero over the classes. With a penalty the minimum has
/// that sum by itself.
struct Classification: PreparedProblem {
  private let settings: FitSettings
  private let survey: Moments.Survey
  private let frame: EncodedRows.Frame
  private let rows: EncodedRows
  private let outputs: Int
  private let constantColumns: [Int]

  init(_ source: any DesignSource, _ settings: FitSettings, cancellation: Cancellation) throws {
    self.settings = settings
    outputs = settings.objective.outputs
    survey = try Moments.survey(source, settings, fullScatter: false, cancellation: cancellation)
    let frame = survey.frame(centred: settings.intercept, targetCentred: false)
    self.frame = frame
    constantColumns = frame.scale.indices.filter { frame.scale[$0] == 0 }
    rows = try EncodedRows(
      source, frame: frame, intercept: settings.intercept, memory: settings.memory, threads: settings.threads,
      cancellation: cancellation)
  }

  private var offset: Int { settings.intercept ? 1 : 0 }
  private var width: Int { rows.designWidth }

  func fit(_ penalty: Penalty, start: Fit?, cancellation: Cancellation) throws -> Fit {
    let l2 = penalty.l2
    // A constant column has only zeros in Z; any penalty keeps its coefficient at 0.
    var penalties = [Double](repeating: 0, count: width)
    for column in 0..<rows.columnCount {
      let scale = frame.scale[column]
      penalties[offset + column] = scale > 0 ? l2 * scale * scale : 1
    }
    let problem = ClassLoss(rows, outputs: outputs, penalties: penalties, threads: settings.threads)
    let null = nullPoint
    let point = start.map(internalPoint) ?? null
    let reference = try referenceNorm(problem, at: null, cancellation: cancellation)
    let rule = StoppingRule(
      gradientNorm: settings.tolerance * reference, maximumIterations: settings.maximumIterations,
      isUnbounded: { l2 == 0 && $0.smallestMargin > 0 && $0.value < 1e-6 })
    var minimum =
      if problem.dimension <= (outputs == 1 ? 1000 : 320) {
        try Newton.minimise(problem, from: point, rule, cancellation: cancellation)
      } else {
        try LimitedMemoryBFGS.minimise(
          problem, from: point, curvatures: curvatures(penalties), rule, cancellation: cancellation)
      }
    if l2 == 0 { takeShortest(&minimum) }
    return makeFit(minimum, reference: reference, l2: l2)
  }

  /// The norm that gradients are held against; see `Fit.gradientNorm`.
  private func referenceNorm(
    _ problem: ClassLoss, at null: [Double], cancellation: Cancellation
  ) throws -> Double {
    let gradient = try problem.evaluate(at: null, hessian: false, cancellation: cancellation).gradientNorm
    let shares = nullShares
    // Mean square of y_k − p_k over rows, summed over the outputs.
    var square = 0.0
    for (index, count) in survey.moments.classCounts.enumerated() where outputs > 1 || index == 1 {
      let share = Double(count) / survey.moments.count
      square += share * (1 - shares[index]) * (1 - shares[index]) + (1 - share) * shares[index] * shares[index]
    }
    return max(gradient, 1e-4 * square.squareRoot())
  }

  /// Probabilities of the classes in the model without coefficients.
  private var nullShares: [Double] {
    let counts = survey.moments.classCounts
    return counts.map { settings.intercept ? Double($0) / survey.moments.count : 1 / Double(counts.count) }
  }

  /// Coefficients 0, and the intercepts that fit best with them.
  private var nullPoint: [Double] {
    var point = [Double](repeating: 0, count: width * outputs)
    guard settings.intercept else { return point }
    let logs = nullShares.map { Elementary.log($0) }
    if outputs == 1 {
      point[0] = logs[1] - logs[0]
    } else {
      let centre = mean(logs)
      for output in 0..<outputs { point[output * width] = logs[output] - centre }
    }
    return point
  }

  /// Guesses of the Hessian's diagonal: about unit mean squares times the null model's variance of a class.
  private func curvatures(_ penalties: [Double]) -> [Double] {
    let shares = nullShares
    return (0..<width * outputs).map { index in
      let share = outputs == 1 ? shares[1] : shares[index / width]
      return share * (1 - share) + penalties[index % width]
    }
  }

  /// The source's coefficients and intercepts as those of `[1 | Z]`.
  private func internalPoint(_ fit: Fit) -> [Double] {
    var point = [Double](repeating: 0, count: width * outputs)
    for output in 0..<outputs {
      var intercept = CompensatedSum()
      intercept.add(fit.intercepts[output])
      for column in 0..<rows.columnCount where frame.scale[column] > 0 {
        let coefficient = fit.coefficients[output * rows.columnCount + column]
        point[output * width + offset + column] = coefficient / frame.scale[column]
        intercept.addProduct(coefficient, frame.centre[column])
      }
      if settings.intercept { point[output * width] = intercept.value }
    }
    return point
  }

  /// Removes what flat directions added to the coefficients, as measured in the source's columns.
  private func takeShortest(_ minimum: inout Minimum) {
    guard let flat = minimum.flatDirections else { return }
    let metric = (0..<width * outputs).map { index in
      let column = index % width - offset
      return column < 0 ? 0 : frame.scale[column]
    }
    minimum.point = MinimumNorm.shortest(
      minimum.point, nullSpace: flat.basis, scaling: flat.scaling, metric: metric)
  }

  private func makeFit(_ minimum: Minimum, reference: Double, l2: Double) -> Fit {
    let columns = rows.columnCount
    var coefficients = [Double](repeating: 0, count: columns * outputs)
    var intercepts = [Double](repeating: 0, count: outputs)
    for output in 0..<outputs {
      var intercept = CompensatedSum()
      if settings.intercept { intercept.add(minimum.point[output * width]) }
      for column in 0..<columns {
        let coefficient = minimum.point[output * width + offset + column] * frame.scale[column]
        coefficients[output * columns + column] = coefficient
        if settings.intercept { intercept.addProduct(-coefficient, frame.centre[column]) }
      }
      intercepts[output] = intercept.value
    }
    if outputs > 1 { centre(&coefficients, &intercepts) }

    let relative = minimum.evaluation.gradientNorm / reference
    let separation = l2 == 0 ? separationNote(minimum) : nil
    let converged = relative <= settings.tolerance && separation == nil
    var notes = constantColumnNotes(constantColumns, settings)
    if let flat = minimum.flatDirections, flat.basis.columns > 0, l2 == 0 {
      notes.append("the columns depend on each other: of all solutions that of least norm is taken")
    }
    if let separation {
      notes.append(separation)
    } else if !converged {
      notes.append(
        "not converged after \(minimum.iterations) iterations: the relative gradient norm is above the tolerance")
    }
    return Fit(
      coefficients: coefficients, intercepts: intercepts, objectiveValue: minimum.evaluation.value,
      gradientNorm: relative, iterations: minimum.iterations, converged: converged, solver: minimum.solver,
      conditionEstimate: minimum.condition, notes: notes)
  }

  /// Takes off what is common to all classes.
  private func centre(_ coefficients: inout [Double], _ intercepts: inout [Double]) {
    for column in 0..<rows.columnCount {
      let places = (0..<outputs).map { $0 * rows.columnCount + column }
      let common = mean(places.map { coefficients[$0] })
      for place in places { coefficients[place] -= common }
    }
    let common = mean(intercepts)
    for output in intercepts.indices { intercepts[output] -= common }
  }

  /// Says that there is no finite minimum. Complete separation is proved by margins above 0; where only some rows can
  /// be separated, the gradient fades but Newton's steps do not.
  private func separationNote(_ minimum: Minimum) -> String? {
    if minimum.evaluation.smallestMargin > 0 {
      return "the columns separate the classes perfectly: without a penalty the coefficients grow without bound"
    }
    guard let step = minimum.nextStep else { return nil }
    let farthest = step.indices.max { abs(step[$0]) < abs(step[$1]) }
    guard let farthest, abs(step[farthest]) > 0.1, minimum.evaluation.gradientNorm < 1e-5 else { return nil }
    let column = farthest % width - offset
    let culprit = column < 0 ? "" : ", first \(settings.name(ofColumns: [column]))"
    return "some columns separate a class perfectly\(culprit): without a penalty their coefficients grow without bound"
  }
}
