import Basics
import Tabular

/// Columns that go suspiciously well with the target, and columns that are not what they were.
extension TableValidation {
  /// A column that alone tells the target nearly without fault has mostly been written down after it. The statistic is that of
  /// `Association`, as an amount; of columns with gaps also that of whether there is a value.
  func leakageRules() throws -> [Observation] {
    guard let limit = expected.leakage else { return [] }
    guard let target = surroundings.target else { throw ExpectationError.noTarget }
    let associations = try Association.all(of: table, with: target, threads: threads, cancellation: cancellation)
    let presences = try Association.ofPresence(in: table, with: target, threads: threads, cancellation: cancellation)
    func found(_ column: String, _ association: Association, _ means: String) -> Observation {
      let amount = abs(association.value)
      let shown = ecmaScriptText((amount * 10_000).rounded() / 10_000)
      return observation(
        column: column, .leakage, expected: JSON(limit), observed: JSON(amount),
        breach: amount <= limit
          ? nil
          : "alone tells the target '\(target)'\(means) with \(association.statistic.words) \(shown), expected at most \(ecmaScriptText(limit))"
      )
    }
    return zip(table.schema.names, zip(associations, presences)).flatMap { column, both in
      var observations = both.0.map { [found(column, $0, "")] } ?? []
      if let presence = both.1 {
        var observation = found(column, presence, ", by being there or missing,")
        observation.details = ["of": "presence"]
        observations.append(observation)
      }
      return observations
    }
  }

  /// Holds where there is nothing yet to compare with.
  func driftRules() throws -> [Observation] {
    guard let rule = expected.drift else { return [] }
    let severity = rule.severity ?? expected.severity
    guard let reference = try reference(of: rule) else { return [] }
    let current = ProfiledTable(table: table, profile: surroundings.profile)
    var observations: [Observation] = []
    for name in rule.columns ?? table.schema.names {
      guard table.column(named: name) != nil, reference.hasColumn(name) else {
        if rule.columns != nil {
          let isHere = table.column(named: name) != nil
          observations.append(
            Observation(
              column: name, .drift, expected: "present", observed: .null, severity,
              breach: isHere ? "is not in the reference" : "cannot be looked at: \(find([name], of: table).words)"))
        }
        continue
      }
      guard let past = try reference.distribution(of: name, cancellation),
        let current = try current.distribution(of: name, cancellation)
      else { continue }
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

  /// What columns are held against; nil where it does not exist yet.
  private func reference(of rule: Expectations.DriftLimits) throws -> ProfiledTable? {
    guard let name = rule.table else {
      return surroundings.previous.map { ProfiledTable(table: $0, profile: surroundings.previousProfile) }
    }
    if let table = surroundings.tables[name] {
      return ProfiledTable(table: table, profile: surroundings.tableProfiles[name])
    }
    guard rule.isOfModel else { throw ExpectationError.unknownTable(name) }
    return surroundings.modelProfile.map { ProfiledTable(profile: $0) }
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
