import Basics
import Foundation
import Testing

/// What a fit says of columns that depend on each other, of separation, of sizes that arithmetic cannot take and of settings
/// that do not suit the data: with the name, the place in the workflow and what to do.
@Suite struct FitWarningTests {
  private func train(
    _ csv: String, _ train: String, target: String = "y", ingest: String = "", split: String? = nil
  ) throws -> (sandbox: Sandbox, ending: Tool.Ending) {
    let sandbox = try Sandbox(examples: false)
    try sandbox.write(csv, to: "data.csv")
    let parts = split.map { "  parts: { split: { \($0) } }\n" } ?? ""
    try sandbox.write(
      """
      workflow: odd
      steps:
        data: { ingest: { source: data.csv, target: \(target)\(ingest) } }
      \(parts)  model: { train: { \(train) } }
        scores: { evaluate: {} }
        release: { deploy: { model: odd } }
      """, to: "workflows/odd.yaml")
    return (sandbox, try sandbox.run("train", "workflows/odd.yaml"))
  }

  private func table(_ header: String, _ rows: Int, _ line: (Int) -> String) -> String {
    (0..<rows).reduce(into: header + "\n") { $0 += line($1) + "\n" }
  }

  /// Numbers that look like chance and are the same everywhere.
  private func number(_ row: Int, _ column: Int) -> Double {
    let square: Int = row * row * (column + 3)
    let mixed: Int = row * 7919 + column * 104_729 + square
    return Double(mixed % 997) / 997
  }

  private func expect(_ ending: Tool.Ending, _ words: String..., sourceLocation: SourceLocation = #_sourceLocation) {
    for word in words {
      #expect(ending.diagnostics.contains(word), "no \(word) in\n\(ending.diagnostics)", sourceLocation: sourceLocation)
    }
  }

  // MARK: Without an intercept

  /// NIST's NoInt1 and NoInt2, https://www.itl.nist.gov/div898/strd/lls/lls.shtml, whatever the scale.
  @Test(arguments: ["", ", features: { numeric: { scale: standard } }", ", features: { numeric: { scale: minmax } }"])
  func fitsThroughTheOriginAreTheCertifiedOnes(_ scale: String) throws {
    let first = table("x,y", 11) { "\($0 + 60),\($0 + 130)" }
    let sets = [
      (first, 2.07438016528926, 0.165289256198347e-01, 3.56753034006338),
      ("x,y\n4,3\n5,4\n6,4\n", 0.727272727272727, 0.420827318078432e-01, 0.369274472937998),
    ]
    for (csv, slope, error, deviation) in sets {
      let (sandbox, ending) = try train(csv, "objective: linear, intercept: false, penalty: none\(scale)")
      #expect(ending.code == 0, "\(ending.diagnostics)")
      let shown = try sandbox.run("models", "show", "odd", "--statistics", "--format", "json").json()
      let entries = try #require(shown["coefficients"]?.arrayValue)
      #expect(entries.first?["original"]?.doubleValue == 0)
      #expect(abs((entries.last?["original"]?.doubleValue ?? 0) / slope - 1) < 1e-13)
      #expect(abs((entries.last?["standard_error"]?.doubleValue ?? 0) / error - 1) < 1e-12)
      #expect(abs((shown["statistics"]?["scale"]?.doubleValue ?? 0).squareRoot() / deviation - 1) < 1e-12)
      let predicted = try sandbox.run("predict", "odd", input: "x\n0\n1\n").output.split(separator: "\n").dropFirst()
      #expect(predicted.first == "0")
    }
  }

  // MARK: Sizes

  @Test func targetsWhoseSquaresAreNoNumbersAreRefusedAtTheStepThatLearnsThem() throws {
    for (size, penalty, words) in [
      ("1e160", "none", "its square is too large for a number"), ("1e160", "{ l2: 0.1 }", "its square is too large"),
      ("1e-170", "none", "squares of that vanish"), ("1e-170", "tune", "squares of that vanish"),
    ] {
      let csv = table("a,b,y", 60) { row in
        "\(number(row, 1)),\(number(row, 2)),\((1 + number(row, 3)) * (Double(size) ?? 0))"
      }
      let (sandbox, ending) = try train(csv, "objective: linear, penalty: \(penalty)")
      #expect(ending.code == 65)
      expect(ending, "the target 'y'", words, "workflows/odd.yaml:4:12", "give it in another unit")
      #expect(try sandbox.run("runs", "show", "--format", "json").json().step("model")?["status"] == "failed")
    }
    let counts = table("a,y", 60) { "\(number($0, 1)),\($0 == 6 ? "1e150" : "2")" }
    expect(
      try train(counts, "objective: poisson, penalty: none").ending, "the target 'y' is 1.0e150 in row 7",
      "workflows/odd.yaml:4:12")
  }

  @Test func columnsWhoseSquaresAreNoNumbersAreScaledOrRefused() throws {
    for (size, words) in [
      ("1e-170", "too close together to be used unscaled"), ("1e160", "too large to be used unscaled"),
    ] {
      let scale = try #require(Double(size))
      let csv = table("a,b,y", 60) { row in
        "\(number(row, 1) * scale),\(number(row, 2)),\(number(row, 1) - number(row, 2) + number(row, 3) / 9)"
      }
      let (sandbox, scaled) = try train(csv, "objective: linear, penalty: none")
      #expect(scaled.code == 0, "\(scaled.diagnostics)")
      let shown = try sandbox.run("models", "show", "odd", "--statistics", "--format", "json").json()
      let a = try #require(shown["coefficients"]?.arrayValue?[1])
      let (estimate, error) = (a["original"]?.doubleValue ?? 0, a["standard_error"]?.doubleValue ?? 0)
      #expect(abs(estimate * scale - 1) < 0.2 && error * scale > 0.001 && error * scale < 0.1, "\(estimate) \(error)")
      let plain = try train(csv, "objective: linear, penalty: none, features: { numeric: { scale: none } }").ending
      #expect(plain.code == 65)
      expect(
        plain, "the values of column 'a' are \(words)", "workflows/odd.yaml:4:", "scale: none", "scale to standard")
    }
  }

  // MARK: Collinearity

  private var copies: String {
    table("a,b,dup,y,k,n", 80) { row in
      let (a, b) = (number(row, 1), number(row, 2))
      let score = a - b + number(row, 3) - 0.5
      return "\(a),\(b),\(a),\(score),\(score > 0 ? "p" : "q"),\(Int(3 * (1 + score)))"
    }
  }

  @Test(arguments: [("linear", "y"), ("logistic", "k"), ("multinomial", "k"), ("poisson", "n")])
  func aCopyIsNamedWithItsOriginalForEveryObjective(_ objective: String, _ target: String) throws {
    let features = "features: { only: [a, b, dup] }"
    let plain = try train(copies, "objective: \(objective), penalty: none, \(features)", target: target).ending
    #expect(plain.code == 0, "\(plain.diagnostics)")
    expect(
      plain, "column 'dup' depends on 'a': their coefficients cannot be told apart",
      "leave 'dup' out under features.drop, or add a penalty (l2: tune)")
    #expect(plain.diagnostics.components(separatedBy: "least norm").count == 2, "told once\n\(plain.diagnostics)")
    for penalty in ["{ l2: 0.1 }", "{ l1: 0.01 }"] {
      let (sandbox, ending) = try train(
        copies, "objective: \(objective), penalty: \(penalty), \(features)", target: target)
      expect(
        ending, "column 'dup' depends on 'a': only the penalty decides how they share their weight",
        "leave 'dup' out under features.drop")
      #expect(!ending.diagnostics.contains("add a penalty"))
      let shown = try sandbox.run("models", "show", "odd", "--statistics", "--format", "json").json()
      #expect(shown["statistics"]?["dependent_columns"]?.canonical == #"[{"column":"dup","others":["a"]}]"#)
    }
  }

  /// A penalty keeps all levels, which sum to one: that is nobody's fault, but a category that says the same as another is.
  @Test(arguments: ["true", "false"]) func levelsOfACategoryAreNotDependentColumns(_ intercept: String) throws {
    let csv = table("a,c,d,same,y", 90) { row in
      let level = ["u", "v", "w"][row % 3]
      return "\(number(row, 1)),\(level),\(["p", "q"][row * row % 5 % 2]),\(level)\(level),\(number(row, 2))"
    }
    let settings = "objective: linear, intercept: \(intercept), penalty: { l2: 0.1 }, features: "
    let (sandbox, ending) = try train(csv, settings + "{ only: [a, c, d] }")
    #expect(ending.code == 0 && !ending.diagnostics.contains("warning"), "\(ending.diagnostics)")
    let shown = try sandbox.run("models", "show", "odd", "--statistics", "--format", "json").json()
    #expect(shown["statistics"]?["dependent_columns"] == [])
    expect(
      try train(csv, settings + "{ only: [a, c, same] }").ending, "column 'same=uu' depends on 'c=u'",
      "leave 'same' out under features.drop")
  }

  @Test func nearCopiesUnderAPenaltyAreANote() throws {
    let csv = table("a,b,near,y", 80) { row in
      let a = number(row, 1)
      return "\(a),\(number(row, 2)),\(a + 0.001 * number(row, 4)),\(a + number(row, 3))"
    }
    let (sandbox, ending) = try train(csv, "objective: linear, penalty: { l2: 0.1 }")
    expect(ending, "note: columns 'a' (", "the penalty decides how they share their weight")
    let statistics = try sandbox.run("models", "show", "odd", "--statistics", "--format", "json").json()["statistics"]
    #expect((statistics?["condition_number"]?.doubleValue ?? 0) > 100)
  }

  @Test func moreColumnsThanRowsAreToldWhatToDo() throws {
    let csv = table((0..<40).map { "x\($0)" }.joined(separator: ",") + ",y", 20) { row in
      (0...40).map { String(number(row, $0)) }.joined(separator: ",")
    }
    expect(
      try train(csv, "objective: linear, penalty: none").ending, "the solution of least norm is taken",
      "help: add a penalty (l2: tune), or leave columns out under features.drop")
  }

  // MARK: Separation and convergence

  @Test func separationIsToldOnceWithWhatHelps() throws {
    let csv = table("flag,noise,y", 60) { "\($0 % 3 == 0),\(number($0, 1)),\($0 % 3 == 0 || $0 % 2 == 0 ? "p" : "q")" }
    let ending = try train(csv, "objective: logistic, penalty: none").ending
    #expect(ending.code == 0)
    expect(
      ending, "column 'flag' separates the classes in part: every row where it is true is of class 'p'",
      "help: add a penalty (l2: tune), or leave what separates out under features.drop")
    #expect(!ending.diagnostics.contains("max_iterations") && !ending.diagnostics.contains("not-converged"))
    #expect(ending.diagnostics.components(separatedBy: "warning:").count == 2, "\(ending.diagnostics)")
  }

  @Test func aSolverThatRanOutOfIterationsIsToldOnce() throws {
    let ending = try train(
      copies, "objective: logistic, max_iterations: 1, penalty: { l2: 0.1 }, features: { only: [a, b] }", target: "k"
    ).ending
    expect(ending, "not converged after 1 iterations", "help: raise 'max_iterations', or raise 'tolerance'")
    #expect(ending.diagnostics.components(separatedBy: "warning:").count == 2, "\(ending.diagnostics)")
  }

  @Test func weightsOfClassesWithoutAPenaltyAreCautioned() throws {
    let settings = "objective: logistic, penalty: none, class_weight: balanced, features: { only: [a, b] }"
    expect(
      try train(copies, settings, target: "k").ending,
      "standard errors, p-values, AIC and BIC are those of a likelihood",
      "inference: { robust: hc1 }")
    let robust = try train(copies, settings + ", inference: { robust: hc1 }", target: "k").ending
    expect(robust, "warning: AIC and BIC are those of a likelihood")
    let penalised = try train(copies, settings.replacing("none", with: "{ l2: 1 }"), target: "k").ending
    #expect(!penalised.diagnostics.contains("likelihood"))
  }

  // MARK: Reasons and places

  @Test func aNumberColumnWithAnOddCellThatIsAskedForIsAnError() throws {
    let csv = table("a,b,y", 80) { "\($0 == 7 ? "inf" : String(number($0, 1))),\(number($0, 2)),\(number($0, 3))" }
    let ending = try train(csv, "objective: linear, features: { only: [b, a] }").ending
    #expect(ending.code == 65)
    expect(
      ending, "column 'a' is named under features.only, but holds text", "'inf' in row 8 is no finite number",
      "mend that cell, or list it under ingest.missing", "workflows/odd.yaml:4:62")
    let unnamed = try train(csv, "objective: linear, penalty: { l2: 1 }").ending
    #expect(unnamed.code == 0)
    expect(unnamed, "column 'a' left out: text is not encoded")
  }

  @Test func aColumnOfNothingIsSaidToBeMissing() throws {
    let ending = try train(
      table("a,none,y", 40) { "\(number($0, 1)),,\(number($0, 2))" }, "objective: linear, penalty: { l2: 1 }"
    ).ending
    expect(ending, "column 'none' left out: all missing in the training rows")
    #expect(!ending.diagnostics.contains("text"))
  }

  @Test func weightsAreNamedWhereTheyAreTheReason() throws {
    let csv = table("x,w,v,y", 60) { "\(number($0, 1)),\($0 % 2),\($0 == 7 ? "1.5" : "2"),\($0 % 2 == 0 ? "a" : "b")" }
    let none = try train(csv, "objective: logistic, weight: w").ending
    #expect(none.code == 65)
    expect(none, "of 'y' but one has the weight 0 in 'w'", "mend the column of weights", "workflows/odd.yaml:4:")
    let broken = try train(csv, "objective: logistic, weight: v, inference: { weights: frequency }, penalty: none")
      .ending
    #expect(broken.code == 65)
    expect(broken, "the weight 'v' is 1.500 in row 8, and a frequency is a whole number of rows", "weights: precision")
    let precise = try train(csv, "objective: logistic, weight: v, penalty: none").ending
    #expect(precise.code == 0)
  }

  @Test func anOffsetTooLargeIsToldWithItsRow() throws {
    let csv = table("x,o,e,y", 60) {
      "\(number($0, 1)),\($0 == 7 ? "800" : "0.5"),\($0 == 7 ? "1e305" : "2"),\($0 % 4)"
    }
    let offset = try train(csv, "objective: poisson, offset: o, penalty: none, features: { only: [x] }").ending
    #expect(offset.code == 65)
    expect(offset, "the offset 'o' is 800 in row 8", "too large for a number", "workflows/odd.yaml:4:49", "'exposure'")
    let exposure = try train(csv, "objective: poisson, exposure: e, penalty: none, features: { only: [x] }").ending
    expect(exposure, "the exposure 'e' is too large in row 8", "workflows/odd.yaml:4:51")
  }

  @Test func complaintsPointAtTheirSetting() throws {
    let csv = table("x,e,n,y", 60) { "\(number($0, 1)),\($0 == 7 ? 0 : 1),\($0 % 4),\($0 % 2 == 0 ? "a" : "b")" }
    for (settings, target, words, help, column) in [
      ("objective: logistic, positive: P", "y", "target 'y' has no class 'P'", "help: did you mean", 52),
      ("objective: poisson, exposure: e", "n", "the exposure 'e' is not above 0 in row 8", "help: mend", 51),
      (
        "objective: logistic, penalty: none, solver: truncated-newton", "y",
        "the solver 'truncated-newton' is for sparse rows, and these are dense", "help: leave the choice to 'auto'", 65
      ),
      ("objective: logistic, features: { drop: [z] }", "y", "names the unknown column 'z'", "help: did you mean", 61),
    ] {
      let ending = try train(csv, settings, target: target).ending
      #expect(ending.code == 65)
      expect(ending, words, help, "workflows/odd.yaml:4:\(column):")
    }
  }

  // MARK: Levels never seen

  @Test func aLevelNeverSeenIsToldWithWhatItIsScoredAs() throws {
    let csv = table("a,lev,y", 60) { "\(number($0, 1)),\(["u", "v", "w"][$0 % 3]),\(number($0, 2) + Double($0 % 3))" }
    let (sandbox, ending) = try train(csv, "objective: linear, penalty: none")
    #expect(ending.code == 0, "\(ending.diagnostics)")
    let rows = "a,lev\n0.5,u\n0.5,NEW\n0.5,\n0.5,OTHER\n"
    let predicted = try sandbox.run("predict", "odd", input: rows)
    #expect(predicted.code == 0)
    let answers = predicted.output.split(separator: "\n").dropFirst()
    #expect(Set(answers).count == 1)
    expect(
      predicted, "column 'lev' has a level that the training rows do not have in 2 of 4 rows, such as 'NEW'",
      "it is scored as 'u' is, the level that the fit leaves out",
      "column 'lev' is missing in 1 of 4 rows, and in no training row")
    #expect(predicted.diagnostics.components(separatedBy: "warning:").count == 3)
    #expect(try sandbox.run("predict", "odd", input: "a,lev\n0.5,u\n").diagnostics.isEmpty)
    let explained = try sandbox.run("explain", "odd", "--row", "2", input: rows)
    expect(explained, "in 1 of 1 row, such as 'NEW'", "it is scored as 'u' is")
    #expect(try sandbox.run("explain", "odd", "--row", "1", input: rows).diagnostics.isEmpty)
    let (other, penalised) = try train(
      csv.replacing("u,", with: "u,"), "objective: linear, penalty: { l2: 0.1 }", split: "test: 25%")
    #expect(penalised.code == 0)
    expect(try other.run("predict", "odd", input: rows), "it is scored as no level at all")
  }

  // MARK: Answers that are not the score

  @Test func anExplanationTellsCalibrationAndThreshold() throws {
    let csv = table("x,z,y", 120) { row in
      "\(number(row, 1)),\(number(row, 2)),\(number(row, 1) + number(row, 3) > 1.2 ? "bad" : "good")"
    }
    let (sandbox, ending) = try train(
      csv,
      "objective: logistic, positive: bad, penalty: { l2: 0.1 }, calibrate: sigmoid, threshold: { costs: { false_positive: 1, false_negative: 4 } }"
    )
    #expect(ending.code == 0, "\(ending.diagnostics)")
    let text = try sandbox.run("explain", "odd", input: "x,z\n0.6,0.5\n").output
    #expect(text.contains("calibrated (sigmoid): uncalibrated it would be 0."), "\(text)")
    #expect(text.contains("decided for 'bad' where its probability is above 0."), "\(text)")
    let json = try sandbox.run("explain", "odd", "--format", "json", input: "x,z\n0.6,0.5\n").json()
    #expect(json["calibration"] == "sigmoid" && json["threshold"]?.doubleValue != nil)
    let output = try #require(json["outputs"]?.arrayValue?.first)
    let score = try #require(output["score"]?.doubleValue)
    #expect(abs((output["probability_uncalibrated"]?.doubleValue ?? 0) - 1 / (1 + pow(M_E, -score))) < 1e-12)
    #expect(try sandbox.run("runs", "show").output.contains("by the costs alone it would be 0.2000"))
  }

  @Test func checkWarnsOfSettingsWithoutEffect() throws {
    let (sandbox, ending) = try train(
      copies, "objective: linear, penalty: { l2: 1 }, inference: { robust: hc3 }, features: { only: [a, b] }")
    #expect(ending.code == 0)
    let words = "'inference.robust' does nothing: a fit with a penalty has no standard errors"
    expect(ending, words, "workflows/odd.yaml:4:")
    let checked = try sandbox.run("check", "workflows/odd.yaml")
    #expect(checked.code == 0 && checked.output.contains("can run, with 1 warning"))
    expect(checked, words)
  }
}
