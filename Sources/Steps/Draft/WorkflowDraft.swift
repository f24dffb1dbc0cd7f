package import Basics
import DataValidation
package import Tabular

/// A first workflow for a data file: what `init` writes, every choice explained in a comment.
package struct WorkflowDraft {
  /// A bound of the gate with the reason for it.
  package struct Bound: Sendable {
    package var condition: String
    package var reason: String
  }

  let table: Table
  let source: String
  let missing: [String]
  /// What the workflow says of how the source is read, as settings of `ingest`.
  let reading: JSON
  let name: String
  let roles: ColumnRoles
  let suggested: SuggestedExpectations
  package var targetName: String { roles.target.name }
  /// Columns that alone tell the target, and that are learned from nevertheless since there is nothing else.
  package var suspects: [String] { roles.keptLeaks.map(\.name) }
  /// `linear`, `logistic`, `multinomial` or `poisson`.
  package let objective: String

  /// `source` is written into the workflow as it is; `chosenTarget` overrides the guess. Nil where there is no column to tell.
  /// `reading` are settings of `ingest` that say how the source is read. Throws where the target never differs.
  package init?(
    table: Table, source: String, missing: [String], reading: JSON = [:], name: String,
    target chosenTarget: String?,
    cancellation: Cancellation = .process
  ) throws {
    guard let roles = try ColumnRoles(table, chosen: chosenTarget, cancellation: cancellation) else { return nil }
    self.table = table
    self.source = source
    self.missing = missing
    self.reading = reading
    self.name = name
    self.roles = roles
    let used = table.schema.names.filter { !roles.identifiers.contains($0) }.prefix(30)
    let objective = Self.objective(for: roles.target, isSparse: table.schema.fields.contains { $0.type == .sparse })
    let isOfClasses = objective == "logistic" || objective == "multinomial"
    suggested = SuggestedExpectations(
      try TableProfile(table, columns: Array(used), threads: processorCount(), cancellation: cancellation),
      classes: isOfClasses && roles.target.type == .integer ? [roles.target.name: levels(roles.target)] : [:])
    self.objective = objective
  }

  private static func objective(for target: Column, isSparse: Bool) -> String {
    // A libsvm file has its classes as numbers.
    let isNumber = target.type == .integer || target.type == .number && isSparse
    let classes = distinct(target, limit: 51)
    if looksLikeCounts(target) { return "poisson" }
    if target.type == .number && !isSparse || isNumber && classes > 10 { return "linear" }
    return classes == 2 ? "logistic" : "multinomial"
  }

  /// The texts of `columns` that look like markers for missing values, in a fixed order.
  package static func missingMarkers(in table: Table) -> [String] {
    let known = ["NA", "N/A", "n/a", "NaN", "nan", "NULL", "null", "None", "?", "-", "missing"]
    var found: Set<String> = []
    for index in table.schema.fields.indices {
      let column = table.column(index)
      switch column.type {
      case .category: found.formUnion(known.filter(column.dictionary.contains))
      case .text:
        for row in 0..<min(table.rowCount, 100_000) {
          if let text = column.text(row), known.contains(text) { found.insert(text) }
        }
      default: break
      }
    }
    return known.filter(found.contains)
  }
}
