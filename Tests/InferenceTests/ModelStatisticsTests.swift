import Basics
import Foundation
import Inference
import Testing

@Suite struct ModelStatisticsTests {
  private func statistics(_ width: Int, _ outputs: Int) -> ModelStatistics {
    let entries = outputs * (width + 1)
    var out = ModelStatistics(
      covariance: "hc1", weights: "frequency", confidence: 0.9, observations: 20, deviance: 3.5, nullDeviance: 9,
      logLikelihood: -4, inflation: (0..<width).map { $0 == 1 ? nil : 1.5 }, means: (0..<width).map(Double.init),
      constantColumns: ["a"], dependencies: [ModelStatistics.Dependency(column: "b", others: ["c", "d"])],
      standardErrors: (0..<entries).map { $0 == 1 ? nil : Double($0) + 0.5 },
      originalErrors: (0..<entries).map { $0 == 1 ? nil : Double($0) + 0.25 }, unavailable: nil)
    out.parameters = 5
    out.residualDegreesOfFreedom = 15
    out.scale = 0.2
    out.aic = 18
    out.overallTest = ModelStatistics.OverallTest(statistic: 7, degreesOfFreedom: 4, denominator: 15, p: 1e-300)
    return out
  }

  private func model(_ objective: ModelObjective) throws -> Model {
    let plain = try Reference().model(objective)
    return Model(
      objective: objective, target: plain.target, encoder: plain.encoder, coefficients: plain.coefficients,
      intercepts: plain.intercepts, l2: 0, training: plain.training,
      statistics: statistics(plain.encoder.columnCount, plain.outputCount))
  }

  @Test(arguments: ModelObjective.allCases) func theyAreReadBack(_ objective: ModelObjective) throws {
    let model = try model(objective)
    let folder = NSTemporaryDirectory() + "model-" + UUID().uuidString
    try Files.makeFolder(folder)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try model.write(to: folder)
    #expect(try Model.read(from: folder) == model)
  }

  /// t with 15 degrees of freedom for numbers, normal otherwise: quantiles 1.7530503556925547 and 1.6448536269514722 at 90%
  /// (scipy.stats.t.ppf(0.95, 15), norm.ppf(0.95)).
  @Test func testsAndIntervalsFollowFromTheErrors() throws {
    for (objective, quantile) in [(ModelObjective.linear, 1.7530503556925547), (.logistic, 1.6448536269514722)] {
      let model = try model(objective)
      let tests = model.coefficientTests
      #expect(tests.count == model.coefficientTable.count)
      #expect(tests[1] == nil)
      for (index, pair) in zip(model.coefficientTable, tests).enumerated() where index != 1 {
        let test = try #require(pair.1)
        #expect(test.standardError == Double(index) + 0.25)
        #expect(test.standardisedError == Double(index) + 0.5)
        #expect(test.statistic == pair.0.original / test.standardError)
        #expect(abs((test.high - test.low) / (2 * quantile * test.standardError) - 1) < 1e-9)
        #expect(test.p > 0 && test.p <= 1)
      }
    }
  }
}
