package import Basics
package import Tabular

/// A trained model: all that is needed to predict, and how it came to be.
package struct Model: Sendable, Hashable {
  /// What a fit had to say for itself. No clock, path or host: the same training gives the same bytes.
  package struct Training: Sendable, Hashable {
    /// Rows that were learned from.
    package var rows: Int
    /// The sum of their weights, without those of classes; nil where all count alike.
    package var weightSum: Double?
    package var objectiveValue: Double
    package var gradientNorm: Double
    /// With an l1 penalty: how far the objective is from its minimum at most, relative to that of the empty model.
    package var dualityGap: Double?
    package var iterations: Int
    package var converged: Bool
    /// What ran, with escalations.
    package var solver: String
    package var conditionEstimate: Double?
    package var seed: UInt64
    package var notes: [String]

    package init(
      rows: Int, weightSum: Double? = nil, objectiveValue: Double, gradientNorm: Double, dualityGap: Double? = nil,
      iterations: Int, converged: Bool, solver: String, conditionEstimate: Double? = nil, seed: UInt64,
      notes: [String] = []
    ) {
      self.rows = rows
      self.weightSum = weightSum
      self.objectiveValue = objectiveValue
      self.gradientNorm = gradientNorm
      self.dualityGap = dualityGap
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
  /// How the source of the training data was read, as settings of `ingest` where they are not usual: `delimiter`, `decimal`,
  /// `thousands` and their like, `table` of a database, `format` of a text with tabs. New data is read in the same way.
  package let source: JSON
  /// By output, then by column of the design: `coefficients[output * encoder.columnCount + column]`. One output for
  /// `linear` and
  /// `logistic` (of the positive class), one for each class for `multinomial`.
  package let coefficients: [Double]
  /// One an output.
  package let intercepts: [Double]
  /// Of two classes, the positive one is decided for where its probability is above this.
  package let threshold: Double
  /// What turns scores into probabilities instead of the logistic function or the softmax.
  package let calibration: Calibration?
  /// What is added to the scores, and so needed to predict.
  package let offset: OffsetColumn?
  /// The column that says how much a row counts, in training and in evaluations.
  package let weightColumn: String?
  /// The penalties of the fit: mean loss + l1·‖w‖₁ + l2/2·‖w‖².
  package let l1: Double
  package let l2: Double
  package let training: Training
  /// Nil in models of earlier versions, and of very many columns.
  package let statistics: ModelStatistics?

  package var outputCount: Int { intercepts.count }

  /// The columns that are needed to predict.
  package var inputs: [Field] { encoder.inputs + (offset.map { [$0.field] } ?? []) }

  /// Whether it reads rows of a libsvm file rather than of a CSV file.
  package var readsSparseRows: Bool { encoder.inputs.contains { $0.type == .sparse } }

  /// Shapes must fit: one output for `linear` and `logistic`, one for each class for `multinomial`.
  package init(
    objective: ModelObjective, target: Target, encoder: Encoder, coefficients: [Double], intercepts: [Double],
    threshold: Double = 0.5, calibration: Calibration? = nil, offset: OffsetColumn? = nil,
    weightColumn: String? = nil, missingMarkers: [String] = [], source: JSON = [:], l1: Double = 0, l2: Double,
    training: Training,
    statistics: ModelStatistics? = nil
  ) {
    precondition(calibration.map { $0.curves.count == curveCount(target) } ?? true, "one curve a class")
    precondition(intercepts.count == outputs(objective, target), "one intercept an output")
    precondition(coefficients.count == intercepts.count * encoder.columnCount, "one coefficient an output and column")
    self.objective = objective
    self.target = target
    self.encoder = encoder
    self.coefficients = coefficients
    self.intercepts = intercepts
    self.threshold = threshold
    self.calibration = calibration
    self.offset = offset
    self.weightColumn = weightColumn
    self.l1 = l1
    self.missingMarkers = missingMarkers
    self.source = source
    self.l2 = l2
    self.training = training
    self.statistics = statistics
  }
}

/// How many outputs the linear part of a model has.
func outputs(_ objective: ModelObjective, _ target: Target) -> Int {
  objective == .multinomial ? target.classes.count : 1
}

/// How many calibration curves the classes of a target need.
func curveCount(_ target: Target) -> Int { target.classes.count > 2 ? target.classes.count : 1 }
