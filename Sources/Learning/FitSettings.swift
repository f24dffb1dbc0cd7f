package import Basics

/// What is minimised: the mean over rows of a loss, plus the penalty.
package enum Objective: Sendable, Hashable {
  /// ½·(y − ŷ)².
  case linear
  /// ln(1 + exp(−m)) with m = ±(x·w + b), the sign that of the class: y is 0 or 1.
  case logistic
  /// −ln softmax(x·W + b) at the class: one vector of coefficients a class, none of them left out.
  case multinomial(classes: Int)
  /// exp(s) − y·s with s = x·w + b + offset: the Poisson loss with log link, less ln y!, for counts y ≥ 0.
  case poisson

  /// Columns of coefficients: one, or one a class.
  package var outputs: Int {
    if case .multinomial(let classes) = self { classes } else { 1 }
  }
}

/// A way to the minimum, where the choice by shape is not wanted.
package enum SolverChoice: String, Sendable, Hashable, CaseIterable {
  /// Least squares from the Gram matrix, escalating by its condition.
  case cholesky
  /// Least squares from the triangular factor of the rows, pivoted.
  case qr
  /// Least squares from the singular values of the rows.
  case svd
  /// L1 penalties: coordinate by coordinate, on the Gram matrix or on a quadratic model of the loss.
  case coordinateDescent = "coordinate-descent"
  /// Newton's method with a factored Hessian.
  case newton
  /// Limited-memory BFGS.
  case lbfgs
  /// Newton's method whose steps come from conjugate gradients: of sparse rows only, any objective without an L1 penalty.
  case truncatedNewton = "truncated-newton"
}

/// How large coefficients are held down: `l2/2 · ‖w‖² + l1 · ‖w‖₁`.
package struct Penalty: Sendable, Hashable {
  package var l1: Double
  package var l2: Double

  package init(l1: Double = 0, l2: Double = 0) {
    self.l1 = l1
    self.l2 = l2
  }

  package var isNone: Bool { l1 == 0 && l2 == 0 }

  /// `{l1, l2}`
  package var json: JSON { ["l1": JSON(l1), "l2": JSON(l2)] }
}

/// How to fit.
///
/// Minimised is `Σ vᵢ·lossᵢ / Σ vᵢ + l2/2 · ‖w‖² + l1 · ‖w‖₁` with row weights v (1 where the source has none); the
/// intercept is not penalised. `docs/penalties.md` translates to scikit-learn, glmnet and LIBLINEAR.
package struct FitSettings: Sendable, Hashable {
  package var objective: Objective
  package var penalty: Penalty
  package var intercept: Bool
  /// The fit has converged when the gradient, relative to that of the model without coefficients, is at most this; see
  /// `Fit.gradientNorm`.
  package var tolerance: Double
  /// For the iterative solvers.
  package var maximumIterations: Int
  /// Seconds after which an iterative solver stops where it is, which then has not converged; nil for no limit.
  package var maximumSeconds: Double?
  /// What solves the problem; nil to choose by its shape.
  package var solver: SolverChoice?
  /// Threads to use; the result does not depend on it.
  package var threads: Int
  /// Bytes that encoded rows may take for solvers that read them again and again; beyond, they are encoded each time.
  /// The result does not depend on it.
  package var memory: Int
  /// Names of the columns, for notes and errors; where there are none columns are numbered from 1.
  package var columnNames: [String]
  /// Names of the classes, for notes, by what targets call them; where there are none they are numbered from 1.
  package var classNames: [String]
  /// Columns that hold false and true, for notes.
  package var booleanColumns: Set<Int> = []
  /// Whether `fitStatistics` will be asked of the fit: what it would read all rows for is then found on the way, where that
  /// saves a pass.
  package var statisticsFollow = false

  package init(
    objective: Objective, penalty: Penalty = Penalty(), intercept: Bool = true, tolerance: Double = 1e-8,
    maximumIterations: Int = 1000, maximumSeconds: Double? = nil, solver: SolverChoice? = nil, threads: Int = 1,
    memory: Int = 1 << 30, columnNames: [String] = [], classNames: [String] = []
  ) {
    self.objective = objective
    self.penalty = penalty
    self.intercept = intercept
    self.tolerance = tolerance
    self.maximumIterations = maximumIterations
    self.maximumSeconds = maximumSeconds
    self.solver = solver
    self.threads = threads
    self.memory = memory
    self.columnNames = columnNames
    self.classNames = classNames
  }

  /// How notes and errors call a column.
  func name(ofColumn index: Int) -> String {
    columnNames.indices.contains(index) ? "'\(columnNames[index])'" : "\(index + 1)"
  }

  /// `column 'a'`, `columns 'a', 'b' and 3 more`.
  func name(ofColumns indices: [Int]) -> String {
    let shown = indices.prefix(8).map(name(ofColumn:)).joined(separator: ", ")
    let rest = indices.count > 8 ? " and \(indices.count - 8) more" : ""
    return (indices.count == 1 ? "column " : "columns ") + shown + rest
  }

  func validate() throws(LearningError) {
    let (l1, l2) = (penalty.l1, penalty.l2)
    guard l2 >= 0, l2.isFinite else { throw .invalidSetting("the l2 penalty must be a finite number of at least 0") }
    guard l1 >= 0, l1.isFinite else { throw .invalidSetting("the l1 penalty must be a finite number of at least 0") }
    guard tolerance > 0, tolerance < 1 else { throw .invalidSetting("the tolerance must lie between 0 and 1") }
    guard maximumIterations > 0 else { throw .invalidSetting("at least one iteration must be allowed") }
    if case .multinomial(let classes) = objective, classes < 2 {
      throw .invalidSetting("a multinomial model needs at least two classes")
    }
  }
}
