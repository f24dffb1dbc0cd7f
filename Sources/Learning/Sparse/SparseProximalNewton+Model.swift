extension SparseProximalNewton {
  /// Coordinate descent on the quadratic model of an objective with one output; fills `change` and `shift`.
  func descend(from point: AlignedBuffer, share: Double) throws {
    let l2 = penalty.l2
    let curvatures = loss.curvatures.start
    let hasIntercept = loss.hasIntercept && diagonal.start[width] > 0
    let totalCurvature = hasIntercept ? diagonal.start[width] : 1
    let totalSlope = hasIntercept ? gradient.start[width] : 0
    if hasIntercept {
      try columns.visit(activeColumns) { column in
        let sum = columns.product(column, curvatures)
        weighted.start[column] = sum
        let reduced = diagonal.start[column] - sum * sum / totalCurvature
        diagonal.start[column] = max(reduced, 1e-10 * diagonal.start[column])
        gradient.start[column] -= sum / totalCurvature * totalSlope
      }
    }
    // Σ over columns of weighted mean · change: what centring takes off every row.
    var centring = 0.0
    var first = 0.0
    extrapolation.begin(columnCount: active.count)
    for pass in 0..<1000 {
      var moved = 0.0
      try columns.visit(activeColumns) { column in
        let (curvature, weight) = (diagonal.start[column] + l2, point.start[column] + change.start[column])
        var slope = gradient.start[column] + columns.product(column, curved.start) + l2 * weight
        if hasIntercept { slope -= weighted.start[column] * centring }
        let target = target(of: weight, slope: slope, curvature: curvature)
        let step = target - weight
        if step == 0 { return }
        change.start[column] = target - point.start[column]
        columns.add(column, step, scale: curvatures, to: curved.start)
        if hasIntercept { centring += step * weighted.start[column] / totalCurvature }
        moved += curvature * step * step
      }
      if pass == 0 { first = moved }
      if moved <= share * share * first || moved == 0 { break }
      guard extrapolation.add(column: { [change, active] in change.start[active[$0]] }, rows: curved.start) else {
        continue
      }
      let current = modelValue({ change.start[active[$0]] }, curved.start, from: point)
      let other = extrapolation.rows.withUnsafeBufferPointer { [columns = extrapolation.columns] rows in
        rows.baseAddress.map { modelValue({ columns[$0] }, $0, from: point) } ?? .infinity
      }
      if other < current {
        for (place, column) in active.enumerated() { change.start[column] = extrapolation.columns[place] }
        for row in 0..<loss.rows.rowCount { curved.start[row] = extrapolation.rows[row] }
        centring = 0
        if hasIntercept {
          for column in active { centring += change.start[column] * weighted.start[column] }
          centring /= totalCurvature
        }
      }
    }
    shift.start[0] = hasIntercept ? -centring - totalSlope / totalCurvature : 0
  }

  /// The quadratic model with its penalties, for the active columns, where their changes make `rows` of the rows.
  private func modelValue(
    _ change: (Int) -> Double, _ rows: UnsafePointer<Double>, from point: AlignedBuffer
  ) -> Double {
    var value = 0.0
    var centring = 0.0
    for (place, column) in active.enumerated() {
      let change = change(place)
      let weight = point.start[column] + change
      value += gradient.start[column] * change + penalty.l1 * abs(weight) + penalty.l2 / 2 * weight * weight
      if loss.hasIntercept { centring += change * weighted.start[column] }
    }
    let curvatures = loss.curvatures.start
    var square = 0.0
    for row in 0..<loss.rows.rowCount where curvatures[row] > 0 { square += rows[row] * rows[row] / curvatures[row] }
    if loss.hasIntercept, diagonal.start[width] > 0 { square -= centring * centring / diagonal.start[width] }
    return value + square / 2
  }
}
