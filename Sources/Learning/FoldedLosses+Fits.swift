internal import Basics
internal import LinearAlgebra

extension FoldedLosses {
  /// One fit on its way.
  struct Member {
    let fold: Int
    let penalty: Int
    let penalties: [Double]
    var point: [Double]
    var trial: [Double]
    var step: [Double]
    var value = Double.infinity
    var gradient: [Double]
    /// The gradient's norm, in units of the model without coefficients.
    var norm = 1.0
    /// What the last step left of the norm.
    var gain = 1.0
    var length = 1.0
    var slope = 0.0
    var converged = false
    var isStuck = false
    var iterations = 0
    var memory: QuasiNewtonMemory

    var isOpen: Bool { !converged && !isStuck }

    /// Whether the next step, taken without looking, is the last: a fold's fit serves a score alone, which a gradient of
    /// 100 tolerances decides to more digits than the score has meaning, and a step that goes as well as the last ones adds
    /// another.
    func endsBlindly(_ tolerance: Double) -> Bool { norm <= min(100 * tolerance, 1e-6) && length == 1 && gain <= 0.1 }

    /// Chooses the next direction.
    mutating func turn(_ system: NewtonSystem) {
      memory.direction(gradient, into: &step) { system.solve(&$0) }
      slope = innerProduct(step, gradient)
      if slope >= 0 { isStuck = true }
    }

    mutating func makeTrial() { move(point, length, step, into: &trial) }
  }

  /// Fits every penalty on every fold. By penalty, then by fold: coefficients of `[1 | Z]`, and whether the fit converged.
  func fits(_ penalties: [Penalty], cancellation: Cancellation) throws -> [[(point: [Double], converged: Bool)]] {
    var members: [Member] = []
    for penalty in penalties.indices {
      for fold in 0..<folds.count {
        var start = [Double](repeating: 0, count: width)
        start[0] = nulls[fold]
        let scales = columns[fold].penaltyScales(folds, rows.frame)
        // A column that is constant in the fold's training rows must keep its coefficient at 0, as it does not exist there.
        let weights = scales.indices.map { column in
          column == 0 ? 0 : columns[fold].deviations[column] > 0 ? penalties[penalty].l2 * scales[column] : 1e30
        }
        members.append(
          Member(
            fold: fold, penalty: penalty, penalties: weights, point: start, trial: start, step: start,
            gradient: start, memory: QuasiNewtonMemory(dimension: width, capacity: 8)))
      }
    }
    try begin(&members, cancellation)
    try run(&members, penalties.count, cancellation)
    return penalties.indices.map { penalty in
      members[penalty * folds.count..<(penalty + 1) * folds.count].map { ($0.point, $0.converged) }
    }
  }

  /// Values and gradients of the model without coefficients, where no penalty bears on anything: those of the first penalty's
  /// fits are everyone's.
  private func begin(_ members: inout [Member], _ cancellation: Cancellation) throws {
    let results = try evaluate(Array(members[0..<folds.count]), cancellation)
    for index in members.indices {
      let result = results[members[index].fold]
      members[index].value = result.value
      members[index].gradient = result.gradient
      note(&members[index])
    }
  }

  private func run(_ members: inout [Member], _ penaltyCount: Int, _ cancellation: Cancellation) throws {
    var systems = [NewtonSystem?](repeating: nil, count: penaltyCount)
    // Iterations that the Hessian of a penalty has served.
    var ages = [Int](repeating: 0, count: penaltyCount)
    while true {
      var shape: Shape?
      for penalty in 0..<penaltyCount {
        let own = members.indices.filter { members[$0].penalty == penalty && members[$0].isOpen }
        if own.isEmpty { continue }
        // The shape changes most in the first steps, and a stale one costs more passes than a new one.
        if systems[penalty] == nil || ages[penalty] == 2 || ages[penalty] % 8 == 7 {
          systems[penalty] = try system(own.map { members[$0] }, &shape, cancellation)
          for index in own { members[index].memory.removeAll() }
          if ages[penalty] > 2 { ages[penalty] = 2 }
        }
        ages[penalty] += 1
        guard let system = systems[penalty] else { continue }
        for index in own where members[index].length == 1 { members[index].turn(system) }
        for index in own where !members[index].isStuck {
          members[index].makeTrial()
          if members[index].endsBlindly(settings.tolerance) {
            members[index].point = members[index].trial
            members[index].converged = true
          }
        }
      }
      // By fold, so that the fits that do not want a block lie together.
      let open = members.indices.filter { members[$0].isOpen }.sorted {
        (members[$0].fold, members[$0].penalty) < (members[$1].fold, members[$1].penalty)
      }
      if open.isEmpty { return }
      try cancellation.check()
      let results = try evaluate(open.map { members[$0] }, cancellation)
      for (place, index) in open.enumerated() { settle(&members[index], results[place]) }
    }
  }

  /// Takes the trial point or shortens the step.
  private func settle(_ member: inout Member, _ result: (value: Double, gradient: [Double])) {
    let norm = columns[member.fold].norm(result.gradient) / references[member.fold]
    let descends =
      result.value <= member.value + 1e-4 * member.length * member.slope
      || (result.value <= member.value + 1e-14 * abs(member.value) && norm < member.norm)
    guard descends else {
      member.length /= 2
      if member.length < 1e-10 { member.isStuck = true }
      return
    }
    member.memory.add(from: member.point, to: member.trial, before: member.gradient, after: result.gradient)
    member.iterations += 1
    swap(&member.point, &member.trial)
    (member.value, member.gradient, member.length) = (result.value, result.gradient, 1)
    note(&member)
    if member.iterations >= settings.maximumIterations { member.isStuck = true }
  }

  /// Measures a new gradient.
  private func note(_ member: inout Member) {
    let norm = columns[member.fold].norm(member.gradient) / references[member.fold]
    member.gain = norm / member.norm
    member.norm = norm
    member.converged = norm <= settings.tolerance
  }
}
