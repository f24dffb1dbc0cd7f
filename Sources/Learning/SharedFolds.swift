internal import LinearAlgebra

/// The rows of a cross-validation whose folds can be told apart without encoding each anew: one source of all of them, and
/// the fold that holds each row out.
///
/// That is so when an encoder fitted on the rows of a fold differs from the one at hand by a shift and a factor of each
/// column alone: numbers that are standardised or left as they are, without stand-ins for missing ones that depend on the
/// rows, and a column for every level of a category. A shift changes nothing but the intercept, and a factor only what a
/// penalty weighs, so fits and scores are those of encoders fitted inside each fold: nothing leaks.
package struct SharedFolds: Sendable {
  package var source: any DesignSource
  package var count: Int
  /// The fold that holds a row out, from 0; one a row.
  package var assignment: [UInt8]
  /// Columns that each fold divides by their deviation (divisor n) in its training rows; the others are left as they are.
  package var standardised: [Bool]

  package init(source: any DesignSource, count: Int, assignment: [UInt8], standardised: [Bool]) {
    precondition(assignment.count == source.rowCount && standardised.count == source.columnCount && count <= 255)
    self.source = source
    self.count = count
    self.assignment = assignment
    self.standardised = standardised
  }

  /// Whether penalties can be tuned on these folds at once, for an objective and the penalties asked for.
  package static func serve(_ settings: FitSettings, _ penalties: [Penalty], weighted: Bool) -> Bool {
    guard settings.intercept, !weighted, settings.solver == nil else { return false }
    switch settings.objective {
    case .linear: return true
    case .logistic, .poisson: return penalties.allSatisfy { $0.l1 == 0 && $0.l2 > 0 }
    case .multinomial: return false
    }
  }
}

/// How the columns of one fold's training rows lie, in the frame of `EncodedRows`: index 0 is the intercept.
struct FoldColumns: Sendable {
  /// Rows to train on.
  var count: Double
  var means: [Double]
  /// Deviations with divisor n, 0 for a column that is constant there.
  var deviations: [Double]

  /// What a penalty of 1 weighs each coefficient with: the square of the factor by which the fold's own encoder, and the
  /// frame, have stretched the column.
  func penaltyScales(_ folds: SharedFolds, _ frame: EncodedRows.Frame) -> [Double] {
    [0]
      + folds.standardised.indices.map { column in
        let scale = folds.standardised[column] ? deviations[column + 1] : frame.scale[column]
        return scale * scale
      }
  }
}
