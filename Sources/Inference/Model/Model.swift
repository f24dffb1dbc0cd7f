/// A trained model: all that is needed to predict, and how it came to be.
package struct Model: Sendable, Hashable {
  /// What a fit had to say for itself. No clock, path or host: the same training gives the same bytes.
  package struct Training: Sendable, Hashable {
    /// Rows that were learned from.
    package var rows: Int
    package var objectiveValue: Double
    package var gradientNorm: Double
    package var iterations: Int
    package var converged: Bool
    /// What ran, with escalations.
    package var solver: String
    package var conditionEstimate: Double?
    package var seed: UInt64
    package var notes: [String]

    package init(
      rows: Int, objectiveValue: Double, gradientNorm: Double, iterations: Int, converged: Bool, solver: String,
      conditionEstimate: Double? = nil, seed: UInt64, notes: [String] = []
    ) {
      self.rows = rows
      self.objectiveValue = objectiveValue
      self.gradientNorm = gradientNorm
      self.iterations = iterations
      self.converged = converged
      self.solver = solver
      self.conditionEstimate = conditionEstimate
      self.seed = seed
      self.notes = notes
    }
  }

  package let objective: ModelObjective
  package let target: Target
  package let encoder: Encoder
  /// Texts that meant a missing value in the training data, beside the empty cell: they mean it in new data too.
  package let missingMarkers: [String]
  /// By output, then by column of the design: `coefficients[output * encoder.columnCount + column]`. One output for
  /// `linear` and
  /// `logistic` (of the positive class), one for each class for `multinomial`.
  package let coefficients: [Double]
  /// One an output.
  package let intercepts: [Double]
  /// Of two classes, the positive one is decided for where its probability is above this.
  package let threshold: Double
  /// The l2 penalty of the fit: mean loss + l2/2·‖w‖².
  package let l2: Double
  package let training: Training

  package var outputCount: Int { intercepts.count }

  /// Shapes must fit: one output for `linear` and `logistic`, one for each class for `multinomial`.
  package init(
    objective: ModelObjective, target: Target, encoder: Encoder, coefficients: [Double], intercepts: [Double],
    threshold: Double = 0.5, missingMarkers: [String] = [], l2: Double, training: Training
  ) {
    precondition(intercepts.count == outputs(objective, target), "one intercept an output")
    precondition(coefficients.count == intercepts.count * encoder.columnCount, "one coefficient an output and column")
    self.objective = objective
    self.target = target
    self.encoder = encoder
    self.coefficients = coefficients
    self.intercepts = intercepts
    self.threshold = threshold
    self.missingMarkers = missingMarkers
    self.l2 = l2
    self.training = training
  }
}

/// How many outputs the linear part of a model has.
func outputs(_ objective: ModelObjective, _ target: Target) -> Int {
  objective == .multinomial ? target.classes.count : 1
}
