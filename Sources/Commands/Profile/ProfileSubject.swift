import Basics
import DataValidation
import Diagnostics
import ObjectStore
import Steps
import Tabular

/// What `profile` was asked about, found: a data file, a table of the store, what a step of a run made.
struct ProfileSubject {
  var title: String
  var table: Table
  /// What is known of why columns have their types.
  var notes: [Diagnostic] = []

  init(source: String, missing: [String], delimiter: String?, scratch: String) throws {
    title = Files.lastPart(of: source)
    (table, notes) = try readTable(
      source, missing: missing, delimiter: delimiter ?? commonDelimiter(inHeaderOf: source), scratch: scratch)
  }

  init(object digest: Digest, titled title: String, in store: Store) throws {
    self.title = title
    do {
      table = try Table.open(store.verifiedPath(of: digest, cancellation: .process))
    } catch is TableError {
      throw Problems(
        .error(
          "not-a-table", "object \(digest.short) is no table",
          help: ["'mlflowctl store show \(digest.short)' tells what it is"]),
        failure: .usage)
    }
  }

  /// `RUN:STEP`: the table that the step made, or passed on.
  static func table(ofStep name: String, run: String, in store: Store) throws -> Digest {
    let run = try store.run(run)
    guard let step = run.end?.steps.first(where: { $0.name == name }) else {
      let names = run.end?.steps.map(\.name) ?? []
      throw Problems(
        .error(
          "unknown-step", "run \(run.id) has no step '\(name)'",
          help: nearestName(to: name, among: names).map { ["did you mean '\($0)'?"] } ?? []), failure: .usage)
    }
    guard let table = step.outputs.first(where: { $0.type == "table" }) else {
      throw Problems(
        .error(
          "no-table", "step '\(name)' of run \(run.id) made no table", help: ["name an 'ingest' or 'validate' step"]),
        failure: .usage)
    }
    return table.digest
  }
}
