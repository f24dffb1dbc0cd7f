import Basics
import Statistics
import Tabular
import Testing

@testable import Inference

/// Against scikit-learn: `Fixtures/calibration_reference.py`.
@Suite struct CalibrationTests {
  private func reference(_ name: String) throws -> JSON {
    let path = (Files.parentFolder(of: #filePath) ?? ".") + "/Fixtures/calibration_reference.json"
    return try #require(try JSON(parsing: try Files.read(path))[name])
  }

  private func numbers(_ json: JSON, _ key: String) throws -> [Double] {
    try #require(json[key]?.arrayValue).compactMap(\.doubleValue)
  }

  private func target(_ classes: [String]) -> Target {
    Target(name: "y", type: .category, classes: classes, positive: classes.count == 2 ? 1 : nil)
  }

  @Test(arguments: ["binary", "binary_weighted"], Calibration.Method.allCases)
  func twoClassesAgreeWithScikitLearn(_ name: String, _ method: Calibration.Method) throws {
    let example = try reference(name)
    let weights = example["weights"]?.arrayValue.map { $0.compactMap(\.doubleValue) }
    let calibration = Calibration.fit(
      method, scores: try numbers(example, "scores"), targets: try numbers(example, "targets"), weights: weights,
      of: .logistic, target(["no", "yes"]))
    let expected = try numbers(example, method.rawValue)
    for (score, theirs) in zip(try numbers(example, "new"), expected) {
      let ours = calibration.probabilities([score], positive: 1)
      #expect(abs(ours[1] - theirs) <= 1e-9, "score \(score)")
      #expect(abs(ours[0] + ours[1] - 1) <= 1e-15)
    }
    if case .sigmoid(let slope, let intercept)? = calibration.curves.first {
      #expect(abs(slope - (try #require(example["slope"]?.doubleValue))) <= 1e-9)
      #expect(abs(intercept - (try #require(example["intercept"]?.doubleValue))) <= 1e-9)
    }
  }

  @Test(arguments: Calibration.Method.allCases)
  func moreClassesAgreeWithScikitLearn(_ method: Calibration.Method) throws {
    let example = try reference("multinomial")
    let scores = try numbers(example, "scores")
    let targets = try numbers(example, "targets")
    let rows = targets.count
    let calibration = Calibration.fit(
      method, scores: scores, targets: targets, weights: nil, of: .multinomial, target(["a", "b", "c"]))
    #expect(calibration.curves.count == 3)
    let expected = try numbers(example, method.rawValue)
    for row in 0..<rows {
      let odds = logOdds(outputs: 3, positive: nil) { scores[$0 * rows + row] }
      let ours = calibration.probabilities(odds, positive: nil)
      for index in 0..<3 { #expect(abs(ours[index] - expected[row * 3 + index]) <= 1e-9, "row \(row)") }
    }
  }

  /// Against exp and log of the C library in the plain form, where that is accurate.
  @Test func logOddsAreThoseOfTheSoftmax() {
    var random = SeededGenerator(seed: 5)
    for _ in 0..<200 {
      let scores = (0..<4).map { _ in random.nextUnit() * 20 - 10 }
      let odds = logOdds(outputs: 4, positive: nil) { scores[$0] }
      for index in 0..<4 {
        let rest = scores.indices.filter { $0 != index }.reduce(0) { $0 + Elementary.exp(scores[$1]) }
        #expect(abs(odds[index] - (scores[index] - Elementary.log(rest))) <= 1e-12 * max(1, abs(odds[index])))
      }
    }
    // One class so sure that the others vanish beside it.
    let sure = logOdds(outputs: 3, positive: nil) { [800, 1, 1][$0] }
    #expect(abs(sure[0] - (799 - Elementary.log(2))) <= 1e-12)
    #expect(sure[1] == -799)
  }

  @Test func separatedScoresHaveAFiniteSigmoid() {
    let curve = Calibration.sigmoid([-3, -2, -1, 1, 2, 3], [false, false, false, true, true, true], nil)
    guard case .sigmoid(let slope, let intercept) = curve else { return }
    #expect(slope > 0 && slope.isFinite && abs(intercept) < 1e-12)
    // Smoothed targets are 4/5 and 1/5.
    #expect(curve.probabilities(3).ofClass < 0.95)
  }

  @Test(arguments: Calibration.Method.allCases) func aCalibratedModelIsReadBack(_ method: Calibration.Method) throws {
    for objective in [ModelObjective.logistic, .multinomial] {
      let reference = try Reference()
      let fitted = try reference.model(objective)
      let rows = reference.table.rowCount
      let scores = (0..<rows * fitted.outputCount).map { Double($0 * 7 % 11) - 5 }
      let targets = (0..<rows).map { Double($0 * 5 % 7 % fitted.target.classes.count) }
      let model = Model(
        objective: objective, target: fitted.target, encoder: fitted.encoder, coefficients: fitted.coefficients,
        intercepts: fitted.intercepts, threshold: objective == .logistic ? 0.3 : 0.5,
        calibration: Calibration.fit(
          method, scores: scores, targets: targets, weights: nil, of: objective, fitted.target),
        weightColumn: "w", l1: 0.25, l2: 0.5, training: fitted.training)
      let back = try Model(
        json: model.json,
        tensors: [
          "coefficients": Tensor(shape: [model.outputCount, model.encoder.columnCount], values: model.coefficients),
          "intercepts": Tensor(shape: [model.outputCount], values: model.intercepts),
        ], path: "model.json", weightsPath: "weights.safetensors")
      #expect(back == model)
      // One row alone and among the others: the same bits.
      let all = try Scorer(model).score(reference.table)
      for row in [0, 17, rows - 1] {
        let one = try Scorer(model).score(reference.table, rows: .rows([row]))
        for index in model.target.classes.indices {
          #expect(one.probability(0, index).bitPattern == all.probability(row, index).bitPattern)
        }
      }
    }
  }

  @Test func aModelOfVersionOneIsStillRead() throws {
    let model = try Reference().model(.logistic)
    var json = model.json
    json["version"] = 1
    json["penalty"] = ["l2": 0.5]
    let tensors = [
      "coefficients": Tensor(shape: [1, model.encoder.columnCount], values: model.coefficients),
      "intercepts": Tensor(shape: [1], values: model.intercepts),
    ]
    #expect(try Model(json: json, tensors: tensors, path: "", weightsPath: "") == model)
    json["version"] = 3
    #expect(throws: InferenceError.unknownFormat("", "the model has version 3, known is up to 2")) {
      try Model(json: json, tensors: tensors, path: "", weightsPath: "")
    }
  }
}

/// Models of counts.
@Suite struct PoissonModelTests {
  private func model(_ offset: OffsetColumn?) throws -> Model {
    let fitted = try Reference().model(.poisson)
    return Model(
      objective: .poisson, target: fitted.target, encoder: fitted.encoder, coefficients: fitted.coefficients,
      intercepts: fitted.intercepts, offset: offset, l2: 0.5, training: fitted.training)
  }

  private func table(_ exposure: [Double?]) throws -> Table {
    Table(columns: [
      ColumnData("age", .integers(exposure.map { _ in 40 })), ColumnData("bmi", .numbers(exposure.map { _ in 25 })),
      ColumnData("smoker", .booleans(exposure.map { _ in true })),
      ColumnData("sex", .categories(exposure.map { _ in "male" })),
      ColumnData("city", .categories(exposure.map { _ in "Bonn" })), ColumnData("time", .numbers(exposure)),
    ])
  }

  @Test func exposureMultipliesAndOffsetAdds() throws {
    let plain = try Scorer(model(nil)).score(try table([1])).numbers[0]
    let exposed = OffsetColumn(name: "time", type: .number, isExposure: true)
    for (ours, factor) in zip(try Scorer(model(exposed)).score(try table([1, 2, 0.5])).numbers, [1, 2, 0.5]) {
      #expect(abs(ours - plain * factor) <= 1e-14 * ours)
    }
    let shifted = OffsetColumn(name: "time", type: .number, isExposure: false)
    let ours = try Scorer(model(shifted)).score(try table([0, 1])).numbers
    #expect(ours[0] == plain)
    #expect(abs(ours[1] - plain * Elementary.exp(1)) <= 1e-14 * ours[1])
  }

  @Test func badExposuresAreToldByRow() throws {
    let exposed = OffsetColumn(name: "time", type: .number, isExposure: true)
    for (values, isMissing) in [([1, 0], false), ([1, -2], false), ([1, nil], true)] as [([Double?], Bool)] {
      #expect(
        throws: InferenceError.badOffset(column: "time", row: 2, isExposure: true, isMissing: isMissing)
      ) { try Scorer(model(exposed)).score(try table(values)) }
    }
    // On several threads the same bits, and the first of several faults, whichever thread meets one first.
    var many = (0..<60_000).map { row -> Double? in Double(row % 977 + 1) }
    let fine = try table(many)
    #expect(try Scorer(model(exposed)).score(fine) == Scorer(model(exposed)).score(fine, threads: 3))
    for row in [20_000, 40_000, 59_999] { many[row] = 0 }
    #expect(
      throws: InferenceError.badOffset(column: "time", row: 20_001, isExposure: true, isMissing: false)
    ) { try Scorer(model(exposed)).score(try table(many), threads: 3) }
    let other = OffsetColumn(name: "tiem", type: .number, isExposure: true)
    #expect(throws: InferenceError.missingColumn("tiem", nearest: "time")) {
      try Scorer(model(other)).score(try table([1]))
    }
    #expect(try model(exposed).inputs.last == Field(name: "time", type: .number))
  }

  @Test func countsAreZeroOrMore() throws {
    func fit(_ values: [Double?]) throws -> Target {
      try Target.fit(
        Table(columns: [ColumnData("y", .numbers(values))]), name: "y", rows: .all, objective: .poisson)
    }
    #expect(try fit([0, 2, 1.5]).classes == [])
    #expect(throws: InferenceError.negativeCount(column: "y", row: 3)) { try fit([1, 2, -1]) }
    #expect(throws: InferenceError.noEvents(column: "y")) { try fit([0, 0]) }
  }
}
