internal import Basics
internal import Statistics

extension SparseLoss {
  /// Reads targets, weights and offsets, and holds them against what the objective can take.
  func readRows(_ source: any SparseDesignSource, _ objective: Objective) throws {
    let all = 0..<rows.rowCount
    func buffer(_ memory: AlignedBuffer) -> UnsafeMutableBufferPointer<Double> {
      UnsafeMutableBufferPointer(start: memory.start, count: all.count)
    }
    source.readTargets(all, into: buffer(targets))
    if source.hasWeights {
      source.readWeights(all, into: buffer(weights))
      guard buffer(weights).allSatisfy(\.isFinite) else { throw LearningError.nonFiniteWeight }
      guard buffer(weights).allSatisfy({ $0 >= 0 }) else { throw LearningError.negativeWeight }
    } else {
      weights.start.update(repeating: 1, count: all.count)
    }
    if let offsets {
      source.readOffsets(all, into: buffer(offsets))
      guard buffer(offsets).allSatisfy(\.isFinite) else { throw LearningError.nonFiniteOffset }
    }
    let total = compensatedSum(buffer(weights))
    guard total > 0 else { throw LearningError.noWeight }
    for row in all { weights.start[row] /= total }
    try check(buffer(targets), objective)
  }

  private func check(_ targets: UnsafeMutableBufferPointer<Double>, _ objective: Objective) throws {
    guard targets.allSatisfy(\.isFinite) else { throw LearningError.nonFiniteTarget }
    switch objective {
    case .linear: break
    case .poisson:
      if targets.contains(where: { $0 < 0 }) { throw LearningError.negativeCount }
      if innerProduct(weights.start, self.targets.start, rows.rowCount) == 0 {
        throw LearningError.noCounts
      }
    case .logistic, .multinomial:
      let classes = objective == .logistic ? 2 : outputs
      let shares = classWeights(classes)
      guard targets.allSatisfy({ $0 >= 0 && $0 < Double(classes) && $0 == $0.rounded() }) else {
        throw LearningError.invalidTarget(classes: classes)
      }
      if let empty = shares.firstIndex(of: 0) { throw LearningError.emptyClass(empty) }
    }
  }

  /// The share of the weight that each class has.
  func classWeights(_ classes: Int) -> [Double] {
    var sums = [CompensatedSum](repeating: CompensatedSum(), count: classes)
    for row in 0..<rows.rowCount {
      guard let index = Int(exactly: targets.start[row]), sums.indices.contains(index) else { continue }
      sums[index].add(weights.start[row])
    }
    return sums.map(\.value)
  }

  /// Weighted sums of entries and of their squares: two numbers a column.
  func columnMoments() throws -> [Double] {
    let width = rows.width
    try eachGroup { [self] group in
      let pairs = sums.start + group * width * 2
      pairs.update(repeating: 0, count: width * 2)
      try withUnsafeTemporaryAllocation(of: Double.self, capacity: 2) { totals in
        totals.initialize(repeating: 0)
        guard let total = totals.baseAddress else { return }
        try eachBlock(of: group) { block, range in
          let weights = weights.start + range.lowerBound
          block.multiplyTransposed(weights, curvatures: weights, pairs: pairs, totals: total)
        }
      }
    }
    return (0..<width * 2).map { index in
      (0..<rows.groups.count).reduce(0) { $0 + sums.start[$1 * width * 2 + index] }
    }
  }

  /// Centres the columns whose squared mean is more than a quarter of their mean square. A rare column never is such a
  /// one: for values of one size that is the share of rows in which it is not 0.
  func findCentres() throws {
    let moments = try columnMoments()
    for column in 0..<rows.width where moments[2 * column] * moments[2 * column] > 0.25 * moments[2 * column + 1] {
      centred.append(column)
      centres.append(moments[2 * column])
    }
  }

  /// The point without coefficients, its intercepts those that fit best.
  func setNull(_ point: AlignedBuffer) throws {
    point.start.update(repeating: 0, count: dimension)
    guard hasIntercept else { return try place(at: point) }
    let width = rows.width * outputs
    switch loss {
    case nil:
      let logs = classWeights(outputs).map { Elementary.log($0) }
      for output in 0..<outputs { point.start[width + output] = logs[output] - mean(logs) }
    case .logistic?:
      let shares = classWeights(2)
      point.start[width] = Elementary.log(shares[1]) - Elementary.log(shares[0])
    case .squared?: break
    case .poisson?:
      let mean = innerProduct(weights.start, targets.start, rows.rowCount)
      point.start[width] = mean > 0 ? Elementary.log(mean) : -36
    }
    try place(at: point)
    if outputs > 1 { return }
    // Newton's method in the intercept alone: what offsets and squared loss need.
    for _ in 0..<50 {
      _ = try evaluate()
      let slope = sum(slopes.start, rows.rowCount)
      let curvature = sum(curvatures.start, rows.rowCount)
      guard curvature > 0 else { return }
      let step = max(-4, min(4, -slope / curvature))
      let moved = loss == .squared ? -slope / curvature : step
      if abs(moved) <= 1e-15 * max(1, abs(point.start[width])) { return }
      point.start[width] += moved
      try place(at: point)
    }
  }
}

/// Σ left·right, in four interleaved sums.
func innerProduct(_ left: UnsafePointer<Double>, _ right: UnsafePointer<Double>, _ count: Int) -> Double {
  var sums = SIMD4<Double>.zero
  var index = 0
  while index + 4 <= count {
    let first = SIMD4(left[index], left[index + 1], left[index + 2], left[index + 3])
    sums += first * SIMD4(right[index], right[index + 1], right[index + 2], right[index + 3])
    index += 4
  }
  var sum = (sums[0] + sums[1]) + (sums[2] + sums[3])
  while index < count {
    sum += left[index] * right[index]
    index += 1
  }
  return sum
}

private func sum(_ values: UnsafePointer<Double>, _ count: Int) -> Double {
  compensatedSum(UnsafeBufferPointer(start: values, count: count))
}
