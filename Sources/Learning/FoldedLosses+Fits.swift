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
    /// At the trial point, as the last pass found them.
    var nextValue = Double.infinity
    var nextGradient: [Double]
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

    init(fold: Int, penalty: Int, penalties: [Double], start: [Double]) {
      self.fold = fold
      self.penalty = penalty
      self.penalties = penalties
      point = start
      trial = start
      step = start
      gradient = start
      nextGradient = start
      memory = QuasiNewtonMemory(dimension: start.count, capacity: 8)
    }

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

    /// Makes the trial point the next one, unless it is the last.
    mutating func makeTrial(_ tolerance: Double) {
      move(point, length, step, into: &trial)
      guard endsBlindly(tolerance) else { return }
      swap(&point, &trial)
      converged = true
    }
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
        members.append(Member(fold: fold, penalty: penalty, penalties: weights, start: start))
      }
    }
    var passes = FoldedPasses(self, most: members.count)
    try begin(&members, &passes, cancellation)
    try run(&members, penalties.count, &passes, cancellation)
    return penalties.indices.map { penalty in
      members[penalty * folds.count..<(penalty + 1) * folds.count].map { ($0.point, $0.converged) }
    }
  }

  /// Values and gradients of the model without coefficients, where no penalty bears on anything: those of the first penalty's
  /// fits are everyone's.
  private func begin(_ members: inout [Member], _ passes: inout FoldedPasses, _ cancellation: Cancellation) throws {
    try passes.evaluate(&members, Array(0..<folds.count), cancellation)
    for index in members.indices {
      let first = members[index].fold
      members[index].value = members[first].nextValue
      members[index].gradient = members[first].nextGradient
      note(&members[index])
    }
  }

  /// Steps of all fits at once, a pass each, until none is open. Allocates nothing.
  private func run(
    _ members: inout [Member], _ penaltyCount: Int, _ passes: inout FoldedPasses, _ cancellation: Cancellation
  ) throws {
    var systems = [NewtonSystem](repeating: NewtonSystem(dimension: width), count: penaltyCount)
    // Iterations that the Hessian of a penalty has served, and whether it has one.
    var ages = [Int](repeating: 0, count: penaltyCount)
    var hasSystem = [Bool](repeating: false, count: penaltyCount)
    var open: [Int] = []
    open.reserveCapacity(members.count)
    while true {
      passes.forgetShape()
      for penalty in 0..<penaltyCount {
        let own = penalty * folds.count..<(penalty + 1) * folds.count
        if !own.contains(where: { members[$0].isOpen }) { continue }
        // The shape changes most in the first steps, and a stale one costs more passes than a new one.
        if !hasSystem[penalty] || ages[penalty] == 2 || ages[penalty] % 8 == 7 {
          try passes.takeSystem(members, own, into: &systems[penalty], cancellation)
          hasSystem[penalty] = true
          for index in own { members[index].memory.removeAll() }
          if ages[penalty] > 2 { ages[penalty] = 2 }
        }
        ages[penalty] += 1
        for index in own where members[index].isOpen && members[index].length == 1 {
          members[index].turn(systems[penalty])
        }
        for index in own where members[index].isOpen { members[index].makeTrial(settings.tolerance) }
      }
      // By fold, so that the fits that do not want a block lie together.
      open.removeAll(keepingCapacity: true)
      for fold in 0..<folds.count {
        for penalty in 0..<penaltyCount where members[penalty * folds.count + fold].isOpen {
          open.append(penalty * folds.count + fold)
        }
      }
      if open.isEmpty { return }
      try cancellation.check()
      try passes.evaluate(&members, open, cancellation)
      for index in open { settle(&members[index]) }
    }
  }

  /// Takes the trial point or shortens the step.
  private func settle(_ member: inout Member) {
    let norm = columns[member.fold].norm(member.nextGradient) / references[member.fold]
    let descends =
      member.nextValue <= member.value + 1e-4 * member.length * member.slope
      || (member.nextValue <= member.value + 1e-14 * abs(member.value) && norm < member.norm)
    guard descends else {
      member.length /= 2
      if member.length < 1e-10 { member.isStuck = true }
      return
    }
    member.memory.add(from: member.point, to: member.trial, before: member.gradient, after: member.nextGradient)
    member.iterations += 1
    swap(&member.point, &member.trial)
    swap(&member.gradient, &member.nextGradient)
    (member.value, member.length) = (member.nextValue, 1)
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
