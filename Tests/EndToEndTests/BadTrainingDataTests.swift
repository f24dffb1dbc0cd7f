import Basics
import Foundation
import Testing

/// Data that a fit cannot take as it stands: the right answer, or a message with the column and what to do.
@Suite struct BadTrainingDataTests {
  private func train(
    _ csv: String, _ train: String, split: String = "test: 25%", target: String = "y", ingest: String = ""
  ) throws -> (sandbox: Sandbox, ending: Tool.Ending) {
    let sandbox = try Sandbox(examples: false)
    try sandbox.write(csv, to: "data.csv")
    try sandbox.write(
      """
      workflow: odd
      steps:
        data: { ingest: { source: data.csv, target: \(target)\(ingest) } }
        parts: { split: { \(split) } }
        model: { train: { \(train) } }
        scores: { evaluate: {} }
        release: { deploy: { model: odd } }
      """, to: "workflows/odd.yaml")
    return (sandbox, try sandbox.run("train", "workflows/odd.yaml"))
  }

  private func table(_ header: String, _ rows: Int, _ line: (Int) -> String) -> String {
    (0..<rows).reduce(into: header + "\n") { $0 += line($1) }
  }

  /// Numbers that look like chance and are the same everywhere.
  private func number(_ row: Int, _ column: Int) -> Double {
    let square: Int = row * row * (column + 3)
    let mixed: Int = row * 7919 + column * 104_729 + square
    return Double(mixed % 997) / 997
  }

  @Test func moreColumnsThanRowsTrain() throws {
    var lines = [(0..<60).map { "x\($0)" }.joined(separator: ",") + ",y"]
    for row in 0..<30 {
      let cells = (0..<62).filter { $0 != 60 }.map { String(number(row, $0)) }
      lines.append(cells.joined(separator: ","))
    }
    let csv = lines.joined(separator: "\n") + "\n"
    for penalty in ["none", "{ l2: 0.1 }", "{ l1: 0.05 }"] {
      let ending = try train(csv, "objective: linear, penalty: \(penalty)").ending
      #expect(ending.code == 0, "\(ending.diagnostics)")
      #expect(penalty != "none" || ending.diagnostics.contains("the solution of least norm is taken"))
    }
  }

  @Test func aColumnThatDependsOnOthersIsNamed() throws {
    let csv =
      table("a,b,c,y", 80) { row in
        let (a, b) = (number(row, 1), number(row, 2))
        return "\(a),\(b),\(a + b),\(a - b + number(row, 3) / 10)\n"
      }
    let ending = try train(csv, "objective: linear, penalty: none").ending
    #expect(ending.code == 0)
    #expect(ending.diagnostics.contains("'c'"), "\(ending.diagnostics)")
  }

  /// y = 3a − 2b on columns of 1e-12 and 1e12: the answer is exact whether or not they are standardised.
  @Test(arguments: ["standard", "none"])
  func hugeAndTinyScalesSideBySideAreSolved(_ scale: String) throws {
    let csv =
      table("a,b,y", 80) { row in
        let (a, b) = (number(row, 1), number(row, 2))
        return "\(a * 1e-12),\(b * 1e12),\(3 * a - 2 * b)\n"
      }
    let (sandbox, ending) = try train(
      csv, "objective: linear, penalty: none, features: { numeric: { scale: \(scale) } }")
    #expect(ending.code == 0, "\(ending.diagnostics)")
    let table = try sandbox.run("models", "show", "odd", "--coefficients", "--format", "json").json()
    let values = try #require(table.arrayValue).compactMap { $0["original"]?.doubleValue }
    for (ours, truth) in zip(values.dropFirst(), [3e12, -2e-12]) {
      #expect(abs(ours / truth - 1) < 1e-9, "\(ours)")
    }
  }

  @Test func aConstantTargetIsSaid() throws {
    let csv = table("x,y", 60) { "\(number($0, 1)),5\n" }
    for objective in ["linear", "poisson"] {
      let ending = try train(csv, "objective: \(objective), penalty: { l2: 0.1 }").ending
      #expect(ending.code == 0)
      #expect(ending.diagnostics.contains("the target 'y' is the same in all training rows"), "\(ending.diagnostics)")
    }
  }

  @Test func countsThatAreNoneAreTold() throws {
    for (cell, words) in [("-1", "target 'y' is negative in row 8"), ("0", nil)] as [(String, String?)] {
      let csv = table("x,y", 60) { "\(number($0, 1)),\($0 == 7 ? cell : words == nil ? "0" : "2")\n" }
      let ending = try train(csv, "objective: poisson", split: "test: 1").ending
      #expect(ending.code == 65)
      #expect(ending.diagnostics.contains(words ?? "target 'y' is 0 in every training row"), "\(ending.diagnostics)")
      #expect(ending.diagnostics.contains("workflows/odd.yaml:5:"))
    }
  }

  @Test func badWeightsAreToldByColumnAndRow() throws {
    for (cell, words) in [("-1", "the weight 'w' is negative in row 8"), ("", "the weight 'w' is missing in row 8")] {
      let csv = table("x,w,y", 60) { "\(number($0, 1)),\($0 == 7 ? cell : "1.5"),\(number($0, 2))\n" }
      let ending = try train(csv, "objective: linear, weight: w", split: "test: 1").ending
      #expect(ending.code == 65)
      #expect(ending.diagnostics.contains(words), "\(ending.diagnostics)")
    }
    let zeros = table("x,w,y", 60) { "\(number($0, 1)),0,\(number($0, 2))\n" }
    #expect(try train(zeros, "objective: linear, weight: w").ending.diagnostics.contains("every weight of 'w' is 0"))
    // A class whose rows all weigh nothing is not there.
    let none = table("x,w,y", 60) { "\(number($0, 1)),\($0 % 2),\($0 % 2 == 0 ? "a" : "b")\n" }
    let ending = try train(none, "objective: logistic, weight: w").ending
    #expect(ending.code == 65 && ending.diagnostics.contains("of 'y' but one has the weight 0 in 'w'"))
  }

  @Test func levelsAndClassesThatOnlyTheTestPartHasAreSaid() throws {
    let levels = table("l,t,y", 80) { "\($0 >= 60 ? "new" : "l\($0 % 3)"),\($0),\(number($0, 1))\n" }
    let first = try train(
      levels, "objective: linear, features: { only: [l] }", split: "test: 25%, time: t",
      ingest: ", columns: { l: category }"
    ).ending
    #expect(first.code == 0)
    #expect(
      first.diagnostics.contains("column 'l' has a level that the training rows do not have in 20 of 20 rows"),
      "\(first.diagnostics)")
    let classes = table("x,t,y", 80) { "\(number($0, 1)),\($0),\($0 >= 60 ? "new" : "c\($0 % 2)")\n" }
    let second = try train(
      classes, "objective: multinomial, features: { only: [x] }", split: "test: 25%, time: t"
    ).ending
    #expect(second.code == 0)
    #expect(
      second.diagnostics.contains("20 of 20 rows of the part 'test' are of a class that the training rows do not have"),
      "\(second.diagnostics)")
  }

  @Test func aClassThatAFoldCannotLearnIsNamed() throws {
    let csv = table("x,g,y", 80) { "\(number($0, 1)),\($0 % 3),\($0 % 3 == 1 ? "b" : "a")\n" }
    let ending = try train(csv, "objective: logistic, tune: { by: { group: g }, folds: 3 }").ending
    #expect(ending.code == 65)
    #expect(ending.diagnostics.contains("no row of the class 'b' of 'y' to learn from"), "\(ending.diagnostics)")
  }

  /// Counts with an exposure, through the whole product.
  @Test func anExposureIsNeededToPredict() throws {
    let csv =
      table("x,time,events", 120) { row in
        let time = 1 + row % 4
        return "\(number(row, 1)),\(time),\(Int(Double(time) * (0.5 + 2 * number(row, 1)) + number(row, 2)))\n"
      }
    let sandbox = try Sandbox(examples: false)
    try sandbox.write(csv, to: "data.csv")
    try sandbox.write(
      """
      workflow: counts
      steps:
        data: { ingest: { source: data.csv, target: events } }
        parts: { split: 25% }
        model: { train: { objective: poisson, exposure: time, penalty: tune } }
        scores: { evaluate: {} }
        bar: { gate: { require: [d2 >= 0.2, poisson_deviance <= 2, gradient_norm <= 1e-6, converged == true] } }
        release: { deploy: { model: counts } }
      """, to: "workflows/counts.yaml")
    let trained = try sandbox.run("train", "workflows/counts.yaml")
    #expect(trained.code == 0, "\(trained.diagnostics)")
    let once = try sandbox.run("predict", "counts", input: "x,time\n0.5,1\n0.5,3\n")
    let rates = once.output.split(separator: "\n").dropFirst().compactMap { Double($0) }
    try #require(rates.count == 2, "\(once.diagnostics)")
    #expect(abs(rates[1] / rates[0] - 3) < 1e-12)
    let lacking = try sandbox.run("predict", "counts", input: "x\n0.5\n")
    #expect(lacking.code == 65 && lacking.diagnostics.contains("'time'"), "\(lacking.diagnostics)")
    let zero = try sandbox.run("predict", "counts", input: "x,time\n0.5,1\n0.5,0\n")
    #expect(zero.code == 65)
    #expect(zero.diagnostics.contains("the exposure 'time' is not above 0 in row 2"), "\(zero.diagnostics)")
    #expect(try sandbox.run("models", "show", "counts").output.contains("exposure time"))
  }

  @Test func theTuningTableIsShown() throws {
    let csv =
      table("x,z,y", 90) { row in
        "\(number(row, 1)),\(number(row, 2)),\(number(row, 1) + number(row, 3) > 1 ? "b" : "a")\n"
      }
    let (sandbox, ending) = try train(
      csv,
      "objective: logistic, penalty: { l1: [0.01, 0.1] }, calibrate: sigmoid, threshold: { costs: { false_positive: 1, false_negative: 4 } }, "
        + "tune: { folds: 3, metric: auc, grid: { class_weight: [none, balanced] } }")
    #expect(ending.code == 0, "\(ending.diagnostics)")
    let shown = try sandbox.run("runs", "show").output
    for words in ["class_weight", "fold 3", "← chosen", "auc", "mean cost", "balanced"] {
      #expect(shown.contains(words), "no \(words) in\n\(shown)")
    }
    let json = try sandbox.run("runs", "show", "--format", "json").json()
    let report = json.step("model")?["report"]
    #expect(report?["tuning"]?["candidates"]?.arrayValue?.count == 4)
    #expect(report?["threshold"]?["closed_form"]?.doubleValue == 0.2)
    #expect(json.step("model")?["outputs"]?.arrayValue?.contains { $0["name"]?.stringValue == "tuning" } == true)
  }
}
