import Basics
import DataValidation
import Diagnostics
import ObjectStore
import Steps
import Tabular

/// What `profile` was asked about, found: a data file, a table of the store, what a step of a run made.
struct ProfileSubject {
  var title: String
  /// As it is stored, or made while it was read; nil where it has to be made.
  private let known: TableProfile?
  private let open: () throws -> Table
  /// What is known of why columns have their types.
  var notes: [Diagnostic] = []
  /// How the types came about.
  var inferences: [ColumnInference] = []

  /// `settings` are those of `ingest` that say how the source is read.
  init(source: String, missing: [String], settings: JSON, scratch: String) throws {
    title = sourceTitle(source)
    let read = try readTable(source, missing: missing, settings: settings, scratch: scratch)
    open = { read.table }
    (known, notes, inferences) = (read.profile, read.notes, read.inferences)
  }

  init(object digest: Digest, titled title: String, in store: Store) throws {
    self.title = title
    known = try store.profile(ofTable: digest)
    open = {
      do {
        return try Table.open(store.verifiedPath(of: digest, cancellation: .process))
      } catch is TableError {
        throw Problems(
          .error(
            "not-a-table", "object \(digest.short) is no table",
            help: ["'mlflowctl store show \(digest.short)' tells what it is"]),
          failure: .usage)
      }
    }
    inferences = try store.inferences(ofTable: digest)
  }

  /// The profile, with how closely columns go with a target where one is named. The table is looked at only where what is
  /// stored does not tell.
  func profile(target: String?) throws -> TableProfile {
    let threads = processorCount()
    guard let known else {
      let table = try open()
      try check(target, table.schema.names)
      return try TableProfile(table, target: target, threads: threads)
    }
    try check(target, known.columns.map(\.name))
    return try target.map { try known.associated(with: $0, in: open(), threads: threads) } ?? known
  }

  private func check(_ target: String?, _ names: [String]) throws {
    guard let target, !names.contains(target) else { return }
    throw Problems(
      .error(
        "unknown-column", "'\(target)' is not a column of '\(title)'",
        help: nearestName(to: target, among: names).map { ["did you mean '\($0)'?"] } ?? []), failure: .usage)
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

extension Store {
  /// How the types of a table came about, where a step of this store read it.
  fileprivate func inferences(ofTable digest: Digest) throws -> [ColumnInference] {
    for record in try describe(digest).uses where record.isOutput && record.kind == "ingest" {
      do { return Commands.inferences(try result(record.record).report["report"] ?? [:]) } catch is StoreError {}
    }
    return []
  }
}
