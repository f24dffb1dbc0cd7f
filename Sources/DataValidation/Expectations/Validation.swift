package import Basics
import Diagnostics
import Synchronization
package import Tabular

/// What expectations may look at beside the table itself.
package struct ValidationSurroundings: Sendable {
  /// The time, in microseconds since 1970-01-01T00:00:00Z: given, never taken from a clock here.
  package var now: Int64?
  /// The last accepted data.
  package var previous: Table?
  /// Profiles of the table at hand, of the last accepted data, and of other tables, as far as they are stored: what they tell
  /// is not counted again.
  package var profile: TableProfile?
  package var previousProfile: TableProfile?
  package var tableProfiles: [String: TableProfile] = [:]
  /// Of the rows that the model was trained on which drift is measured from.
  package var modelProfile: TableProfile?
  /// Other tables by the names that rules give them.
  package var tables: [String: Table] = [:]
  /// Splits by name: for each row of the table split whether it is in the training part.
  package var splits: [String: SplitRows] = [:]
  /// The column that models are to tell.
  package var target: String?

  package init() {}

  /// A table with its training rows.
  package struct SplitRows: Sendable {
    package var table: Table
    package var isTraining: [Bool]

    package init(table: Table, isTraining: [Bool]) {
      self.table = table
      self.isTraining = isTraining
    }
  }
}

/// Holds a table against expectations and tells what was found of each: those of the table first, then column by column in
/// the order of `expectations.columns`.
///
/// Columns are looked at side by side on `threads` threads; the answer does not depend on that. O(rows) a column; rules about
/// equal values keep a hash of each in memory. Throws `ExpectationError` where a rule names what is not there, and
/// `Cancelled`.
package func observe(
  _ table: Table, _ expectations: Expectations, _ surroundings: ValidationSurroundings = ValidationSurroundings(),
  threads: Int = 1, cancellation: Cancellation = .process
) throws -> [Observation] {
  let found = Mutex([[Observation]](repeating: [], count: expectations.columns.count))
  try parallelFor(count: expectations.columns.count, threads: threads) { index in
    try cancellation.check()
    let expected = expectations.columns[index]
    let severity = expected.severity ?? expectations.severity
    let observations: [Observation]
    if let column = table.column(named: expected.name) {
      observations = try ColumnValidation(
        column, expected, severity, now: surroundings.now, profile: surroundings.profile?.column(named: column.name),
        detail: ProfileDetail(columns: table.schema.fields.count)
      ).observations(cancellation)
    } else {
      observations = [missingColumn(expected, severity, table)]
    }
    found.withLock { $0[index] = observations }
  }
  let whole = try TableValidation(table, expectations, surroundings, threads: threads, cancellation).observations()
  return whole + found.withLock { $0 }.flatMap { $0 }
}

/// The breaches alone; see `observe`.
package func validate(
  _ table: Table, _ expectations: Expectations, _ surroundings: ValidationSurroundings = ValidationSurroundings(),
  threads: Int = 1, cancellation: Cancellation = .process
) throws -> [Finding] {
  try observe(table, expectations, surroundings, threads: threads, cancellation: cancellation).compactMap(\.finding)
}

private func missingColumn(
  _ expected: ColumnExpectations, _ severity: Expectations.Severity, _ table: Table
) -> Observation {
  var observation = Observation(
    column: expected.name, .required, expected: JSON(expected.required), observed: false, severity)
  guard expected.required else { return observation }
  let nearest = nearestName(to: expected.name, among: table.schema.names)
  let hint = nearest.map { "; the nearest is '\($0)'" } ?? ""
  observation.finding = Finding(
    column: expected.name, rule: .required, expected: true, observed: false, count: 0, share: 0, exampleRows: [],
    message: "there is no column '\(expected.name)'\(hint)", severity: severity)
  return observation
}
