internal import Basics
internal import LinearAlgebra
internal import Statistics

/// Logistic and Poisson models on shared folds: all folds and all penalties at once.
///
/// Each pass over the rows serves every fit that has not converged, as one product with many columns. Each fit goes its own
/// way by limited-memory BFGS over a Hessian that it shares with the other folds of its penalty: taken from all rows at the
/// mean of their points, which are close to each other, as folds share most of their rows.
struct FoldedLosses {
  private let folds: SharedFolds
  private let settings: FitSettings
  private let loss: Loss
  private let rows: EncodedRows
  private let columns: [FoldColumns]
  private let references: [Double]
  private let nulls: [Double]

  private var width: Int { rows.designWidth }

  init(_ folds: SharedFolds, _ settings: FitSettings, cancellation: Cancellation) throws {
    self.folds = folds
    self.settings = settings
    let loss = Loss(settings.objective)
    self.loss = loss
    let pilot = Pilot(folds.source, intercept: true, targetCentred: false)
    let rows = EncodedRows(folds.source, frame: pilot.frame, intercept: true, memory: settings.memory)
    self.rows = rows
    let surveys = try Self.surveys(folds, rows, loss, settings, cancellation: cancellation)
    var columns: [FoldColumns] = []
    var references: [Double] = []
    var nulls: [Double] = []
    for survey in surveys {
      try survey.validate(rows, settings, cancellation: cancellation)
      let sums = survey.sums(loss)
      let own = FoldColumns(
        count: survey.weight, means: sums.map { $0 / survey.weight },
        deviations: survey.squares.indices.map { [sums] column in
          let mean = sums[column] / survey.weight
          let variance = survey.squares[column] / survey.weight - mean * mean
          return column == 0 || variance <= 1e-24 * survey.squares[column] / survey.weight ? 0 : variance.squareRoot()
        })
      columns.append(own)
      // The model without coefficients: e^b, or the share of the positive class.
      let level = survey.responses[1] / (loss == .poisson ? survey.responses[0] : survey.weight)
      nulls.append(loss == .poisson ? Elementary.log(level) : Elementary.log(level) - Elementary.log(1 - level))
      let gradient = (0..<sums.count).map { column in
        (level * (loss == .poisson ? survey.products[column, 0] : sums[column]) - survey.products[column, 1])
          / survey.weight
      }
      let square = loss == .poisson ? survey.responses[1] / survey.weight : level * (1 - level)
      references.append(max(own.norm(gradient), 1e-4 * square.squareRoot()))
    }
    self.columns = columns
    self.references = references
    self.nulls = nulls
  }

  /// One fit on its way.
  private struct Member {
    let fold: Int
    let penalty: Int
    let penalties: [Double]
    var point: [Double]
    var trial: [Double]
    var step: [Double]
    var value = Double.infinity
    var gradient: [Double]
    var length = 1.0
    var slope = 0.0
    var converged = false
    var isStuck = false
    var iterations = 0
    var memory: QuasiNewtonMemory

    var isOpen: Bool { !converged && !isStuck }

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
    try run(&members, penalties.count, cancellation)
    return penalties.indices.map { penalty in
      members[penalty * folds.count..<(penalty + 1) * folds.count].map { ($0.point, $0.converged) }
    }
  }

  private func run(_ members: inout [Member], _ penaltyCount: Int, _ cancellation: Cancellation) throws {
    var systems = [NewtonSystem?](repeating: nil, count: penaltyCount)
    // Iterations that the Hessian of a penalty has served.
    var ages = [Int](repeating: 0, count: penaltyCount)
    var isFirst = true
    while true {
      try cancellation.check()
      let open = members.indices.filter { members[$0].isOpen }
      if open.isEmpty { return }
      let results = try evaluate(open.map { members[$0] }, cancellation)
      for (place, index) in open.enumerated() {
        settle(&members[index], results[place], isFirst: isFirst)
      }
      isFirst = false
      for penalty in 0..<penaltyCount {
        let own = members.indices.filter { members[$0].penalty == penalty && members[$0].isOpen }
        if own.isEmpty { continue }
        // The shape changes most in the first steps, and a stale one costs more passes than a new one.
        if systems[penalty] == nil || ages[penalty] == 2 || ages[penalty] % 8 == 7 {
          systems[penalty] = try system(own.map { members[$0] }, cancellation)
          for index in own { members[index].memory.removeAll() }
          if ages[penalty] > 2 { ages[penalty] = 2 }
        }
        ages[penalty] += 1
        guard let system = systems[penalty] else { continue }
        for index in own where members[index].length == 1 {
          members[index].turn(system)
        }
        for index in own { members[index].makeTrial() }
      }
    }
  }

  /// Takes the trial point or shortens the step.
  private func settle(_ member: inout Member, _ result: (value: Double, gradient: [Double]), isFirst: Bool) {
    let norm = columns[member.fold].norm(result.gradient)
    let descends =
      isFirst || result.value <= member.value + 1e-4 * member.length * member.slope
      || (result.value <= member.value + 1e-14 * abs(member.value)
        && norm < columns[member.fold].norm(member.gradient))
    guard descends else {
      member.length /= 2
      if member.length < 1e-10 { member.isStuck = true }
      return
    }
    if !isFirst {
      member.memory.add(from: member.point, to: member.trial, before: member.gradient, after: result.gradient)
      member.iterations += 1
    }
    swap(&member.point, &member.trial)
    (member.value, member.gradient, member.length) = (result.value, result.gradient, 1)
    member.converged = norm <= settings.tolerance * references[member.fold]
    if member.iterations >= settings.maximumIterations { member.isStuck = true }
  }

  /// Sums of losses, Σ v, and gradients, a fit a column.
  private struct Sums: Sendable {
    var losses: [Double]
    var gradients: Matrix
  }

  /// Values and gradients at the trial points of some fits, each over its fold's training rows: one pass.
  private func evaluate(
    _ members: [Member], _ cancellation: Cancellation
  ) throws -> [(value: Double, gradient: [Double])] {
    let count = members.count
    let width = width
    let points = members.flatMap(\.trial)
    let memberFolds = members.map(\.fold)
    let stride = rows.blocks.leadingDimension
    let reduction = TreeReduction(
      make: { Sums(losses: [Double](repeating: 0, count: count), gradients: Matrix(rows: width, columns: count)) },
      merge: { sums, later in
        for index in sums.losses.indices { sums.losses[index] += later.losses[index] }
        for index in sums.gradients.elements.indices {
          sums.gradients.elements[index] += later.gradients.elements[index]
        }
      })
    let pool = Pool { AlignedBuffer(count: stride * (count + folds.count)) }
    let sums = try reduction.run(
      over: rows, .all(rows.blocks), leaves: 64, threads: settings.threads, cancellation: cancellation,
      clear: { sums in
        for index in sums.losses.indices { sums.losses[index] = 0 }
        for index in sums.gradients.elements.indices { sums.gradients.elements[index] = 0 }
      },
      add: { block, sums in
        pool.lend { scratch in
          let masks = trainingMasks(block, scratch.start + stride * count)
          let scores = MatrixView(scratch.start, rows: block.rowCount, columns: count, leadingDimension: stride)
          points.withUnsafeBufferPointer { points in
            if let start = points.baseAddress { RowKernels.scores(block.design, start, stride: width, into: scores) }
          }
          for index in 0..<count {
            sums.losses[index] += lossSum(
              block, scores.column(index), weights: masks + stride * memberFolds[index], curvature: nil)
          }
          sums.gradients.withView { RowKernels.addProduct(block.design, scores, into: $0) }
        }
      })
    return members.indices.map { index in
      let member = members[index]
      let weight = columns[member.fold].count
      var penalty = 0.0
      let gradient = (0..<width).map { column in
        let own = member.penalties[column] * member.trial[column]
        penalty += own * member.trial[column]
        return sums.gradients[column, index] / weight + own
      }
      return (sums.losses[index] / weight + penalty / 2, gradient)
    }
  }

  private func lossSum(
    _ block: EncodedRows.Block, _ scores: UnsafeMutablePointer<Double>, weights: UnsafePointer<Double>,
    curvature: UnsafeMutablePointer<Double>?
  ) -> Double {
    if loss == .poisson {
      return RowKernels.poisson(
        scores: scores, targets: block.targets, weights: weights, offsets: block.offsets, rows: block.rowCount,
        curvature: curvature)
    }
    return RowKernels.logistic(
      scores: scores, targets: block.targets, weights: weights, rows: block.rowCount, curvature: curvature
    ).loss
  }

  /// By fold, 1 for a row that it trains on and 0 for one that it holds out.
  private func trainingMasks(
    _ block: EncodedRows.Block, _ room: UnsafeMutablePointer<Double>
  ) -> UnsafeMutablePointer<Double> {
    let stride = rows.blocks.leadingDimension
    for fold in 0..<folds.count {
      let mask = room + stride * fold
      for row in 0..<block.rowCount { mask[row] = folds.assignment[block.firstRow + row] == UInt8(fold) ? 0 : 1 }
    }
    return room
  }

  /// The Hessian over evenly spaced blocks of all rows, at the mean of the fits' points, with the mean of their penalties.
  private func system(_ members: [Member], _ cancellation: Cancellation) throws -> NewtonSystem {
    let count = Double(members.count)
    let point = (0..<width).map { column in members.reduce(0) { $0 + $1.point[column] } / count }
    let penalties = (0..<width).map { column in members.reduce(0) { $0 + $1.penalties[column] } / count }
    let ones = [Double](repeating: 1, count: width)
    let problem = LossProblem(
      rows, loss, penalties: penalties, metric: .init(means: ones.map { _ in 0 }, inverseDeviations: ones),
      threads: settings.threads)
    var stride = 1
    while rows.blocks.rowCount / (stride * 2) >= max(100 * width, 8192), rows.blocks.count / (stride * 2) >= 4 {
      stride *= 2
    }
    var evaluation = Evaluation(dimension: width)
    try problem.evaluate(
      at: point, BlockSample(total: rows.blocks.count, stride: stride), hessian: true, into: &evaluation,
      cancellation: cancellation)
    return try NewtonSystem(evaluation.hessian)
  }

  /// Linear predictors, without offsets, of the rows that a fold holds out, in their order: by penalty, for some fits.
  func heldOutPredictors(
    _ fits: [[(point: [Double], converged: Bool)]], _ penalties: Range<Int>, cancellation: Cancellation
  ) throws -> [[[Double]]] {
    let count = penalties.count * folds.count
    let width = width
    let points = penalties.flatMap { penalty in fits[penalty].flatMap(\.point) }
    let stride = rows.blocks.leadingDimension
    let pool = Pool { AlignedBuffer(count: stride * count) }
    let results = OrderedResults<[[Double]]>(count: rows.blocks.count)
    try parallelFor(count: rows.blocks.count, threads: settings.threads) { index in
      try cancellation.check()
      rows.withBlock(index) { block in
        pool.lend { scratch in
          let scores = MatrixView(scratch.start, rows: block.rowCount, columns: count, leadingDimension: stride)
          points.withUnsafeBufferPointer { points in
            if let start = points.baseAddress { RowKernels.scores(block.design, start, stride: width, into: scores) }
          }
          // A row's own fold, for each penalty.
          results.store(
            (0..<penalties.count).map { penalty in
              (0..<block.rowCount).map { row in
                let fold = Int(folds.assignment[block.firstRow + row])
                let score = scores.column(penalty * folds.count + fold)[row]
                return block.offsets.map { score + $0[row] } ?? score
              }
            }, at: index)
        }
      }
    }
    let blocks = results.values
    return (0..<penalties.count).map { penalty in
      var out = [[Double]](repeating: [], count: folds.count)
      for (index, block) in blocks.enumerated() {
        for (row, score) in block[penalty].enumerated() {
          out[Int(folds.assignment[rows.blocks[index].lowerBound + row])].append(score)
        }
      }
      return out
    }
  }

  private static func surveys(
    _ folds: SharedFolds, _ rows: EncodedRows, _ loss: Loss, _ settings: FitSettings, cancellation: Cancellation
  ) throws -> [LossSurvey] {
    let width = rows.designWidth
    let count = folds.count
    let responses = loss == .poisson ? 3 : 2
    let stride = rows.blocks.leadingDimension
    let make: @Sendable () -> [LossSurvey] = { (0..<count).map { _ in LossSurvey(width: width, responses: responses) } }
    let reduction = TreeReduction<[LossSurvey]>(
      make: make,
      merge: { sums, later in for fold in sums.indices { sums[fold].merge(later[fold]) } })
    let pool = Pool { AlignedBuffer(count: stride * (responses + 2)) }
    return try reduction.run(
      over: rows, .all(rows.blocks), leaves: 32, threads: settings.threads, cancellation: cancellation,
      clear: { $0 = make() },
      add: { block, sums in
        pool.lend { scratch in
          let mask = scratch.start + stride * (responses + 1)
          for fold in 0..<count {
            for row in 0..<block.rowCount {
              mask[row] = folds.assignment[block.firstRow + row] == UInt8(fold) ? 0 : 1
            }
            let weighted = EncodedRows.Block(
              all: block.all, firstRow: block.firstRow, intercept: block.intercept, weights: mask,
              offsets: block.offsets)
            sums[fold].add(
              weighted, loss, ones: scratch.start,
              MatrixView(
                scratch.start + stride, rows: block.rowCount, columns: responses, leadingDimension: stride))
          }
        }
      })
  }
}

extension FoldColumns {
  /// The length of a gradient in columns of mean 0 and deviation 1.
  func norm(_ gradient: [Double]) -> Double {
    var sum = gradient[0] * gradient[0]
    for column in 1..<gradient.count where deviations[column] > 0 {
      let part = (gradient[column] - means[column] * gradient[0]) / deviations[column]
      sum += part * part
    }
    return sum.squareRoot()
  }
}
