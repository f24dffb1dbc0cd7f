internal import Statistics

extension SparseProximalNewton {
  /// Fits the intercepts alone, so that the slopes of the rows sum to 0 for each output as the dual asks for; gives the mean
  /// loss.
  func settleIntercepts(_ point: AlignedBuffer) throws -> Double {
    var value = try loss.evaluate()
    guard loss.hasIntercept else { return value }
    var rounds = 0
    while rounds < 50, takeInterceptStep() {
      rounds += 1
      var longest = 1.0
      for step in interceptSlopes { longest = max(longest, abs(step)) }
      for output in 0..<outputs {
        interceptSlopes[output] /= longest
        point.start[width + output] += interceptSlopes[output]
      }
      interceptSlopes.withUnsafeBufferPointer { if let change = $0.baseAddress { loss.shiftScores(by: change) } }
      value = try loss.evaluate()
    }
    return value
  }

  /// Sets `interceptSlopes` to the Newton step of the intercepts; false where their slopes are nothing but rounding.
  private func takeInterceptStep() -> Bool {
    let rowCount = loss.rows.rowCount
    var isSettled = true
    for output in 0..<outputs {
      var slope = CompensatedSum()
      var size = 0.0
      for row in 0..<rowCount {
        slope.add(loss.slopes.start[row * outputs + output])
        size += abs(loss.slopes.start[row * outputs + output])
      }
      interceptSlopes[output] = -slope.value
      if abs(slope.value) > 1e-14 * size { isSettled = false }
    }
    if isSettled { return false }
    if outputs == 1 {
      var curvature = CompensatedSum()
      for row in 0..<rowCount { curvature.add(loss.curvatures.start[row]) }
      interceptSlopes[0] /= curvature.value
      return curvature.value > 0
    }
    takeInterceptHessian()
    return solveIntercepts()
  }

  /// Σ v·(diag(p) − p·pᵀ) of the classes, and what makes it definite in the direction common to all, which no slope has.
  func takeInterceptHessian() {
    for index in interceptHessian.indices { interceptHessian[index] = 0 }
    for row in 0..<loss.rows.rowCount where loss.weights.start[row] > 0 {
      let (weight, shares) = (loss.weights.start[row], loss.curvatures.start + row * outputs)
      for later in 0..<outputs {
        interceptHessian[later * outputs + later] += weight * shares[later]
        for earlier in 0...later {
          interceptHessian[later * outputs + earlier] -= weight * shares[later] * shares[earlier]
        }
      }
    }
    var trace = 0.0
    for output in 0..<outputs { trace += interceptHessian[output * outputs + output] }
    let tie = max(trace, .leastNormalMagnitude) / Double(outputs * outputs)
    for later in 0..<outputs {
      for earlier in 0...later {
        interceptHessian[later * outputs + earlier] += tie
        interceptHessian[earlier * outputs + later] = interceptHessian[later * outputs + earlier]
      }
    }
  }

  /// Replaces `interceptSlopes` by the solution of the Hessian's system; false where it has none.
  func solveIntercepts() -> Bool {
    for index in interceptHessian.indices { spentHessian[index] = interceptHessian[index] }
    return spentHessian.withUnsafeMutableBufferPointer { matrix in
      interceptSlopes.withUnsafeMutableBufferPointer { solveDefinite(matrix, $0) }
    }
  }
}
