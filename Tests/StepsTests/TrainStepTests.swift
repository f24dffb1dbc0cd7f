import Basics
import Diagnostics
import Execution
import ObjectStore
import Statistics
import Testing

/// What a workflow over `data.csv` says before its `train` step.
private func head(_ target: String, _ ingest: String = "") -> String {
  """
  workflow: test
  seed: 3
  steps:
    data: { ingest: { source: data.csv, target: \(target)\(ingest) } }

  """
}

/// 120 rows of made-up events: `x`, a site, a day, time at risk, events, whether there were some, a weight.
private let events: String = {
  var random = SeededGenerator(seed: 21)
  var lines = ["x,site,day,time,logtime,events,some,w"]
  for row in 0..<120 {
    let x = Double(random.nextIndex(below: 200)) / 50 - 2
    let time = Double(1 + random.nextIndex(below: 8)) / 2
    let rate = time * Elementary.exp(0.4 * x) * 2
    var events = 0
    // Knuth's way to a Poisson number.
    var product = random.nextUnit()
    while product > Elementary.exp(-rate), events < 60 {
      events += 1
      product *= random.nextUnit()
    }
    lines.append(
      "\(x),s\(random.nextIndex(below: 9)),\(row),\(time),\(Elementary.log(time)),\(events),\(events > 2 ? "yes" : "no"),"
        + "\(random.nextIndex(below: 4))")
  }
  return lines.joined(separator: "\n") + "\n"
}()

@Suite struct TrainStepTests {
  private func train(
    _ settings: String, target: String, csv: String = events, ingest: String = "", before: String = ""
  ) async throws -> (bench: StepBench, report: RunReport) {
    let bench = try StepBench()
    try bench.write("data.csv", csv)
    let report = try await bench.run(head(target, ingest) + before + "  model: { train: { \(settings) } }")
    return (bench, report)
  }

  private func coefficients(_ report: RunReport) throws -> [Double] {
    let model = try #require(report.step("model"), "\(report.steps.flatMap(\.problems).map(\.message))")
    try #require(report.failure == nil, "\(model.problems.map(\.message))")
    return try #require(model.report["coefficients"]?.arrayValue).compactMap { $0["original"]?.doubleValue }
  }

  private func expectClose(_ ours: [Double], _ theirs: [Double], _ tolerance: Double = 1e-7) {
    #expect(ours.count == theirs.count && !ours.isEmpty)
    for (one, other) in zip(ours, theirs) { #expect(abs(one - other) <= tolerance * max(1, abs(other))) }
  }

  /// Encoder, penalty and loss: a row of weight 3 is three rows, and one of weight 0 is none.
  @Test(arguments: ["linear", "poisson", "logistic"])
  func weightsAreRowsThatStandThereSeveralTimes(_ objective: String) async throws {
    let target = objective == "logistic" ? "some" : "events"
    // A gap, so that the median counts.
    let lines = events.split(separator: "\n").enumerated().map { index, line in
      index % 11 == 5 ? "," + line.split(separator: ",", maxSplits: 1)[1] : String(line)
    }
    let repeated = lines.flatMap { line in
      line.hasPrefix("x,") ? [line] : [String](repeating: line, count: Int(line.suffix(1)) ?? 0)
    }
    let settings = "objective: \(objective), penalty: { l2: 0.05 }, tolerance: 1e-12, features: { only: [x, site] }"
    let weighted = try await train(
      settings + ", weight: w", target: target, csv: lines.joined(separator: "\n") + "\n"
    ).report
    let plain = try await train(settings, target: target, csv: repeated.joined(separator: "\n") + "\n").report
    expectClose(try coefficients(weighted), try coefficients(plain))
    let facts = try #require(weighted.step("model")?.report["facts"])
    #expect(facts["weight_sum"]?.doubleValue == Double(repeated.count - 1))
    #expect((weighted.step("model")?.report["weightless_rows"]?.intValue ?? 0) > 0)
  }

  @Test func anExposureIsTheOffsetOfItsLogarithm() async throws {
    let settings = "objective: poisson, penalty: none, features: { only: [x] }"
    let exposed = try coefficients(try await train(settings + ", exposure: time", target: "events").report)
    let shifted = try coefficients(try await train(settings + ", offset: logtime", target: "events").report)
    expectClose(exposed, shifted, 1e-9)
    // What the numbers were made with.
    #expect(abs(exposed[0] - Elementary.log(2)) < 0.2 && abs(exposed[1] - 0.4) < 0.1)
    let plain = try coefficients(try await train(settings, target: "events").report)
    #expect(abs(plain[0] - exposed[0]) > 0.3)
  }

  /// Balanced weights are n / (k · n_c), which the reference gives by hand as weights of classes and of rows.
  @Test func balancedClassesAreWeightedByTheirShares() async throws {
    let yes = events.split(separator: "\n").dropFirst().count { $0.contains(",yes,") }
    let (positive, negative) = (60 / Double(yes), 60 / Double(120 - yes))
    let settings = "objective: logistic, penalty: { l2: 0.1 }, tolerance: 1e-12, features: { only: [x] }"
    let balanced = try coefficients(try await train(settings + ", class_weight: balanced", target: "some").report)
    let given = try coefficients(
      try await train(settings + ", class_weight: { yes: \(positive), no: \(negative) }", target: "some").report)
    expectClose(balanced, given, 1e-10)
    let plain = try coefficients(try await train(settings, target: "some").report)
    #expect(abs(plain[0] - balanced[0]) > 1e-3)
  }

  @Test(
    arguments: [
      ("objective: linear, weight: v", "the weight 'v' is not a column of the data"),
      ("objective: linear, weight: site", "the weight 'site' holds category, expected numbers"),
      ("objective: linear, weight: x", "the weight 'x' is negative in row 2, expected 0 or more"),
      ("objective: poisson, exposure: x", "the exposure 'x' is not above 0 in row 2, and its logarithm is taken"),
      (
        "objective: linear, tune: { by: { group: some } }",
        "column 'some' has 2 groups in the training rows, which are too few for 5 folds"
      ),
      (
        "objective: linear, tune: { by: { time: site } }",
        "column 'site' holds category, expected dates, timestamps or numbers"
      ),
      (
        "objective: linear, tune: { by: { time: some } }",
        "column 'some' holds category, expected dates, timestamps or numbers"
      ),
      (
        "objective: linear, tune: { by: { time: w }, folds: 7 }",
        "column 'w' has too few different times, or too many rows at one, for 7 folds"
      ),
    ] as [(String, String)])
  func whatAColumnCannotBeIsTold(_ settings: String, _ message: String) async throws {
    let csv = events.split(separator: "\n").enumerated().map { index, line in
      index == 2 ? "-1" + line.drop { $0 != "," } : index == 1 ? "1" + line.drop { $0 != "," } : String(line)
    }.joined(separator: "\n")
    let report = try await train(settings, target: "events", csv: csv + "\n").report
    let problem = try #require(report.step("model")?.problems.first)
    #expect(problem.message == message)
    #expect(report.failure == .badInput)
    #expect(problem.place?.line != nil)
    #expect(!problem.help.isEmpty || message.contains("holds"))
  }

  @Test func unknownClassesAreTold() async throws {
    for (settings, message) in [
      ("class_weight: { yse: 2 }", "the target 'some' has no class 'yse' in the training rows"),
      ("tune: { metric: recall(yse) }", "the target 'some' has no class 'yse'"),
    ] {
      let report = try await train("objective: logistic, \(settings)", target: "some").report
      #expect(report.step("model")?.problems.first?.message == message)
      #expect(report.step("model")?.problems.first?.help == ["did you mean 'yes'?"])
    }
  }

  @Test func groupsAreNeverCutAndFoldsAreBalanced() async throws {
    let report = try await train(
      "objective: linear, features: { only: [x] }, penalty: { l2: [0.1, 1] }, tune: { folds: 3, by: { group: site } }",
      target: "events"
    ).report
    let tuning = try #require(report.step("model")?.report["tuning"])
    let sizes = try #require(tuning["folds"]?["held_out"]?.arrayValue).compactMap(\.intValue)
    #expect(sizes.reduce(0, +) == 120)
    let perSite = Dictionary(grouping: events.split(separator: "\n").dropFirst()) { $0.split(separator: ",")[1] }
    // Sizes must be sums of whole groups.
    var sums: Set<Int> = [0]
    for count in perSite.values.map(\.count) { sums.formUnion(sums.map { $0 + count }) }
    #expect(sizes.allSatisfy(sums.contains))
    #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) < 30)
    #expect(tuning["folds"]?["by"]?["group"] == "site")
  }

  /// Rows come in order of `day`: fold k learns from the first (k + 1)/6 of them, and is judged on the next sixth.
  @Test func foldsByTimeJudgeOnWhatComesAfter() async throws {
    let report = try await train(
      "objective: linear, features: { only: [x], numeric: { scale: none } }, penalty: { l2: [0.5] }, "
        + "tune: { folds: 5, by: { time: day } }", target: "events"
    ).report
    let candidate = try #require(report.step("model")?.report["tuning"]?["candidates"]?.arrayValue?.first)
    let scores = try #require(candidate["scores"]?.arrayValue).compactMap(\.doubleValue)
    let rows = events.split(separator: "\n").dropFirst().map { line in
      let cells = line.split(separator: ",")
      return (x: Double(cells[0]) ?? .nan, y: Double(cells[5]) ?? .nan)
    }
    for fold in 0..<5 {
      let (inside, outside) = (rows[..<(20 * (fold + 1))], rows[(20 * (fold + 1))..<(20 * (fold + 2))])
      let count = Double(inside.count)
      let (xMean, yMean) = (inside.map(\.x).reduce(0, +) / count, inside.map(\.y).reduce(0, +) / count)
      let covariance = inside.map { ($0.x - xMean) * ($0.y - yMean) }.reduce(0, +) / count
      let variance = inside.map { ($0.x - xMean) * ($0.x - xMean) }.reduce(0, +) / count
      let slope = covariance / (variance + 0.5)
      let error =
        outside.map { row in
          let rest = row.y - yMean - slope * (row.x - xMean)
          return rest * rest
        }.reduce(0, +) / Double(outside.count)
      #expect(abs(scores[fold] - error) <= 1e-9 * error, "fold \(fold)")
    }
  }

  @Test func aGridTriesEveryCombinationAndTheBestIsTaken() async throws {
    let (bench, report) = try await train(
      "objective: logistic, positive: yes, features: { drop: [events, logtime] }, penalty: { l1: [0.01, 0.1], l2: 0.1 }, "
        + "tune: { folds: 4, metric: auc, grid: { features.numeric.scale: [standard, minmax], class_weight: [none, balanced] } }",
      target: "some")
    let step = try #require(report.step("model"))
    try #require(report.failure == nil, "\(step.problems.map(\.message))")
    let tuning = try #require(step.report["tuning"])
    let candidates = try #require(tuning["candidates"]?.arrayValue)
    #expect(candidates.count == 8)
    #expect(Set(candidates.compactMap { $0["settings"]?.canonical }).count == 4)
    #expect(candidates.allSatisfy { $0["scores"]?.arrayValue?.count == 4 && $0["converged"]?.arrayValue?.count == 4 })
    let means = candidates.map { $0["mean"]?.doubleValue ?? .nan }
    #expect(tuning["chosen"]?.intValue == means.firstIndex(of: means.max() ?? .nan))
    #expect(tuning["better"] == "higher")
    let facts = try #require(step.report["facts"])
    let chosen = candidates[tuning["chosen"]?.intValue ?? 0]
    #expect(facts["l1"]?.doubleValue == chosen["l1"]?.doubleValue && facts["l2"]?.doubleValue == 0.1)
    // The same table is an artifact.
    let artifact = try #require(step.outputs.first { $0.name == "tuning" })
    #expect(try JSON(parsing: try bench.store.read(artifact.digest)).canonical == tuning.canonical)
  }

  /// The table with one row far away is judged as if each fold had its own encoder: the medians, levels and deviations of the
  /// rows held out are not known inside. A copy of the data in which the held-out rows of fold 0 are changed beyond all
  /// bounds must leave the scores of a model that has only seen the others' encoders as they are, up to those rows.
  @Test func encodersOfClassesLevelsAndMediansSeeNothingOfTheRowsHeldOut() async throws {
    // Rows are judged by time, so that it is known which are held out: the last block is held out by the last fold alone
    // and never learned from.
    func csv(_ change: Bool) -> String {
      var lines = ["t,x,level,y"]
      for row in 0..<90 {
        let isLast = row >= 75
        let x = row % 7 == 3 ? "" : change && isLast ? String(1_000_000 + row) : String(row * 37 % 23)
        let level = change && isLast ? "new\(row)" : "l\(row * 5 % 4)"
        lines.append("\(row),\(x),\(level),\((row * 37 % 23 + row * 11 % 13) > 16 ? "yes" : "no")")
      }
      return lines.joined(separator: "\n") + "\n"
    }
    var scores: [[[Double]]] = []
    for change in [false, true] {
      let report = try await train(
        "objective: logistic, features: { only: [x, level], indicators: true, categorical: { rare: 5% } }, "
          + "penalty: { l2: [0.1, 0.01] }, tune: { folds: 5, by: { time: t } }",
        target: "y", csv: csv(change), ingest: ", columns: { level: category }"
      ).report
      let candidates = try #require(report.step("model")?.report["tuning"]?["candidates"]?.arrayValue)
      scores.append(candidates.map { ($0["scores"]?.arrayValue ?? []).compactMap(\.doubleValue) })
    }
    for (before, after) in zip(scores[0], scores[1]) {
      #expect(before.dropLast() == after.dropLast())
      #expect(before.last != after.last)
    }
  }

  @Test func theLargestPenaltyWithinOneErrorIsTaken() async throws {
    let settings =
      "objective: linear, features: { drop: [some, time, logtime] }, penalty: { l1: tune }, tune: { one_standard_error: "
    let plain = try #require(
      try await train(settings + "false }", target: "events").report.step("model")?.report["tuning"])
    let ruled = try #require(
      try await train(settings + "true }", target: "events").report.step("model")?.report["tuning"])
    #expect(plain["candidates"] == ruled["candidates"])
    let candidates = try #require(plain["candidates"]?.arrayValue)
    #expect(candidates.count == 30)
    let best = candidates[plain["chosen"]?.intValue ?? 0]
    let limit = (best["mean"]?.doubleValue ?? .nan) + (best["standard_error"]?.doubleValue ?? .nan)
    #expect(
      ruled["chosen"]?.intValue == candidates.firstIndex { ($0["mean"]?.doubleValue ?? .nan) <= limit })
    #expect((ruled["chosen"]?.intValue ?? 0) <= (plain["chosen"]?.intValue ?? 0))
    // The largest of the grid leaves no coefficient, a thousandth of it is the last.
    let ends = [candidates[0], candidates[29]].compactMap { $0["l1"]?.doubleValue }
    #expect(abs(ends[1] / ends[0] - 1e-3) < 1e-12)
  }

  @Test func bothPenaltiesAreTunedOverTheirRatios() async throws {
    let report = try await train(
      "objective: linear, features: { only: [x, time] }, penalty: { l1: tune, l2: tune }, tune: { ratios: [0.5, 1] }",
      target: "events"
    ).report
    let candidates = try #require(report.step("model")?.report["tuning"]?["candidates"]?.arrayValue)
    #expect(candidates.count == 60)
    for (index, entry) in candidates.enumerated() {
      let (l1, l2) = (entry["l1"]?.doubleValue ?? .nan, entry["l2"]?.doubleValue ?? .nan)
      #expect(index < 30 ? l2 == 0 : abs(l1 - l2) <= 1e-15 * l1)
    }
  }

  @Test func anUnimputedGapIsToldByColumnAndRow() async throws {
    let csv = "x,y\n" + (0..<40).map { "\($0 == 17 ? "" : String($0 * 7 % 13)),\($0 % 5)\n" }.joined()
    let report = try await train(
      "objective: linear, features: { numeric: { impute: none } }", target: "y", csv: csv
    ).report
    #expect(
      report.step("model")?.problems.first?.message
        == "column 'x' has a missing value in row 18, and nothing is imputed")
  }
}
