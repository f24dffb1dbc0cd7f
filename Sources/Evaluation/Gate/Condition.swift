/// A metric, of one class where one is named: `auc`, `recall(Chinstrap)`.
package struct MetricReference: Sendable, Hashable {
  package var metric: String
  package var className: String?

  package init(metric: String, className: String? = nil) {
    self.metric = metric
    self.className = className
  }
}

/// One condition of a gate.
///
///     metric[(class)] [on column="value" and …] op expression [with N% confidence]
///     fact == true
///     fact op number
///
/// An expression is a sum of numbers, percentages and metrics of the champion, each of which may be multiplied by a
/// number:
/// `0.95`, `95%`, `champion.log_loss + 0.02`, `1.05 * champion.rmse`. The champion is judged on the same rows, also on
/// the same slice.
package struct Condition: Sendable, Hashable {
  package enum Subject: Sendable, Hashable {
    case metric(MetricReference)
    /// Something that is known of the model without looking at rows.
    case fact(Fact)
  }

  /// What a condition may ask of the fit.
  package enum Fact: String, Sendable, Hashable, CaseIterable {
    /// Whether the solver met its stopping rule: `true` or `false`.
    case converged
    case iterations
    /// The stopping rules' numbers.
    case gradientNorm = "gradient_norm"
    case dualityGap = "duality_gap"
    /// Of the columns in units of their deviations, whatever the penalty; 1e16 where some depend on others.
    case conditionNumber = "condition"
    case l1, l2
    /// The sum of the weights of the training rows; their number where they have none.
    case weightSum = "weight_sum"
    /// Coefficients that are not 0.
    case nonZero = "nonzero"
    /// The share of the records of the source that were left out because they could not be rows.
    case badRows = "bad_rows"

    package var isBoolean: Bool { self == .converged }
  }

  /// Rows whose `column` is `value`, written as the canonical text of the table.
  package struct Filter: Sendable, Hashable {
    package var column: String
    package var value: String

    package init(column: String, value: String) {
      self.column = column
      self.value = value
    }
  }

  package enum Comparison: String, Sendable, Hashable, CaseIterable {
    case atLeast = ">="
    case atMost = "<="
    case above = ">"
    case below = "<"
    case equal = "=="

    /// How far `value` is on the right side of `bound`; negative when on the wrong one.
    func margin(_ value: Double, _ bound: Double) -> Double {
      switch self {
      case .atLeast, .above: value - bound
      case .atMost, .below: bound - value
      case .equal: -abs(value - bound)
      }
    }

    /// Whether the comparison holds at this margin.
    func holds(margin: Double) -> Bool {
      switch self {
      case .atLeast, .atMost, .equal: margin >= 0
      case .above, .below: margin > 0
      }
    }
  }

  /// `factor × champion.metric`
  package struct ChampionTerm: Sendable, Hashable {
    package var factor: Double
    package var metric: MetricReference
  }

  package var subject: Subject
  package var filters: [Filter] = []
  package var comparison: Comparison
  /// The number in the expression; 1 for true and 0 for false.
  package var constant: Double
  package var championTerms: [ChampionTerm] = []
  /// From above 0.5 to below 1; nil for a condition on the plain value.
  package var confidence: Double?

  /// Whether it is held against the champion.
  package var isRelative: Bool { !championTerms.isEmpty }
}
