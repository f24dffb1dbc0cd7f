import Basics
import Diagnostics
import Statistics
import Tabular

/// A table held against what is expected of it as a whole; each family of rules has a file of its own.
struct TableValidation {
  let table: Table
  let expected: Expectations
  let surroundings: ValidationSurroundings
  let threads: Int
  let cancellation: Cancellation

  init(
    _ table: Table, _ expected: Expectations, _ surroundings: ValidationSurroundings, threads: Int,
    _ cancellation: Cancellation
  ) {
    self.table = table
    self.expected = expected
    self.surroundings = surroundings
    self.threads = threads
    self.cancellation = cancellation
  }

  func observations() throws -> [Observation] {
    try rowRules() + changeRules() + keyRules() + duplicateRules() + comparisonRules() + presenceRules()
      + referenceRules() + sharedRowRules() + leakageRules() + driftRules()
  }

  func observation(
    column: String? = nil, _ rule: Finding.Rule, expected: JSON, observed: JSON, breach words: String? = nil,
    _ tally: RowTally = RowTally()
  ) -> Observation {
    Observation(
      column: column, rule, expected: expected, observed: observed, self.expected.severity, breach: words, tally,
      of: table.rowCount)
  }

  /// The columns of some names, or what there is to say where one is not there.
  enum FoundColumns {
    case found([Column])
    case absent(words: String)

    /// Empty where all are there.
    var words: String { if case .absent(let words) = self { words } else { "" } }
  }

  func find(_ names: [String], of table: Table, called owner: String? = nil) -> FoundColumns {
    var columns: [Column] = []
    for name in names {
      guard let column = table.column(named: name) else {
        let nearest = nearestName(to: name, among: table.schema.names).map { "; the nearest is '\($0)'" } ?? ""
        return .absent(words: "there is no column '\(name)'\(owner.map { " in '\($0)'" } ?? "")\(nearest)")
      }
      columns.append(column)
    }
    return .found(columns)
  }

  private func rowRules() -> [Observation] {
    var observations: [Observation] = []
    func hold(_ limit: Double?, _ word: String, _ holds: (Double, Double) -> Bool) {
      guard let limit else { return }
      observations.append(
        observation(
          .rows, expected: [word == "least" ? "min" : "max": JSON(limit)], observed: JSON(table.rowCount),
          breach: holds(Double(table.rowCount), limit)
            ? nil : "the table has \(counted(table.rowCount, "row")), expected at \(word) \(ecmaScriptText(limit))"))
    }
    hold(expected.rows.min, "least", >=)
    hold(expected.rows.max, "most", <=)
    return observations
  }

  /// Holds where there is nothing yet to compare with.
  private func changeRules() -> [Observation] {
    guard let limit = expected.rowChange else { return [] }
    guard let before = surroundings.previous?.rowCount, before > 0 else {
      return [observation(.change, expected: JSON(limit), observed: .null)]
    }
    let change = Double(table.rowCount - before) / Double(before)
    return [
      observation(
        .change, expected: JSON(limit), observed: JSON(change),
        breach: abs(change) <= limit
          ? nil
          : "the table has \(counted(table.rowCount, "row")), \(percentage(abs(change))) \(change < 0 ? "fewer" : "more") than the \(before) accepted last, expected at most \(percentage(limit))"
      )
    ]
  }
}
