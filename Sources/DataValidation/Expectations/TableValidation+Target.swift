import Basics
import Tabular

/// Columns that go suspiciously well with the target, and columns that are not what they were.
extension TableValidation {
  /// A column that alone tells the target nearly without fault has mostly been written down after it. The statistic is that of
  /// `Association`, as an amount.
  func leakageRules() throws -> [Observation] {
    guard let limit = expected.leakage else { return [] }
    guard let target = surroundings.target else { throw ExpectationError.noTarget }
    let profile = try TableProfile(table, target: target, threads: threads, cancellation: cancellation)
    return profile.columns.compactMap { column in
      guard let association = column.association else { return nil }
      let amount = abs(association.value)
      let shown = ecmaScriptText((amount * 10_000).rounded() / 10_000)
      return observation(
        column: column.name, .leakage, expected: JSON(limit), observed: JSON(amount),
        breach: amount <= limit
          ? nil
          : "alone tells the target '\(target)' with \(association.statistic.words) \(shown), expected at most \(ecmaScriptText(limit))"
      )
    }
  }

  /// Holds where there is nothing yet to compare with.
  func driftRules() throws -> [Observation] {
    guard let rule = expected.drift else { return [] }
    let severity = rule.severity ?? expected.severity
    let reference: Table
    if let name = rule.table {
      guard let table = surroundings.tables[name] else { throw ExpectationError.unknownTable(name) }
      reference = table
    } else {
      guard let previous = surroundings.previous else { return [] }
      reference = previous
    }
    var observations: [Observation] = []
    for name in rule.columns ?? table.schema.names {
      guard let now = table.column(named: name), let before = reference.column(named: name) else {
        if rule.columns != nil { throw ExpectationError.unknownColumn(name) }
        continue
      }
      guard let current = try Distribution(now, cancellation), let past = try Distribution(before, cancellation) else {
        continue
      }
      for statistic in DriftStatistic.allCases {
        guard let limit = rule.limits[statistic], let value = statistic.value(of: current, against: past) else {
          continue
        }
        let shown = ecmaScriptText((value * 10_000).rounded() / 10_000)
        var observation = Observation(
          column: name, .drift, expected: [statistic.rawValue: JSON(limit)],
          observed: [statistic.rawValue: JSON(value)],
          severity,
          breach: statistic.isWithin(value, limit)
            ? nil
            : "has drifted: \(statistic.words) is \(shown), expected at \(statistic == .chiSquare ? "least" : "most") \(ecmaScriptText(limit))"
        )
        observation.severity = severity
        observations.append(observation)
      }
    }
    return observations
  }
}

extension Association.Statistic {
  /// The name in a sentence.
  package var words: String {
    switch self {
    case .pearson: "a correlation of"
    case .correlationRatio: "a correlation ratio of"
    case .cramersV: "a Cramér's V of"
    }
  }
}
