import Basics
import Inference
import Learning

/// Has what a solver says of separated classes told with their names, which it does not know.
struct SeparationNote {
  let target: Target
  let objective: ModelObjective
  let settings: FitSettings

  /// The notes of a fit, with that on separation (if there is one) naming columns and classes. One more pass over the rows.
  func named(_ fit: Fit, on source: some DesignSource, cancellation: Cancellation) throws -> [String] {
    // Finding the columns that separate the classes reads dense rows.
    if source is any SparseDesignSource, source.columnCount > StatisticsRequest.mostCoefficients { return fit.notes }
    guard let place = fit.notes.firstIndex(where: { $0.hasSuffix("coefficients grow without bound") }) else {
      return fit.notes
    }
    let note = try separationDiagnosis(
      of: source, settings, direction: fit.coefficients, classNames: classNames, cancellation: cancellation)
    var notes = fit.notes
    if let note { notes[place] = note }
    return notes
  }

  /// By the index that the solver knows a class as.
  private var classNames: [String] {
    guard objective == .logistic, let positive = target.positive else { return target.classes }
    return [target.classes[1 - positive], target.classes[positive]]
  }
}
