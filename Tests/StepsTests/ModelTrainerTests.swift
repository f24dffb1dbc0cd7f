import Basics
import Diagnostics
import Execution
import ObjectStore
import Statistics
import Testing

/// What a workflow over `data.csv` says before its `train` step.
private let head = """
  workflow: test
  seed: 3
  steps:
    data: { ingest: { source: data.csv, target: y } }

  """

@Suite struct ModelTrainerTests {
  private static let objectives = ["linear": "y", "logistic": "ok", "multinomial": "kind"]

  private static func workflow(_ objective: String, names: [String] = ["data", "parts", "model", "scores"]) -> String {
    """
    workflow: test
    seed: 3
    steps:
      \(names[0]):
        ingest: { source: data.csv, target: \(objectives[objective] ?? "") }
      \(names[1]):
        split: 30%
      \(names[2]):
        train: { objective: \(objective), features: { indicators: true }, tune: { folds: 3 } }
      \(names[3]):
        evaluate: { slices: [colour] }
    """
  }

  /// Every artifact, from the table to the metrics, in another folder each time.
  @Test(arguments: objectives.keys.sorted())
  func modelIsTheSameWhateverTheThreadsTheFolderAndTheNames(_ objective: String) async throws {
    var digests: [[Digest]] = []
    for (threads, names) in [
      (1, ["data", "parts", "model", "scores"]), (2, ["a", "b", "c", "d"]), (3, ["data", "parts", "model", "scores"]),
    ] {
      let bench = try StepBench()
      try bench.write("data.csv", mixedCSV)
      let report = try await bench.run(Self.workflow(objective, names: names), threads: threads)
      try #require(report.failure == nil, "\(report.steps.flatMap(\.problems))")
      digests.append(report.steps.flatMap(\.outputs).map(\.digest))
    }
    #expect(digests[0].count == 7)
    #expect(digests[1] == digests[0])
    #expect(digests[2] == digests[0])
  }

  /// Errors, likelihoods and collinearity are part of the model, so they too are the same whatever the threads.
  @Test(arguments: ["linear", "logistic", "multinomial"], ["none", "hc1"])
  func statisticsAreTheSameWhateverTheThreads(_ objective: String, _ robust: String) async throws {
    var digests: [[Digest]] = []
    for threads in 1...3 {
      let bench = try StepBench()
      try bench.write("data.csv", mixedCSV)
      let report = try await bench.run(
        """
        workflow: test
        steps:
          data: { ingest: { source: data.csv, target: \(Self.objectives[objective] ?? "") } }
          model:
            train: { objective: \(objective), penalty: none, inference: { robust: \(robust) } }
        """, threads: threads)
      try #require(report.failure == nil, "\(report.steps.flatMap(\.problems))")
      let statistics = try #require(report.steps.last?.report["statistics"])
      #expect(statistics["deviance"]?.doubleValue != nil)
      digests.append(report.steps.flatMap(\.outputs).map(\.digest))
    }
    #expect(digests[1] == digests[0])
    #expect(digests[2] == digests[0])
  }

  /// One row is far away. Each fold that does not hold it must be standardised as if it did not exist; a mean and deviation
  /// over all rows would squeeze the others together and change every score. The reference is ridge regression of one
  /// column in closed form.
  @Test func encoderOfAFoldSeesNothingOfTheRowsHeldOut() async throws {
    let count = 40
    let xs = (0..<count).map { $0 == 13 ? 1e6 : Double(($0 * 7) % 23) }
    let ys = xs.enumerated().map { 2 * min($1, 30) + Double(($0 * 5) % 11) }
    let bench = try StepBench()
    try bench.write("data.csv", "x,y\n" + zip(xs, ys).map { "\($0),\($1)\n" }.joined())
    let report = try await bench.run(head + "  model: { train: { objective: linear, tune: { folds: 4 } } }")
    let penalties = try #require(report.step("model")?.report["tuning"]?["candidates"]?.arrayValue)
    #expect(penalties.count == 30)

    let folds = foldsByHash(rows: count, folds: 4, seed: 3)
    var leakiest = 0.0
    for entry in penalties {
      let l2 = try #require(entry["l2"]?.doubleValue)
      let scores = try #require(entry["scores"]?.arrayValue).compactMap(\.doubleValue)
      for fold in 0..<4 {
        let inside = (0..<count).filter { folds[$0] != fold }
        let outside = (0..<count).filter { folds[$0] == fold }
        let expected = ridgeError(xs, ys, fitOn: inside, scaleOn: inside, judgeOn: outside, l2: l2)
        #expect(abs(scores[fold] - expected) <= 1e-7 * expected, "l2 \(l2), fold \(fold)")
        let leaky = ridgeError(xs, ys, fitOn: inside, scaleOn: Array(0..<count), judgeOn: outside, l2: l2)
        leakiest = max(leakiest, abs(leaky - expected) / expected)
      }
    }
    // So the test would notice.
    #expect(leakiest > 0.5)
  }

  /// The penalty is the one with the smallest mean score, and the fit is on all rows.
  @Test func chosenPenaltyHasTheBestScore() async throws {
    let bench = try StepBench()
    try bench.write("data.csv", mixedCSV)
    let report = try await bench.run(head + "  model: { train: { objective: linear, features: { drop: [kind, ok] } } }")
    let tuning = try #require(report.step("model")?.report["tuning"])
    let points = try #require(tuning["candidates"]?.arrayValue).compactMap { point in
      point["l2"]?.doubleValue.map { ($0, point["mean"]?.doubleValue ?? .nan) }
    }
    let best = try #require(points.min { $0.1 < $1.1 })
    #expect(tuning["chosen"]?.intValue == points.firstIndex { $0.0 == best.0 })
    #expect(report.step("model")?.report["facts"]?["l2"]?.doubleValue == best.0)
    #expect(report.step("model")?.report["facts"]?["rows"] == 200)
  }

  @Test(
    arguments: [
      ("train: { objective: linear, target: z }", "the target 'z' is not a column of the data"),
      ("train: { objective: linear, features: { drop: [q] } }", nil),
      ("train: { objective: linear, tune: { folds: 100 } }", "80 training rows are too few for 100 folds"),
      ("train: { objective: logistic }", nil),
    ] as [(String, String?)])
  func whatCannotBeTrainedIsBadInput(_ train: String, _ message: String?) async throws {
    let bench = try StepBench()
    try bench.write("data.csv", "x,y\n" + (0..<80).map { "\($0 % 7),\($0 % 5)\n" }.joined())
    let report = try await bench.run(head + "  model: { \(train) }")
    #expect(report.failure == .badInput)
    if let message { #expect(report.step("model")?.problems.first?.message == message) }
    #expect(report.step("model")?.problems.first?.place?.line != nil)
  }

  @Test func missingTargetStopsTheRunUnlessItIsToBeDropped() async throws {
    let bench = try StepBench()
    try bench.write("data.csv", "x,y\n" + (0..<40).map { "\($0 % 7),\($0 == 9 ? "" : String($0 % 5))\n" }.joined())
    let train = "  model: { train: { objective: linear, penalty: none } }"
    let stopped = try await bench.run(head + train)
    #expect(
      stopped.step("model")?.problems.first?.message == "the target 'y' is missing in 1 of 40 rows, first in row 10")
    let dropped = try await bench.run(head.replacing("target: y", with: "target: y, missing_target: drop") + train)
    #expect(dropped.failure == nil)
    #expect(dropped.step("model")?.report["facts"]?["rows"] == 39)
    #expect(dropped.step("model")?.report["dropped_rows"] == 1)
    #expect(dropped.step("data")?.status == .cached)
  }
}

/// Rows ranked by their hash and dealt out in turn, as `ModelTrainer` documents it.
private func foldsByHash(rows: Int, folds: Int, seed: UInt64) -> [Int] {
  let ranked = (0..<rows).sorted {
    rowHash(seed: derivedSeed(seed, "folds"), row: UInt64($0))
      < rowHash(seed: derivedSeed(seed, "folds"), row: UInt64($1))
  }
  var assignment = [Int](repeating: 0, count: rows)
  for (rank, row) in ranked.enumerated() { assignment[row] = rank % folds }
  return assignment
}

/// Mean squared error on `judgeOn` of w = Σ zc·yc / (n·(mean zc² + l2)), with z standardised by mean and deviation (divisor
/// n) of `scaleOn`: the minimum of ½·mean (y − b − w·z)² + l2/2·w².
private func ridgeError(
  _ xs: [Double], _ ys: [Double], fitOn: [Int], scaleOn: [Int], judgeOn: [Int], l2: Double
) -> Double {
  func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
  let centre = mean(scaleOn.map { xs[$0] })
  let deviation = mean(scaleOn.map { (xs[$0] - centre) * (xs[$0] - centre) }).squareRoot()
  let zs = xs.map { ($0 - centre) / deviation }
  let zMean = mean(fitOn.map { zs[$0] })
  let yMean = mean(fitOn.map { ys[$0] })
  let covariance = mean(fitOn.map { (zs[$0] - zMean) * (ys[$0] - yMean) })
  let variance = mean(fitOn.map { (zs[$0] - zMean) * (zs[$0] - zMean) })
  let weight = covariance / (variance + l2)
  return mean(
    judgeOn.map { row in
      let error = ys[row] - yMean - weight * (zs[row] - zMean)
      return error * error
    })
}
