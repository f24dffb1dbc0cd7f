internal import Basics
internal import LinearAlgebra

/// A smooth convex function of a vector, a mean over rows, that a solver minimises; the solver knows no more of it.
protocol SmoothProblem: Sendable {
  var dimension: Int { get }
  /// All rows.
  var everything: BlockSample { get }
  /// What a Hessian costs, in gradients of the same rows.
  var hessianCost: Double { get }
  /// Rows of a block, and coefficients of one output.
  var rowsPerBlock: Int { get }
  var width: Int { get }
  /// Value and gradient at `point`, and the Hessian when asked for, from the rows of a sample: one pass over them.
  func evaluate(
    at point: [Double], _ sample: BlockSample, hessian: Bool, into evaluation: inout Evaluation,
    cancellation: Cancellation) throws
  /// The length of a gradient, in columns of mean 0 and deviation 1.
  func norm(_ gradient: [Double]) -> Double
}

/// A function at one point. Solvers keep a few and have them filled again and again.
struct Evaluation: Sendable {
  var value = 0.0
  var gradient: [Double]
  /// Upper triangle; as it was left by the last evaluation that was asked for it.
  var hessian: Matrix
  /// What the rows came to, where the problem tells.
  var rows = Loss.RowSums()

  init(dimension: Int) {
    gradient = [Double](repeating: 0, count: dimension)
    hessian = Matrix(rows: 0, columns: 0)
  }
}

/// Where a solver stopped.
struct Minimum {
  var point: [Double]
  var evaluation: Evaluation
  var iterations: Int
  var solver: String
  /// Of the Hessian, its diagonal scaled to ones.
  var condition: Double?
  /// The Newton step that would come next, where it is known.
  var nextStep: [Double]?
  /// Directions in which the function is flat: the columns of `diag(scaling) · basis`; nil when there are none.
  var flatDirections: (basis: Matrix, scaling: [Double])?
  /// Whether time ran out.
  var ranOutOfTime = false
  /// Whether the solver did not go on because the condition was above the rule's.
  var isIllConditioned = false
  /// With an L1 penalty: primal less dual value.
  var dualityGap: Double?
}

/// When a solver stops.
struct StoppingRule: Sendable {
  /// The gradient's norm that is small enough.
  var gradientNorm: Double
  var maximumIterations: Int
  /// Nil for no limit.
  var deadline: ContinuousClock.Instant?
  /// The condition of the first Hessian above which there is no use in going on.
  var largestCondition = Double.infinity
  /// Whether the minimum lies at infinity, as an evaluation proves.
  var isUnbounded: @Sendable (Evaluation) -> Bool

  var isLate: Bool { deadline.map { ContinuousClock.now >= $0 } ?? false }
}

func euclideanNorm(_ values: [Double]) -> Double {
  var sum = 0.0
  for value in values { sum += value * value }
  return sum.squareRoot()
}

/// `point + step · direction`, into `out`.
func move(_ point: [Double], _ step: Double, _ direction: [Double], into out: inout [Double]) {
  for index in point.indices { out[index] = point[index] + step * direction[index] }
}

func innerProduct(_ left: [Double], _ right: [Double]) -> Double {
  var sum = 0.0
  for index in left.indices { sum += left[index] * right[index] }
  return sum
}
