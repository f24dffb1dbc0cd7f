package import Basics
import Evaluation
package import Inference

extension Model {
  /// How the fit went, for reports: rows, columns, penalties, objective value, stopping rule, iterations, solver; and what
  /// was done to the answers: calibration, threshold, offset; and how the source was read, where that is not usual.
  package var facts: JSON {
    var value: JSON = [
      "objective": .string(objective.rawValue), "rows": JSON(training.rows), "columns": JSON(encoder.columnCount),
      "l1": .number(l1), "l2": .number(l2), "nonzero": JSON(nonZeroCount),
      "objective_value": .number(training.objectiveValue),
      "gradient_norm": .number(training.gradientNorm), "iterations": JSON(training.iterations),
      "converged": .bool(training.converged), "solver": .string(training.solver),
    ]
    if let gap = training.dualityGap { value["duality_gap"] = .number(gap) }
    if let sum = training.weightSum { value["weight_sum"] = .number(sum) }
    if let weightColumn { value["weight"] = .string(weightColumn) }
    if let offset { value[offset.isExposure ? "exposure" : "offset"] = .string(offset.name) }
    if let calibration { value["calibration"] = .string(calibration.method.rawValue) }
    if target.positive != nil { value["threshold"] = .number(threshold) }
    if let members = source.objectValue, !members.isEmpty {
      let words = members.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.stringValue ?? $0.value.canonical)" }
      value["source"] = .string(words.joined(separator: ", "))
    }
    if !droppedLevels.isEmpty { value["dropped_levels"] = JSON(droppedLevels) }
    if let condition = statistics?.conditionNumber { value["condition"] = .number(condition) }
    return value
  }

  /// What conditions of a gate may ask of the fit.
  var gateFacts: [Condition.Fact: Double] {
    var facts: [Condition.Fact: Double] = [
      .converged: training.converged ? 1 : 0, .iterations: Double(training.iterations),
      .gradientNorm: training.gradientNorm, .l1: l1, .l2: l2,
      .weightSum: training.weightSum ?? Double(training.rows), .nonZero: Double(nonZeroCount),
    ]
    facts[.dualityGap] = training.dualityGap
    facts[.conditionNumber] = statistics?.conditionNumber
    return facts
  }

  /// Coefficients, of all outputs, that are not 0.
  private var nonZeroCount: Int { coefficients.count { $0 != 0 } }

  /// The levels that an unpenalised fit leaves out, as columns would be called: `sex=female`.
  private var droppedLevels: [String] {
    encoder.features.flatMap { feature -> [String] in
      guard case .oneHot(let oneHot) = feature else { return [] }
      return oneHot.baseline.map { "\(oneHot.input)=\($0)" }
    }
  }

  /// The statistics of the fit as they are in `model.json`, and `distribution`: `t` or `normal`. Of a model of many sparse columns
  /// just `unavailable`, which says why there are none.
  package var statisticsJSON: JSON? {
    guard var value = statistics?.json else {
      return encoder.isSparse ? ["unavailable": "its rows have more than 2,000 sparse columns"] : nil
    }
    value["distribution"] = objective == .linear ? "t" : "normal"
    return value
  }

  /// `[{name, class?, standardised, original}]`, the intercept of each output first. Where the fit has standard errors,
  /// with `standard_error`, `statistic`, `p`, `low`, `high` on the original scale and `standardised_error`; `inflation`
  /// where it is defined.
  package var coefficientsJSON: JSON { coefficientsJSON(at: nil) }

  /// The same of the coefficients for a report; see `reportedPlaces`.
  package var reportedCoefficientsJSON: JSON { coefficientsJSON(at: reportedPlaces) }

  private func coefficientsJSON(at places: [Int]?) -> JSON {
    let width = encoder.columnCount + 1
    let (table, tests) = (coefficientTable, coefficientTests)
    return .array(
      (places ?? Array(table.indices)).map { index in
        let (entry, test) = (table[index], tests[index])
        var value: JSON = [
          "name": .string(entry.column ?? "(intercept)"), "standardised": .number(entry.standardised),
          "original": .number(entry.original),
        ]
        if let name = entry.className { value["class"] = .string(name) }
        if let test {
          value["standard_error"] = .number(test.standardError)
          value["statistic"] = .number(test.statistic)
          value["p"] = .number(test.p)
          value["low"] = .number(test.low)
          value["high"] = .number(test.high)
          value["standardised_error"] = .number(test.standardisedError)
        }
        let column = index % width - 1
        if column >= 0, let inflation = statistics?.inflation[column] { value["inflation"] = .number(inflation) }
        return value
      })
  }
}
