package import Basics

extension ModelStatistics {
  /// The member `statistics` of `model.json`. What is not defined is left out, or null inside a list.
  package var json: JSON {
    var out: JSON = [
      "weights": .string(weights), "confidence": .number(confidence), "observations": .number(observations),
      "deviance": .number(deviance), "null_deviance": .number(nullDeviance), "inflation": list(inflation),
      "means": JSON(means), "constant_columns": JSON(constantColumns),
      "dependent_columns": .array(
        dependencies.map { ["column": .string($0.column), "others": JSON($0.others)] }),
    ]
    out["covariance"] = covariance.map { .string($0) }
    out["parameters"] = parameters.map { JSON($0) }
    for (key, path) in ModelStatistics.numbers {
      if let value = self[keyPath: path], value.isFinite { out[key] = .number(value) }
    }
    if let test = overallTest, test.statistic.isFinite {
      var entry: JSON = [
        "statistic": .number(test.statistic), "degrees_of_freedom": .number(test.degreesOfFreedom),
        "p": .number(test.p),
      ]
      entry["denominator"] = test.denominator.map { .number($0) }
      out["overall_test"] = entry
    }
    if hasErrors {
      out["standard_errors"] = list(standardErrors)
      out["original_standard_errors"] = list(originalErrors)
    }
    out["unavailable"] = unavailable.map { .string($0) }
    return out
  }

  private func list(_ values: [Double?]) -> JSON {
    .array(values.map { value in value.flatMap { $0.isFinite ? .number($0) : nil } ?? .null })
  }

  private static var numbers: [(String, WritableKeyPath<ModelStatistics, Double?>)] {
    [
      ("residual_degrees_of_freedom", \.residualDegreesOfFreedom), ("scale", \.scale),
      ("log_likelihood", \.logLikelihood), ("aic", \.aic), ("bic", \.bic), ("pearson_chi2", \.pearson),
      ("r_squared", \.rSquared), ("adjusted_r_squared", \.adjustedRSquared),
      ("effective_degrees_of_freedom", \.effectiveDegreesOfFreedom), ("condition_number", \.conditionNumber),
    ]
  }

  /// Reads the member; `columns` and `outputs` are those of the model.
  init(_ reader: ModelReader, columns: Int, outputs: Int) throws(InferenceError) {
    func list(_ key: String, count: Int) throws(InferenceError) -> [Double?] {
      let values = try reader.value(key).arrayValue ?? []
      guard values.count == count else { throw reader.damaged("'\(key)' does not have \(count) entries") }
      return values.map(\.doubleValue)
    }
    let hasErrors = try reader.optionalString("covariance") != nil
    self.init(
      covariance: try reader.optionalString("covariance"), weights: try reader.string("weights"),
      confidence: try reader.number("confidence"), observations: try reader.number("observations"),
      deviance: try reader.number("deviance"), nullDeviance: try reader.number("null_deviance"), logLikelihood: nil,
      inflation: try list("inflation", count: columns), means: try reader.numbers("means"),
      constantColumns: try reader.strings("constant_columns"), dependencies: [],
      standardErrors: hasErrors ? try list("standard_errors", count: outputs * (columns + 1)) : [],
      originalErrors: hasErrors ? try list("original_standard_errors", count: outputs * (columns + 1)) : [],
      unavailable: try reader.optionalString("unavailable"))
    guard means.count == columns else { throw reader.damaged("'means' does not have \(columns) entries") }
    guard confidence > 0, confidence < 1 else { throw reader.damaged("'confidence' is not a share") }
    for entry in try reader.objects("dependent_columns") {
      dependencies.append(Dependency(column: try entry.string("column"), others: try entry.strings("others")))
    }
    parameters = try reader.optionalNumber("parameters").map { Int($0) }
    for (key, path) in ModelStatistics.numbers { self[keyPath: path] = try reader.optionalNumber(key) }
    if let test = try reader.optionalObject("overall_test") {
      overallTest = OverallTest(
        statistic: try test.number("statistic"), degreesOfFreedom: try test.number("degrees_of_freedom"),
        denominator: try test.optionalNumber("denominator"), p: try test.number("p"))
    }
  }
}
