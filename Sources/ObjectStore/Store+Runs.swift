package import Basics
import GRDB

/// A run that is going on in this process. While it is held, others see the run as running.
package final class ActiveRun: Sendable {
  package let start: RunStart
  fileprivate let lock: FileLock

  fileprivate init(_ start: RunStart, _ lock: FileLock) {
    self.start = start
    self.lock = lock
  }
}

extension Store {
  /// Records that a run begins to execute its first action.
  package func beginRun(_ start: RunStart) throws -> ActiveRun {
    let lock = try FileLock.take(runLockPath(start.id), cancellation: Cancellation())
    do { _ = try putRecord(start.record) } catch {
      lock.removeFile()
      throw error
    }
    return ActiveRun(start, lock)
  }

  /// Records how a run ended.
  package func endRun(_ run: ActiveRun, _ end: RunEnd) throws {
    _ = try putRecord(end.record(run: run.start.id))
    run.lock.removeFile()
  }

  /// The latest runs, latest first; all without a limit, of all workflows unless one is named.
  package func runs(workflow: String? = nil, limit: Int? = nil) throws -> [Run] {
    let rows = try index.read { db in
      try RunRow.fetchAll(
        db,
        sql: """
          SELECT id, start, ended FROM runs WHERE start IS NOT NULL AND (?1 IS NULL OR workflow = ?1)
          ORDER BY started DESC, id LIMIT ?2
          """, arguments: [workflow, limit ?? -1])
    }
    return try rows.compactMap(run)
  }

  /// The run whose id begins with `prefix`. Throws `StoreError.unknownRun`, `.ambiguousRun`.
  package func run(_ prefix: String) throws -> Run {
    let rows = try index.read { db in
      try RunRow.fetchAll(
        db, sql: "SELECT id, start, ended FROM runs WHERE substr(id, 1, ?) = ? AND start IS NOT NULL ORDER BY id",
        arguments: [prefix.utf8.count, prefix])
    }
    let found = prefix.isEmpty ? [] : try rows.compactMap(run)
    if found.count > 1 { throw StoreError.ambiguousRun(prefix: prefix, candidates: found.map(\.id)) }
    guard let run = found.first else { throw StoreError.unknownRun(prefix: prefix) }
    return run
  }

  /// What became of a step when it last had a result in a run of this workflow: to say what changed since when.
  package func lastResult(ofStep name: String, workflow: String) throws -> (record: Digest, run: String)? {
    let row = try index.read { db in
      try StepRow.fetchOne(
        db,
        sql: """
          SELECT result, run FROM steps JOIN runs ON runs.id = steps.run
          WHERE name = ? AND workflow = ? AND result IS NOT NULL ORDER BY started DESC LIMIT 1
          """, arguments: [name, workflow])
    }
    return row.flatMap { row in Digest(hex: row.result).map { ($0, row.run) } }
  }

  /// The records of the results of a step in runs of this workflow, latest run first.
  func results(ofStep name: String, workflow: String, limit: Int) throws -> [Digest] {
    try index.read { db in
      try String.fetchAll(
        db,
        sql: """
          SELECT result FROM steps JOIN runs ON runs.id = steps.run
          WHERE name = ? AND workflow = ? AND result IS NOT NULL ORDER BY started DESC LIMIT ?
          """, arguments: [name, workflow, limit])
    }.compactMap(Digest.init(hex:))
  }

  private func run(_ row: RunRow) throws -> Run? {
    guard let start = try stored(row.start).flatMap(RunStart.init(_:)) else { return nil }
    let end = try stored(row.ended).flatMap(RunEnd.init(_:))
    let status = try end?.status ?? (FileLock.isTaken(runLockPath(row.id)) ? .running : .interrupted)
    return Run(start: start, end: end, status: status)
  }

  /// The record with this digest; nil where it was entered but never made, or is damaged.
  private func stored(_ hex: String?) throws -> Record? {
    guard let digest = hex.flatMap(Digest.init(hex:)) else { return nil }
    do { return try record(digest) } catch is StoreError { return nil }
  }

  private func runLockPath(_ id: String) -> String { "\(workspace.locksFolder)/run-\(id)" }
}

private struct RunRow: FetchableRecord, Sendable {
  let id: String
  let start: String?
  let ended: String?

  init(row: Row) {
    (id, start, ended) = (row[0], row[1], row[2])
  }
}

private struct StepRow: FetchableRecord, Sendable {
  let result: String
  let run: String

  init(row: Row) {
    (result, run) = (row[0], row[1])
  }
}
