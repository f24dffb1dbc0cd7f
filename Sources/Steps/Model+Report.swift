package import Basics
package import Inference

extension Model {
  /// How the fit went, for reports: rows, columns, penalty, objective value, gradient norm, iterations, converged, solver.
  package var facts: JSON {
    var value: JSON = [
      "objective": .string(objective.rawValue), "rows": JSON(training.rows), "columns": JSON(encoder.columnCount),
      "l2": .number(l2), "objective_value": .number(training.objectiveValue),
      "gradient_norm": .number(training.gradientNorm), "iterations": JSON(training.iterations),
      "converged": .bool(training.converged), "solver": .string(training.solver),
    ]
    if let condition = training.conditionEstimate { value["condition"] = .number(condition) }
    return value
  }

  /// `[{name, class?, standardised, original}]`, the intercept of each output first.
  package var coefficientsJSON: JSON { coefficientsJSON(coefficientTable) }

  /// The same of `reportedCoefficients`.
  package var reportedCoefficientsJSON: JSON { coefficientsJSON(reportedCoefficients) }

  private func coefficientsJSON(_ coefficients: [Coefficient]) -> JSON {
    .array(
      coefficients.map { entry in
        var value: JSON = [
          "name": .string(entry.column ?? "(intercept)"), "standardised": .number(entry.standardised),
          "original": .number(entry.original),
        ]
        if let name = entry.className { value["class"] = .string(name) }
        return value
      })
  }
}
