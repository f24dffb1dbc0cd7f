import Inference
import Learning
import Tabular

extension Tuning {
  /// The folds of one combination as `Learning` tunes them from a single encoding, where encoders fitted inside each fold
  /// would differ from the one over all training rows by a shift and a factor of each column alone; nil where they may differ
  /// otherwise: a stand-in for missing numbers that depends on the rows, levels that count as rare, a range.
  static func sharedFolds(
    _ penalties: [Penalty], _ settings: TrainingSettings, _ data: TrainingData, _ plan: FoldPlan, _ encoder: Encoder,
    _ fit: FitSettings
  ) throws -> SharedFolds? {
    let source = try data.fitted(data.training, encoder, settings)
    guard !plan.isForward, plan.count <= 255, SharedFolds.serve(fit, penalties, weighted: source.hasWeights),
      let standardised = try standardisedColumns(of: encoder, settings.encoderSettings(), data.table)
    else { return nil }
    return SharedFolds(
      source: source, count: plan.count, assignment: plan.assignment.map { UInt8($0) }, standardised: standardised)
  }

  /// Whether each column of the design is standardised; nil where columns are encoded in a way that folds do not share.
  private static func standardisedColumns(
    of encoder: Encoder, _ settings: EncoderSettings, _ table: Table
  ) -> [Bool]? {
    if encoder.isSparse { return nil }
    var out: [Bool] = []
    for feature in encoder.features {
      switch feature {
      case .number(let number):
        let isWhole = table.column(named: number.input)?.missingCount == 0
        guard isWhole || settings.impute == .zero, settings.scale != .minmax else { return nil }
        out.append(settings.scale == .standard)
      case .indicator: out.append(false)
      case .oneHot(let oneHot):
        guard settings.rareShare == nil, settings.maximumLevels == nil else { return nil }
        out += oneHot.columns.map { _ in false }
      case .hash, .text, .sparse: return nil
      }
    }
    return out
  }
}
