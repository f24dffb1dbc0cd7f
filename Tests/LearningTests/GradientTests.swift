import Basics
import LinearAlgebra
import Statistics
import Testing

@testable import Learning

/// The solvers' own losses against themselves: gradients are central differences of the value, Hessians those of the
/// gradient, at points where nothing is small.
struct GradientTests {
  static let objectives: [Objective] = [.logistic, .multinomial(classes: 3), .poisson]
  private let step = 1e-5

  private func sample(_ objective: Objective, hasWeights: Bool) -> Sample {
    var random = SeededGenerator(seed: 17)
    let count = 700
    let columns = (0..<5).map { column in
      (0..<count).map { _ in column == 4 ? (random.nextUnit() < 0.1 ? 1.0 : 0) : normal(&random) + 0.5 }
    }
    let targets = (0..<count).map { _ -> Double in
      switch objective {
      case .poisson: Double(random.nextIndex(below: 5))
      default: Double(random.nextIndex(below: max(2, objective.outputs)))
      }
    }
    var sample = Sample(columns: columns, targets: targets)
    if hasWeights { sample.weights = targets.indices.map { $0 % 7 == 0 ? 0 : random.nextUnit() * 3 } }
    if objective == .poisson { sample.offsets = targets.map { _ in random.nextUnit() - 0.5 } }
    return sample
  }

  private func point(_ count: Int) -> [Double] {
    var random = SeededGenerator(seed: 29)
    return (0..<count).map { _ in random.nextUnit() - 0.4 }
  }

  @Test(arguments: objectives, [false, true])
  func denseGradientsAreDifferences(objective: Objective, hasWeights: Bool) throws {
    for intercept in [true, false] {
      let sample = sample(objective, hasWeights: hasWeights)
      let frame = EncodedRows.Frame(centre: [0.5, 0, 0.25, 1, 0], scale: [1, 2, 0.5, 1, 4])
      let rows = EncodedRows(sample.design, frame: frame, intercept: intercept, memory: 1 << 20)
      let ones = [Double](repeating: 1, count: rows.designWidth)
      let problem = LossProblem(
        rows, Loss(objective),
        penalties: (0..<rows.designWidth).map { intercept && $0 == 0 ? 0 : 0.1 * Double($0 + 1) },
        metric: .init(means: ones.map { _ in 0 }, inverseDeviations: ones), threads: 2, tiesCoefficients: false)
      func evaluation(_ point: [Double], hessian: Bool = false) throws -> Evaluation {
        var out = Evaluation(dimension: problem.dimension)
        try problem.evaluate(at: point, problem.everything, hessian: hessian, into: &out, cancellation: never)
        return out
      }
      let point = point(problem.dimension)
      let here = try evaluation(point, hessian: true)
      let again = try evaluation(point)
      #expect(abs(again.value - here.value) < 1e-14)
      for index in point.indices {
        var (before, after) = (point, point)
        before[index] -= step
        after[index] += step
        let (low, high) = (try evaluation(before), try evaluation(after))
        #expect(abs((high.value - low.value) / (2 * step) - here.gradient[index]) < 1e-8, "\(index)")
        #expect(abs(again.gradient[index] - here.gradient[index]) < 1e-14)
        for row in 0...index {
          let difference = (high.gradient[row] - low.gradient[row]) / (2 * step)
          // What ties the classes' intercepts is no part of the loss.
          let isTied = objective.outputs > 1 && intercept && row % problem.width == 0 && index % problem.width == 0
          if !isTied { #expect(abs(difference - here.hessian[row, index]) < 1e-7, "\(row) \(index)") }
        }
      }
    }
  }

  @Test(arguments: objectives + [.linear], [false, true])
  func sparseGradientsAreDifferences(objective: Objective, hasWeights: Bool) throws {
    for intercept in [true, false] {
      let sample = sample(objective, hasWeights: hasWeights)
      let settings = FitSettings(objective: objective, intercept: intercept, threads: 2)
      let design = sample.sparseDesign
      let rows = try SparseRows(design, settings, cancellation: never)
      let loss = try SparseLoss(rows, source: design, settings, cancellation: never)
      loss.l2 = 0.3
      let place = AlignedBuffer(count: loss.dimension)
      let (gradient, diagonal) = (AlignedBuffer(count: loss.dimension), AlignedBuffer(count: loss.dimension))
      func evaluation(_ point: [Double]) throws -> (value: Double, gradient: [Double], diagonal: [Double]) {
        for (index, value) in point.enumerated() { place.start[index] = value }
        try loss.place(at: place)
        var value = try loss.evaluate()
        for index in 0..<rows.width * loss.outputs { value += loss.l2 / 2 * point[index] * point[index] }
        try loss.gradient(at: place, into: gradient, diagonal: diagonal)
        return (
          value, point.indices.map { gradient.start[$0] }, point.indices.map { diagonal.start[$0] }
        )
      }
      let point = point(loss.dimension)
      let here = try evaluation(point)
      for index in point.indices {
        var (before, after) = (point, point)
        before[index] -= step
        after[index] += step
        let (low, high) = (try evaluation(before), try evaluation(after))
        #expect(abs((high.value - low.value) / (2 * step) - here.gradient[index]) < 1e-8, "\(index)")
        let curvature = (high.gradient[index] - low.gradient[index]) / (2 * step)
        #expect(abs(curvature - here.diagonal[index]) < 1e-7, "\(index)")
      }
    }
  }
}
