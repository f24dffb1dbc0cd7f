import Basics
import Evaluation
import Execution
import ObjectStore
import Statistics
import Testing

@testable import Steps

@Suite struct HeldOutDecisionTests {
  private let probabilities = (0..<60).map { Double($0 * 37 % 59) / 59 }
  private var isPositive: [Bool] { probabilities.indices.map { probabilities[$0] + Double($0 * 13 % 17) / 17 > 0.9 } }
  private var weights: [Double] { probabilities.indices.map { Double($0 % 4) } }

  /// Every cut that could make a difference, tried one after the other with the metrics of `Evaluation`.
  @Test(arguments: ThresholdRule.Measure.allCases, [false, true])
  func theThresholdIsTheBestOfAllCuts(_ measure: ThresholdRule.Measure, _ isWeighted: Bool) throws {
    let weights = isWeighted ? weights : nil
    let chosen = try #require(
      ChosenThreshold(.maximise(measure), probabilities: probabilities, isPositive: isPositive, weights: weights))
    func worth(_ threshold: Double) throws -> Double? {
      let rows = ScoredRows(
        classes: ["no", "yes"], targets: isPositive.map { $0 ? 1 : 0 },
        probabilities: probabilities.flatMap { [1 - $0, $0] }, decisions: probabilities.map { $0 > threshold ? 1 : 0 },
        positive: 1, weights: weights)
      return try #require(MetricCatalogue.metric(named: measure.rawValue)).value(rows).number
    }
    let best = try stride(from: -0.005, through: 1, by: 0.005).compactMap(worth).max() ?? .nan
    #expect(abs(chosen.worth - best) <= 1e-12)
    #expect(abs((try worth(chosen.value) ?? .nan) - best) <= 1e-12)
    #expect(abs((chosen.worthAtHalf ?? .nan) - (try worth(0.5) ?? .nan)) <= 1e-12)
  }

  @Test func costsAreLeast() throws {
    let rule = ThresholdRule.costs(falsePositive: 1, falseNegative: 5)
    let chosen = try #require(
      ChosenThreshold(rule, probabilities: probabilities, isPositive: isPositive, weights: nil))
    func cost(_ threshold: Double) -> Double {
      zip(probabilities, isPositive).reduce(0) { $0 + ($1.0 > threshold ? ($1.1 ? 0 : 1) : ($1.1 ? 5 : 0)) } / 60
    }
    let best = stride(from: -0.005, through: 1, by: 0.005).map(cost).min() ?? .nan
    #expect(abs(cost(chosen.value) - best) <= 1e-12 && abs(chosen.worth + best) <= 1e-12)
    #expect(chosen.json["closed_form"]?.doubleValue == 1.0 / 6)
  }

  @Test func oneClassHasNoBestF1() {
    #expect(
      ChosenThreshold(.maximise(.mcc), probabilities: [0.2, 0.4], isPositive: [false, false], weights: nil) == nil)
  }

  private func workflow(_ split: String, _ train: String) -> String {
    """
    workflow: test
    seed: 3
    steps:
      data: { ingest: { source: data.csv, target: ok } }
      parts: { split: { \(split) } }
      model: { train: { objective: logistic, positive: "true", features: { only: [x1, x2, colour] }, penalty: { l2: 0.01 }, \(train) } }
      scores: { evaluate: {} }
    """
  }

  @Test(arguments: ["sigmoid", "isotonic"])
  func calibrationIsLearnedFromRowsThatTheModelHasNotSeen(_ method: String) async throws {
    for (split, on, rows) in [("test: 30, validation: 50", "validation", 50), ("test: 30", "folds", 170)] {
      var digests: [Digest?] = []
      for threads in [1, 2] {
        let bench = try StepBench()
        try bench.write("data.csv", mixedCSV)
        let report = try await bench.run(
          workflow(split, "calibrate: \(method), threshold: { maximise: f1 }"), threads: threads)
        try #require(report.failure == nil, "\(report.steps.flatMap(\.problems).map(\.message))")
        let step = try #require(report.step("model"))
        #expect(step.report["held_out"]?["on"]?.stringValue == on)
        #expect(step.report["held_out"]?["rows"]?.intValue == rows)
        #expect(step.report["calibration"]?["curves"]?.arrayValue?.count == 1)
        let threshold = try #require(step.report["threshold"]?["value"]?.doubleValue)
        #expect(step.report["facts"]?["threshold"]?.doubleValue == threshold)
        #expect(
          (step.report["threshold"]?["worth"]?.doubleValue ?? 0)
            >= (step.report["threshold"]?["worth_at_half"]?.doubleValue ?? 1))
        digests.append(step.outputs.first?.digest)
      }
      #expect(digests[0] == digests[1])
    }
  }

  /// The fit is that of all training rows, calibrated or not.
  @Test func calibrationLeavesTheCoefficientsAlone() async throws {
    var coefficients: [JSON?] = []
    for train in ["threshold: 0.3", "calibrate: { method: sigmoid, on: folds }"] {
      let bench = try StepBench()
      try bench.write("data.csv", mixedCSV)
      let report = try await bench.run(workflow("test: 30", train))
      coefficients.append(report.step("model")?.report["coefficients"])
    }
    #expect(coefficients[0] != nil && coefficients[0] == coefficients[1])
  }

  @Test func weightsReachTheEvaluation() async throws {
    let bench = try StepBench()
    try bench.write("data.csv", mixedCSV)
    let plain = try await bench.run(workflow("test: 60", "threshold: 0.5"))
    let weighted = try await bench.run(
      workflow("test: 60", "weight: x2").replacing("[x1, x2, colour]", with: "[x1, colour]"))
    let other = try await bench.run(
      workflow("test: 60", "threshold: 0.5").replacing("evaluate: {}", with: "evaluate: { weight: x2 }"))
    #expect(plain.step("scores")?.report["parts"]?["test"]?["weight_sum"] == nil)
    let sum = try #require(weighted.step("scores")?.report["parts"]?["test"]?["weight_sum"]?.doubleValue)
    #expect(other.step("scores")?.report["parts"]?["test"]?["weight_sum"]?.doubleValue == sum)
    #expect(
      plain.step("scores")?.report["parts"]?["test"]?["metrics"]?["accuracy"]
        != other.step("scores")?.report["parts"]?["test"]?["metrics"]?["accuracy"])
    #expect(weighted.step("scores")?.report["weight"] == "x2")
  }
}
