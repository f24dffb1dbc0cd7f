import Basics
import Inference
import Tabular
import Testing

@Suite struct ExplanationTests {
  /// A model of the reference with statistics, whose means are those of the encoded rows.
  private func model(_ reference: Reference, _ objective: ModelObjective) throws -> Model {
    let model = try reference.model(objective)
    let rows = try design(model.encoder, reference.table)
    let means = model.encoder.outputNames.indices.map { column in
      rows.reduce(0) { $0 + $1[column] } / Double(rows.count)
    }
    return Model(
      objective: objective, target: model.target, encoder: model.encoder, coefficients: model.coefficients,
      intercepts: model.intercepts, l2: model.l2, training: model.training, statistics: statistics(means))
  }

  private func statistics(_ means: [Double]) -> ModelStatistics {
    ModelStatistics(
      covariance: nil, weights: "precision", confidence: 0.95, observations: 9, deviance: 1, nullDeviance: 2,
      logLikelihood: -3, inflation: means.map { _ in nil }, means: means, constantColumns: [], dependencies: [],
      standardErrors: [], originalErrors: [], unavailable: "the coefficients are shrunk by a penalty")
  }

  @Test(arguments: ModelObjective.allCases, Explanation.Reference.allCases)
  func contributionsAddUpToTheLastBit(_ objective: ModelObjective, _ against: Explanation.Reference) throws {
    let reference = try Reference()
    let scorer = Scorer(try model(reference, objective))
    let predictions = try scorer.score(reference.table)
    for row in 0..<reference.table.rowCount {
      let explanation = try scorer.explain(reference.table, row: row, against: against)
      for output in explanation.outputs {
        #expect(output.contributions.count == explanation.parts.count)
        #expect(output.contributions.reduce(output.start, +) + output.rounding == output.score)
        if against == .zero { #expect(output.rounding == 0) }
        #expect(abs(output.rounding) <= 1e-12 * max(1, abs(output.score)))
      }
      let classes = scorer.model.target.classes.count
      if classes == 0 {
        #expect(explanation.after == [predictions.numbers[row]])
      } else {
        #expect(explanation.after == Array(predictions.probabilities[row * classes..<(row + 1) * classes]))
      }
    }
  }

  /// Probabilities go through the calibration, and an offset is a part of its own.
  @Test(arguments: [ModelObjective.logistic, .multinomial, .poisson])
  func calibrationsAndOffsetsAreThere(_ objective: ModelObjective) throws {
    let reference = try Reference()
    let plain = try model(reference, objective)
    let number = try #require(plain.encoder.inputs.first { $0.type == .number || $0.type == .integer })
    let curve = Calibration.Curve.sigmoid(slope: 0.7, intercept: -0.2)
    let isCount = objective == .poisson
    let scorer = Scorer(
      Model(
        objective: objective, target: plain.target, encoder: plain.encoder, coefficients: plain.coefficients,
        intercepts: plain.intercepts,
        calibration: isCount
          ? nil
          : Calibration(
            method: .sigmoid,
            curves: [Calibration.Curve](repeating: curve, count: plain.target.positive == nil ? plain.outputCount : 1)),
        offset: isCount ? OffsetColumn(name: number.name, type: number.type, isExposure: false) : nil, l2: 0,
        training: plain.training, statistics: plain.statistics))
    let column = try #require(reference.table.column(named: number.name))
    for row in 0..<reference.table.rowCount where !column.isMissing(row) {
      let predictions = try scorer.score(reference.table, rows: .rows([row]))
      let explanation = try scorer.explain(reference.table, row: row, against: .mean)
      #expect(explanation.after == (isCount ? predictions.numbers : predictions.probabilities))
      let output = try #require(explanation.outputs.first)
      #expect(output.contributions.reduce(output.start, +) + output.rounding == output.score)
      if isCount { #expect(explanation.parts.last?.input == number.name) }
    }
  }

  /// Contributions of all rows average to nothing, and the start to what the rows score on average.
  @Test func theMeanIsThatOfTheRows() throws {
    let reference = try Reference()
    let scorer = Scorer(try model(reference, .linear))
    let all = try (0..<reference.table.rowCount).map { row in
      try scorer.explain(reference.table, row: row, against: .mean)
    }
    for part in all[0].parts.indices {
      let mean = all.reduce(0) { $0 + $1.outputs[0].contributions[part] } / Double(all.count)
      #expect(abs(mean) < 1e-9)
    }
    let mean = all.reduce(0) { $0 + $1.outputs[0].score } / Double(all.count)
    #expect(abs(mean - all[0].outputs[0].start) < 1e-9 * max(1, abs(mean)))
  }

  @Test func featuresAreNamedWithTheirValues() throws {
    let reference = try Reference()
    let explanation = try Scorer(try model(reference, .linear)).explain(reference.table, row: 0, against: .zero)
    for part in explanation.parts {
      let column = try #require(reference.table.column(named: part.input))
      #expect(part.value == column.text(0))
      if let level = part.level { #expect(level.hasPrefix(part.input)) }
    }
    #expect(explanation.parts.contains { $0.level != nil })
  }

  @Test func anOldModelHasNoMean() throws {
    let reference = try Reference()
    let scorer = Scorer(try reference.model(.linear))
    #expect(throws: InferenceError.noReference) {
      _ = try scorer.explain(reference.table, row: 0, against: .mean)
    }
    _ = try scorer.explain(reference.table, row: 0, against: .zero)
  }
}
