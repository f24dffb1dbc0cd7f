internal import Basics
internal import LinearAlgebra

/// A smooth convex function of a vector that a solver minimises; the solver knows no more of it.
protocol SmoothProblem: Sendable {
  var dimension: Int { get }
  /// Value and gradient at `point`, and the Hessian when asked for. One pass over the rows.
  func evaluate(at point: [Double], hessian: Bool, cancellation: Cancellation) throws -> Evaluation
}

/// A function at one point.
struct Evaluation: Sendable {
  var value: Double
  var gradient: [Double]
  /// Upper triangle; nil when not asked for.
  var hessian: Matrix?
  /// The smallest over the rows of the linear predictor's lead for the right class: above 0 when every row is
  /// classified right, which proves the classes separable.
  var smallestMargin: Double

  var gradientNorm: Double { euclideanNorm(gradient) }
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
}

/// When a solver stops.
struct StoppingRule {
  /// The gradient's Euclidean norm that is small enough.
  var gradientNorm: Double
  var maximumIterations: Int
  /// Whether the minimum lies at infinity, as an evaluation proves.
  var isUnbounded: @Sendable (Evaluation) -> Bool
}

func euclideanNorm(_ values: [Double]) -> Double {
  values.reduce(0) { $0 + $1 * $1 }.squareRoot()
}

/// `point + step · direction`.
func moved(_ point: [Double], _ step: Double, _ direction: [Double]) -> [Double] {
  zip(point, direction).map { $0 + step * $1 }
}

func innerProduct(_ left: [Double], _ right: [Double]) -> Double {
  zip(left, right).reduce(0) { $0 + $1.0 * $1.1 }
}
