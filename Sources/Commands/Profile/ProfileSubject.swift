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

  init(file path: String, missing: [String], delimiter: String?, _ staging: String) throws {
    title = Files.lastPart(of: path)
    defer { try? Files.removeTree(staging) }
    let report =
      try isLibSVMName(path)
      ? ingestLibSVM(path, into: staging, threads: processorCount(), cancellation: .process, progress: { _ in })
      : ingestCSV(
        path,
        format: CSVFormat(delimiter: delimiterByte(delimiter ?? commonDelimiter(inHeaderOf: path)), missing: missing),
        into: staging, threads: processorCount(), cancellation: .process, progress: { _ in })
    notes = report.notes
    // The mapping outlives the name of the file.
    table = try Table.open(staging)
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
