import Basics
import Foundation
import Testing

/// Standard errors, tests and intervals from the CSV file to the screen.
@Suite struct StatisticsTests {
  /// NIST's Longley data, https://www.itl.nist.gov/div898/strd/lls/data/Longley.shtml.
  private let longley = """
    y,deflator,gnp,unemployed,armed,population,year
    60323,83,234289,2356,1590,107608,1947
    61122,88.5,259426,2325,1456,108632,1948
    60171,88.2,258054,3682,1616,109773,1949
    61187,89.5,284599,3351,1650,110929,1950
    63221,96.2,328975,2099,3099,112075,1951
    63639,98.1,346999,1932,3594,113270,1952
    64989,99,365385,1870,3547,115094,1953
    63761,100,363112,3578,3350,116219,1954
    66019,101.2,397469,2904,3048,117388,1955
    67857,104.6,419180,2822,2857,118734,1956
    68169,108.4,442769,2936,2798,120445,1957
    66513,110.8,444546,4681,2637,121950,1958
    68655,112.6,482704,3813,2552,123366,1959
    69564,114.2,502601,3931,2514,125368,1960
    69331,115.7,518173,4806,2572,127852,1961
    70551,116.9,554894,4007,2827,130081,1962

    """

  /// NIST's certified coefficients and standard deviations, the intercept first.
  private let certified = [
    ("(intercept)", -3_482_258.63459582, 890_420.383607373), ("deflator", 15.0618722713733, 84.9149257747669),
    ("gnp", -0.358191792925910e-01, 0.334910077722432e-01), ("unemployed", -2.02022980381683, 0.488399681651699),
    ("armed", -1.03322686717359, 0.214274163161675), ("population", -0.511041056535807e-01, 0.226073200069370),
    ("year", 1829.15146461355, 455.478499142212),
  ]

  private func train(_ settings: String, _ sandbox: Sandbox, data: String, target: String = "y") throws -> JSON {
    try sandbox.write(data, to: "data.csv")
    try sandbox.write(
      """
      workflow: test
      seed: 1
      steps:
        data: { ingest: { source: data.csv, target: \(target) } }
        model: { train: { \(settings) } }
        release: { deploy: { model: test, channel: production } }

      """, to: "workflows/test.yaml")
    let ending = try sandbox.run("train", "workflows/test.yaml", "--format", "json")
    #expect(ending.code == 0, "\(ending.diagnostics)")
    return try ending.json()
  }

  @Test func errorsOfLongleyAreTheCertifiedOnes() throws {
    let sandbox = try Sandbox()
    let run = try train("objective: linear, penalty: none", sandbox, data: longley)
    let warnings = run.step("model")?["warnings"]?.canonical ?? ""
    #expect(warnings.contains("\"collinear\"") && warnings.contains("'gnp' (1788.5)"), "\(warnings)")
    let shown = try sandbox.run("models", "show", "test", "--statistics", "--format", "json").json()
    let entries = try #require(shown["coefficients"]?.arrayValue)
    #expect(entries.count == certified.count)
    for (entry, (name, estimate, error)) in zip(entries, certified) {
      #expect(entry["name"]?.stringValue == name)
      #expect(abs((entry["original"]?.doubleValue ?? 0) / estimate - 1) < 1e-9)
      #expect(abs((entry["standard_error"]?.doubleValue ?? 0) / error - 1) < 1e-9)
    }
    let statistics = try #require(shown["statistics"])
    // Certified: residual standard deviation 304.854073561965, R² 0.995479004577296, F 330.285339234588.
    #expect(abs((statistics["scale"]?.doubleValue ?? 0) / (304.854073561965 * 304.854073561965) - 1) < 1e-9)
    #expect(abs((statistics["r_squared"]?.doubleValue ?? 0) - 0.995479004577296) < 1e-11)
    #expect(abs((statistics["overall_test"]?["statistic"]?.doubleValue ?? 0) / 330.285339234588 - 1) < 1e-9)
    #expect(statistics["residual_degrees_of_freedom"]?.doubleValue == 9)
    let text = try sandbox.run("models", "show", "test").output
    #expect(text.contains("residual standard error 304.85 on 9 degrees of freedom"))
    #expect(text.contains("standard errors: classical"))
    let csv = try sandbox.run("models", "show", "test", "--coefficients").output
    #expect(
      csv.hasPrefix(
        "name,class,standardised,original,standard_error,statistic,p,low,high,standardised_error,inflation\n"))
    #expect(try sandbox.read("models/test/production/card.md").contains("| std. error | p | 95% interval |"))
  }

  /// statsmodels' own data and numbers, see Tests/LearningTests/Fixtures/glm; the encoder standardises in between.
  @Test(arguments: [
    ("spector", "objective: logistic"), ("cpunish", "objective: poisson"),
    ("randhie_rates", "objective: poisson, offset: c6"), ("statecrime", "objective: linear"),
    ("ccard_weighted", "objective: linear, weight: c5"), ("fair_counts", "objective: logistic, weight: c4"),
    ("anes96", "objective: multinomial"),
  ])
  func errorsOfOtherModelsAreThoseOfStatsmodels(_ name: String, _ settings: String) throws {
    let folder = Tool.root + "/Tests/LearningTests/Fixtures/glm"
    let rows = try String(contentsOfFile: "\(folder)/\(name).csv", encoding: .utf8)
    let width = rows.prefix { $0 != "\n" }.split(separator: ",").count
    let header = (1..<width).map { "c\($0)" } + ["y"]
    let reference = try #require(
      try JSON(parsing: String(contentsOfFile: folder + "/reference.json", encoding: .utf8))[name])
    let meaning = reference["weights_are"]?.stringValue ?? "precision"
    for (robust, key) in [("none", "standard_errors"), ("hc1", "hc1")] {
      let sandbox = try Sandbox()
      _ = try train(
        "\(settings), penalty: none, tolerance: 1e-12, inference: { robust: \(robust), weights: \(meaning) }",
        sandbox, data: header.joined(separator: ",") + "\n" + rows)
      let shown = try sandbox.run("models", "show", "test", "--statistics", "--format", "json").json()
      let errors = (shown["coefficients"]?.arrayValue ?? []).compactMap { $0["standard_error"]?.doubleValue }
      let expected = (reference[key]?.arrayValue ?? []).compactMap(\.doubleValue)
      #expect(errors.count == expected.count)
      for (ours, theirs) in zip(errors, expected) { #expect(abs(ours / theirs - 1) < 1e-7) }
      for key in ["deviance", "null_deviance", "log_likelihood", "aic", "bic"] {
        let (ours, theirs) = (shown["statistics"]?[key]?.doubleValue, reference[key]?.doubleValue)
        #expect(abs((ours ?? 0) / (theirs ?? 1) - 1) < 1e-8, "\(key)")
      }
    }
  }

  @Test func robustErrorsAndTheirLevelAreChosen() throws {
    let sandbox = try Sandbox()
    _ = try train(
      "objective: linear, penalty: none, inference: { robust: hc3, confidence: 90% }", sandbox, data: longley)
    let shown = try sandbox.run("models", "show", "test", "--statistics", "--format", "json").json()
    #expect(shown["statistics"]?["covariance"]?.stringValue == "hc3")
    #expect(shown["statistics"]?["confidence"]?.doubleValue == 0.9)
    // statsmodels 0.14: OLS(...).fit().HC3_se, see Tests/LearningTests/Fixtures/glm.
    let error = shown["coefficients"]?.arrayValue?[1]["standard_error"]?.doubleValue ?? 0
    #expect(abs(error / 91.11938660113931 - 1) < 1e-9)
    let refused = try sandbox.run(
      "check", "workflows/test.yaml", "--set", "steps.model.train.objective=multinomial")
    #expect(refused.code == 65)
    #expect(refused.diagnostics.contains("objective 'multinomial' has no hc3 errors"))
  }

  @Test func aPenaltyLeavesNoErrorsAndSaysSo() throws {
    let sandbox = try Sandbox()
    _ = try train("objective: linear, penalty: { l2: 0.1 }", sandbox, data: longley)
    let text = try sandbox.run("models", "show", "test", "--statistics").output
    #expect(text.contains("no standard errors: the coefficients are shrunk by a penalty"))
    #expect(text.contains("effective coefficients"))
  }

  @Test func aColumnThatSeparatesIsNamedWithItsClass() throws {
    let sandbox = try Sandbox()
    let rows = (0..<40).map { "\(($0 * 7) % 11),\($0),\($0 < 15 ? "no" : "yes")" }
    let run = try train(
      "objective: logistic, penalty: none", sandbox, data: "noise,height,ok\n" + rows.joined(separator: "\n") + "\n",
      target: "ok")
    let warnings = run.step("model")?["warnings"]?.canonical ?? ""
    #expect(
      warnings.contains("column 'height' alone separates the classes: every row of class 'yes' lies above all others"),
      "\(warnings)")
    let text = try sandbox.run("models", "show", "test", "--statistics").output
    #expect(text.contains("no standard errors: the fit did not converge"))
  }

  @Test func dependentColumnsAreNamed() throws {
    let sandbox = try Sandbox()
    let rows = (0..<30).map { "\($0),\(($0 * 7) % 11),\($0 + 2 * (($0 * 7) % 11)),\(($0 * 5) % 13)" }
    _ = try train(
      "objective: linear, penalty: none", sandbox, data: "a,b,c,y\n" + rows.joined(separator: "\n") + "\n")
    let shown = try sandbox.run("models", "show", "test", "--statistics", "--format", "json").json()
    #expect(shown["statistics"]?["dependent_columns"]?.canonical == #"[{"column":"c","others":["a","b"]}]"#)
    #expect(try sandbox.run("models", "show", "test").output.contains("'c' depends on 'a', 'b'"))
  }
}
