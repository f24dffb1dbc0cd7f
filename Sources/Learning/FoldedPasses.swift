internal import Basics
internal import LinearAlgebra

/// The passes over the rows that the fits of a `FoldedLosses` take together, with all memory that they need.
struct FoldedPasses {
  private let problem: FoldedLosses
  private let reduction: TreeReduction<Sums>
  private let pool: Pool<AlignedBuffer>
  /// Trial points and folds of the fits of a pass.
  private let points: AlignedBuffer
  private var memberFolds: [Int]
  /// Hessians of the loss without penalties: where the last was taken, and whether it may still be taken over.
  private let losses: LossProblem
  private let sample: BlockSample
  private var shape: Evaluation
  private var shapePoint: [Double]
  private var point: [Double]
  private var hessian: Matrix
  private var hasShape = false

  private var width: Int { problem.width }

  /// Sums of losses, and gradients, a fit a column.
  private struct Sums: Sendable {
    var losses: [Double]
    var gradients: Matrix

    init(width: Int, count: Int) {
      losses = [Double](repeating: 0, count: count)
      gradients = Matrix(rows: width, columns: count)
    }

    mutating func clear() {
      for index in losses.indices { losses[index] = 0 }
      for index in gradients.elements.indices { gradients.elements[index] = 0 }
    }

    mutating func merge(_ later: Sums) {
      for index in losses.indices { losses[index] += later.losses[index] }
      for index in gradients.elements.indices { gradients.elements[index] += later.gradients.elements[index] }
    }
  }

  /// Room for passes of up to `most` fits.
  init(_ problem: FoldedLosses, most: Int) {
    self.problem = problem
    let (rows, width, stride) = (problem.rows, problem.width, problem.rows.blocks.leadingDimension)
    reduction = TreeReduction(make: { Sums(width: width, count: most) }, merge: { $0.merge($1) })
    pool = Pool { [folds = problem.folds.count] in AlignedBuffer(count: stride * (most + folds)) }
    points = AlignedBuffer(count: width * most)
    memberFolds = []
    memberFolds.reserveCapacity(most)
    let ones = [Double](repeating: 1, count: width)
    let nothing = [Double](repeating: 0, count: width)
    losses = LossProblem(
      rows, problem.loss, penalties: nothing, metric: .init(means: nothing, inverseDeviations: ones),
      threads: problem.settings.threads)
    var step = 1
    while rows.blocks.rowCount / (step * 2) >= max(100 * width, 8192), rows.blocks.count / (step * 2) >= 4 { step *= 2 }
    sample = BlockSample(total: rows.blocks.count, stride: step)
    shape = Evaluation(dimension: width)
    shapePoint = nothing
    point = nothing
    hessian = Matrix(rows: width, columns: width)
  }

  /// Finds values and gradients at the trial points of some fits, in the order of their folds, each over its fold's training
  /// rows: one pass.
  mutating func evaluate(
    _ members: inout [FoldedLosses.Member], _ some: [Int], _ cancellation: Cancellation
  ) throws {
    memberFolds.removeAll(keepingCapacity: true)
    for (place, index) in some.enumerated() {
      for column in 0..<width { points.start[place * width + column] = members[index].trial[column] }
      memberFolds.append(members[index].fold)
    }
    let (problem, pool, points, memberFolds) = (problem, pool, points, memberFolds)
    let sums = try reduction.run(
      over: problem.rows, .all(problem.rows.blocks), leaves: 64, threads: problem.settings.threads,
      cancellation: cancellation, clear: { $0.clear() },
      add: { block, sums in
        pool.lend { problem.add(block, points, memberFolds, $0, losses: &sums.losses, gradients: &sums.gradients) }
      })
    defer { reduction.recycle(sums) }
    for (place, index) in some.enumerated() {
      let weight = problem.columns[members[index].fold].count
      var penalty = 0.0
      for column in 0..<width {
        let own = members[index].penalties[column] * members[index].trial[column]
        penalty += own * members[index].trial[column]
        members[index].nextGradient[column] = sums.gradients[column, place] / weight + own
      }
      members[index].nextValue = sums.losses[place] / weight + penalty / 2
    }
  }

  /// The Hessian that comes next is to be taken anew.
  mutating func forgetShape() { hasShape = false }

  /// Factors the Hessian over evenly spaced blocks of all rows at the mean of the points of those of the fits that are open,
  /// with the mean of their penalties. One that was taken since `forgetShape` is taken over where it lies close by.
  mutating func takeSystem(
    _ members: [FoldedLosses.Member], _ own: Range<Int>, into system: inout NewtonSystem, _ cancellation: Cancellation
  ) throws {
    var count = 0.0
    for column in 0..<width { point[column] = 0 }
    for index in own where members[index].isOpen {
      count += 1
      for column in 0..<width { point[column] += members[index].point[column] }
    }
    for column in 0..<width { point[column] /= count }
    if !hasShape || !isClose {
      swap(&shapePoint, &point)
      try losses.evaluate(at: shapePoint, sample, hessian: true, into: &shape, cancellation: cancellation)
      hasShape = true
    }
    for column in 0..<width {
      for row in 0...column { hessian[row, column] = shape.hessian[row, column] }
      var penalty = 0.0
      for index in own where members[index].isOpen { penalty += members[index].penalties[column] }
      hessian[column, column] += penalty / count
    }
    try system.take(hessian)
  }

  /// Whether scores at both points differ by little, were the columns uncorrelated: by a deviation of 0.05.
  private var isClose: Bool {
    var square = 0.0
    for column in 0..<width {
      let deviation = column == 0 ? 1 : problem.columns[0].deviations[column]
      let moved = (point[column] - shapePoint[column]) * deviation
      square += moved * moved
    }
    return square <= 0.05 * 0.05
  }
}
