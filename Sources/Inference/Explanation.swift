import Statistics
package import Tabular

/// Why a model says what it says of one row: what each feature adds to its score, or to that of each class.
///
/// A score is intercept + Σ coefficient·column. Against zero the terms are just these, in the order and arithmetic of
/// `Scorer`. Against the mean a feature adds Σ coefficient·(column − mean of the training rows), and what the mean row
/// scores is the start. Start, contributions in the order of the features, then `rounding` add up to the score to the
/// last bit.
package struct Explanation: Sendable, Hashable {
  /// What contributions are told against.
  package enum Reference: String, Sendable, Hashable, CaseIterable {
    /// The mean of the training rows.
    case mean
    /// The intercept alone: encoded columns of 0.
    case zero
  }

  /// A feature in this row.
  package struct Part: Sendable, Hashable {
    /// What the design calls it: the column, with the part of a date or `.missing`; of a category the column alone.
    package var feature: String
    /// The column of the table.
    package var input: String
    /// As it stands in the row; nil where it is missing.
    package var value: String?
    /// Of a category, the design's column that the value goes to; nil for the level that has none.
    package var level: String?
  }

  /// What is said of one output.
  package struct Output: Sendable, Hashable {
    /// Nil for numbers.
    package var className: String?
    /// What the reference row scores.
    package var start: Double
    /// By part.
    package var contributions: [Double]
    /// What rounding leaves between their sum and the score.
    package var rounding: Double
    /// As `Scorer` computes it.
    package var score: Double
  }

  package var reference: Reference
  package var parts: [Part]
  package var outputs: [Output]
  /// What the reference row and this one are told to be: a number, or probabilities in the order of the classes. With an
  /// offset both have it.
  package var before: [Double]
  package var after: [Double]
}

extension Scorer {
  /// Explains the prediction of a row of `table`. Throws `InferenceError` as `score` does, and for a reference that the
  /// model does not know: the mean of an old model, and of one of many sparse columns.
  package func explain(
    _ table: Table, row: Int, against reference: Explanation.Reference
  ) throws(InferenceError) -> Explanation {
    let bound = try model.encoder.bind(to: table)
    var term = 0.0
    if let offset = model.offset {
      let bound = try offset.bind(to: table)
      let result = withUnsafeMutablePointer(to: &term) { out in
        Result { () throws(InferenceError) in
          try bound.read(.rows([row]), 0..<1, into: UnsafeMutableBufferPointer(start: out, count: 1))
        }
      }
      try result.get()
    }
    let offset = model.offset == nil ? nil : term
    var (parts, outputs) =
      model.encoder.isSparse
      ? try explainedSparse(bound, table, row, against: reference, offset: offset)
      : try explainedDense(bound, table, row, against: reference, offset: offset)
    if let offset = model.offset {
      parts.append(Explanation.Part(feature: offset.name, input: offset.name, value: table.text(offset.name, row)))
    }
    let starts = outputs.map { $0.start + (model.offset == nil ? 0 : term) }
    return Explanation(
      reference: reference, parts: parts, outputs: outputs, before: model.answer(starts),
      after: model.answer(outputs.map(\.score)))
  }

  private func explainedDense(
    _ bound: BoundEncoder, _ table: Table, _ row: Int, against reference: Explanation.Reference, offset: Double?
  ) throws(InferenceError) -> ([Explanation.Part], [Explanation.Output]) {
    let means = reference == .mean ? model.statistics?.means : model.encoder.outputNames.map { _ in 0 }
    guard let means else { throw .noReference }
    var values = [Double](repeating: 0, count: model.encoder.columnCount)
    let result = values.withUnsafeMutableBufferPointer { out in
      Result { () throws(InferenceError) in try bound.encode(row..<row + 1, into: out, leadingDimension: 1) }
    }
    try result.get()
    let outputs = (0..<model.outputCount).map { explained($0, values, means, offset: offset) }
    return (model.encoder.parts(table, row: row, encoded: values), outputs)
  }

  private func explainedSparse(
    _ bound: BoundEncoder, _ table: Table, _ row: Int, against reference: Explanation.Reference, offset: Double?
  ) throws(InferenceError) -> ([Explanation.Part], [Explanation.Output]) {
    let means = reference == .mean ? model.statistics?.means : nil
    if reference == .mean, means == nil { throw .noReference }
    let row = try SparseParts(bound, table, row: row, tellsAbsent: means != nil)
    let width = model.encoder.columnCount
    let outputs = (0..<model.outputCount).map { output in
      let weights = model.coefficients[output * width..<(output + 1) * width]
      let intercept = model.intercepts[output]
      let start = means.map { zip(weights, $0).reduce(intercept) { $0 + $1.0 * $1.1 } } ?? intercept
      var (score, contributions) = row.terms(weights: weights, intercept: intercept, means: means)
      if let offset {
        score += offset
        contributions.append(offset)
      }
      return Explanation.Output(
        className: model.className(ofOutput: output), start: start, contributions: contributions,
        rounding: score - contributions.reduce(start, +), score: score)
    }
    return (row.parts, outputs)
  }

  private func explained(
    _ output: Int, _ values: [Double], _ means: [Double], offset: Double?
  ) -> Explanation.Output {
    let width = model.encoder.columnCount
    let weights = model.coefficients[output * width..<(output + 1) * width]
    var score = model.intercepts[output]
    var start = model.intercepts[output]
    for (weight, (value, mean)) in zip(weights, zip(values, means)) {
      score += weight * value
      start += weight * mean
    }
    var contributions: [Double] = []
    var at = 0
    for feature in model.encoder.features {
      var sum = 0.0
      for _ in feature.outputs {
        sum += weights[output * width + at] * (values[at] - means[at])
        at += 1
      }
      contributions.append(sum)
    }
    if let offset {
      score += offset
      contributions.append(offset)
    }
    let sum = contributions.reduce(start, +)
    return Explanation.Output(
      className: model.className(ofOutput: output), start: start, contributions: contributions, rounding: score - sum,
      score: score)
  }
}

extension Model {
  /// What scores of one row mean: the number, or the probabilities of the classes, as `Scorer` has them.
  fileprivate func answer(_ scores: [Double]) -> [Double] {
    if let calibration {
      let odds = logOdds(outputs: outputCount, positive: target.positive) { scores[$0] }
      return calibration.probabilities(odds, positive: target.positive)
    }
    switch objective {
    case .linear: return scores
    case .poisson: return scores.map { Elementary.exp($0) }
    case .logistic:
      let (ofPositive, ofOther) = (Elementary.logistic(scores[0]), Elementary.logistic(-scores[0]))
      return target.positive == 0 ? [ofPositive, ofOther] : [ofOther, ofPositive]
    case .multinomial: return Elementary.softmax(scores)
    }
  }
}

extension Encoder {
  fileprivate func parts(_ table: Table, row: Int, encoded: [Double]) -> [Explanation.Part] {
    var parts: [Explanation.Part] = []
    var at = 0
    for feature in features {
      let outputs = feature.outputs
      var part = Explanation.Part(
        feature: outputs.first ?? feature.input, input: feature.input, value: table.text(feature.input, row))
      if case .oneHot = feature {
        part.feature = feature.input
        part.level = outputs.indices.first { encoded[at + $0] != 0 }.map { outputs[$0] }
      }
      parts.append(part)
      at += outputs.count
    }
    return parts
  }
}

extension Table {
  fileprivate func text(_ name: String, _ row: Int) -> String? { column(named: name).flatMap { $0.text(row) } }
}
