extension SparseProximalNewton {
  /// Coordinate descent on the quadratic model of the softmax, whose Hessian ties the classes of a row together:
  /// v·(diag(p) − p·pᵀ). Kept are the predictors δ of the change and their mean p·δ in each row. After each round over the
  /// coefficients the intercepts are fitted together. Fills `change` and `shift`.
  func descendClasses(from point: AlignedBuffer, share: Double) throws {
    means.start.update(repeating: 0, count: loss.rows.rowCount)
    if loss.hasIntercept { takeInterceptHessian() }
    let intercepts = loss.hasIntercept ? outputs : 0
    var first = 0.0
    extrapolation.begin(columnCount: active.count + intercepts)
    for pass in 0..<1000 {
      var moved = 0.0
      var place = 0
      try columns.visit(activeColumns) { column in
        while place < active.count, active[place] / outputs == column {
          moved += improve(active[place], from: point)
          place += 1
        }
      }
      if loss.hasIntercept { moved += fitIntercepts() }
      if pass == 0 { first = moved }
      if moved <= share * share * first || moved == 0 { break }
      guard extrapolation.add(column: coordinate, rows: curved.start) else { continue }
      try extrapolate(from: point)
    }
  }

  /// The change of an active coefficient or, behind those, of an intercept.
  private func coordinate(_ place: Int) -> Double {
    place < active.count ? change.start[active[place]] : shift.start[place - active.count]
  }

  /// Minimises the model in one coefficient; gives its curvature times the square of the step.
  private func improve(_ index: Int, from point: AlignedBuffer) -> Double {
    let (column, output) = index.quotientAndRemainder(dividingBy: outputs)
    let (weights, shares) = (loss.weights.start, loss.curvatures.start)
    let (curved, means, outputs) = (curved.start, means.start, outputs)
    let (curvature, weight) = (diagonal.start[index] + penalty.l2, point.start[index] + change.start[index])
    var slope = gradient.start[index] + penalty.l2 * weight
    columns.eachEntry(column) { row, value in
      let place = row * outputs + output
      slope += value * weights[row] * shares[place] * (curved[place] - means[row])
    }
    let target = target(of: weight, slope: slope, curvature: curvature)
    let step = target - weight
    if step == 0 { return 0 }
    change.start[index] = target - point.start[index]
    addColumn(index, step)
    return curvature * step * step
  }

  /// Adds a step of a coefficient to the predictors of the change.
  private func addColumn(_ index: Int, _ step: Double) {
    let (column, output) = index.quotientAndRemainder(dividingBy: outputs)
    let (curved, means, shares, outputs) = (curved.start, means.start, loss.curvatures.start, outputs)
    columns.eachEntry(column) { row, value in
      let place = row * outputs + output
      curved[place] += step * value
      means[row] += shares[place] * step * value
    }
  }

  /// Minimises the model in all intercepts; gives the square of the step in their Hessian.
  private func fitIntercepts() -> Double {
    let (weights, shares) = (loss.weights.start, loss.curvatures.start)
    for output in 0..<outputs { interceptSlopes[output] = -gradient.start[width + output] }
    for row in 0..<loss.rows.rowCount {
      for output in 0..<outputs {
        let place = row * outputs + output
        interceptSlopes[output] -= weights[row] * shares[place] * (curved.start[place] - means.start[row])
      }
    }
    var moved = 0.0
    for output in 0..<outputs { weighted.start[output] = interceptSlopes[output] }
    guard solveIntercepts() else { return 0 }
    for output in 0..<outputs {
      moved += weighted.start[output] * interceptSlopes[output]
      shift.start[output] += interceptSlopes[output]
    }
    for row in 0..<loss.rows.rowCount { addShift(row, interceptSlopes) }
    return max(0, moved)
  }

  private func addShift(_ row: Int, _ shift: [Double]) {
    for output in 0..<outputs {
      curved.start[row * outputs + output] += shift[output]
      means.start[row] += loss.curvatures.start[row * outputs + output] * shift[output]
    }
  }

  /// Goes where the last iterates point to, if the model is lower there.
  private func extrapolate(from point: AlignedBuffer) throws {
    let before = modelValue(from: point)
    let target = extrapolation.columns
    for place in target.indices { spare[place] = coordinate(place) }
    try take(target)
    if modelValue(from: point) < before { return }
    try take(spare)
  }

  /// Makes the change one of these numbers, and the predictors its own.
  private func take(_ coordinates: [Double]) throws {
    for (place, index) in active.enumerated() { change.start[index] = coordinates[place] }
    if loss.hasIntercept {
      for output in 0..<outputs { shift.start[output] = coordinates[active.count + output] }
    }
    for row in 0..<loss.rows.rowCount {
      means.start[row] = 0
      for output in 0..<outputs {
        curved.start[row * outputs + output] = shift.start[output]
        means.start[row] += loss.curvatures.start[row * outputs + output] * shift.start[output]
      }
    }
    var place = 0
    try columns.visit(activeColumns) { column in
      while place < active.count, active[place] / outputs == column {
        addColumn(active[place], change.start[active[place]])
        place += 1
      }
    }
  }

  /// The quadratic model with its penalties.
  private func modelValue(from point: AlignedBuffer) -> Double {
    var value = 0.0
    for index in active {
      let weight = point.start[index] + change.start[index]
      value +=
        gradient.start[index] * change.start[index] + penalty.l1 * abs(weight) + penalty.l2 / 2 * weight * weight
    }
    if loss.hasIntercept {
      for output in 0..<outputs { value += gradient.start[width + output] * shift.start[output] }
    }
    var square = 0.0
    for row in 0..<loss.rows.rowCount where loss.weights.start[row] > 0 {
      var own = -means.start[row] * means.start[row]
      for output in 0..<outputs {
        let place = row * outputs + output
        own += loss.curvatures.start[place] * curved.start[place] * curved.start[place]
      }
      square += loss.weights.start[row] * own
    }
    return value + square / 2
  }
}
