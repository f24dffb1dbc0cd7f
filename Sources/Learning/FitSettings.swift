/// What is minimised: the mean over rows of a loss, plus the penalty.
package enum Objective: Sendable, Hashable {
  /// ½·(y − ŷ)².
  case linear
  /// ln(1 + exp(−m)) with m = ±(x·w + b), the sign that of the class: y is 0 or 1.
  case logistic
  /// −ln softmax(x·W + b) at the class: one vector of coefficients a class, none of them left out.
  case multinomial(classes: Int)

  /// Columns of coefficients: one, or one a class.
  package var outputs: Int {
    if case .multinomial(let classes) = self { classes } else { 1 }
  }
}

/// How to fit.
///
/// Minimised is `mean loss + l2/2 · ‖w‖²`; the intercept is not penalised. In the terms of others, with n rows:
/// scikit-learn's `Ridge(alpha: n·l2)` and `LogisticRegression(C: 1/(n·l2))`, glmnet's `lambda = l2` with `alpha = 0`
/// on the same columns, LIBLINEAR's `C = 1/(n·l2)`.
package struct FitSettings: Sendable, Hashable {
  package var objective: Objective
  /// Weight of the penalty, 0 for none.
  package var l2: Double
  package var intercept: Bool
  /// The fit has converged when the gradient, relative to that of the model without coefficients, is at most this; see
  /// `Fit.gradientNorm`.
  package var tolerance: Double
  /// For the iterative solvers.
  package var maximumIterations: Int
  /// Threads to use; the result does not depend on it.
  package var threads: Int
  /// Bytes that encoded rows may take for solvers that read them again and again; beyond, they are encoded each time.
  /// The result does not depend on it.
  package var memory: Int
  /// Names of the columns, for notes and errors; where there are none columns are numbered from 1.
  package var columnNames: [String]

  package init(
    objective: Objective, l2: Double = 0, intercept: Bool = true, tolerance: Double = 1e-8,
    maximumIterations: Int = 1000, threads: Int = 1, memory: Int = 1 << 30, columnNames: [String] = []
  ) {
    self.objective = objective
    self.l2 = l2
    self.intercept = intercept
    self.tolerance = tolerance
    self.maximumIterations = maximumIterations
    self.threads = threads
    self.memory = memory
    self.columnNames = columnNames
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
    guard l2 >= 0, l2.isFinite else { throw .invalidSetting("the l2 penalty must be a finite number of at least 0") }
    guard tolerance > 0, tolerance < 1 else { throw .invalidSetting("the tolerance must lie between 0 and 1") }
    guard maximumIterations > 0 else { throw .invalidSetting("at least one iteration must be allowed") }
    if case .multinomial(let classes) = objective, classes < 2 {
      throw .invalidSetting("a multinomial model needs at least two classes")
    }
  }
}
