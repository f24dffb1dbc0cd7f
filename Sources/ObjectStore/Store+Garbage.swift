package import Basics
import GRDB

/// How garbage is collected.
package struct GarbageSettings: Sendable, Hashable {
  /// Say what would go, and leave it.
  package var isDryRun: Bool
  /// Objects that were made or touched more recently stay, with all they refer to.
  package var grace: Duration
  /// What else must stay, with all it refers to: whatever any channel ever served.
  package var roots: [Digest]

  package init(isDryRun: Bool = false, grace: Duration = .seconds(3600), roots: [Digest] = []) {
    self.isDryRun = isDryRun
    self.grace = grace
    self.roots = roots
  }
}

/// What a collection did, or would do.
package struct CollectedGarbage: Sendable, Hashable {
  package var kept: Int
  package var keptBytes: Int
  /// Sorted.
  package var removed: [Digest]
  package var removedBytes: Int
}

extension Store {
  /// Removes every object that is not reachable from a root: a run, a version or any other record that is not a mere action
  /// result, what `settings` adds, and what is young. An action result lives by the runs that refer to it.
  ///
  /// Waits until no other process has the store open; `onWait` is told once. Locks that nobody holds go too.
  /// Throws `StoreError.collectionUnsafe` while a record or tree is damaged, `Cancelled`, `FileError`.
  package func collectGarbage(
    _ settings: GarbageSettings, cancellation: Cancellation, onWait: () -> Void = {}
  ) throws -> CollectedGarbage {
    try lock.change(toExclusive: true, cancellation: cancellation, onWait: onWait)
    defer { try? lock.change(toExclusive: false, cancellation: Cancellation()) }

    var stamps: [Digest: ObjectStamp] = [:]
    for digest in try backend.list(prefix: "") { stamps[digest] = try backend.stamp(of: digest) }
    let roots = try roots(among: stamps, settings)
    let live = try reachable(from: roots, among: stamps, cancellation)

    let removed = stamps.keys.filter { !live.contains($0) }.sorted()
    func bytes(_ digests: some Sequence<Digest>) -> Int { digests.reduce(0) { $0 + (stamps[$1]?.size ?? 0) } }
    if !settings.isDryRun {
      // Results go before what they refer to, so that no crash leaves one whose outputs were collected.
      try forget(removed)
      for digest in removed {
        try cancellation.check()
        try backend.remove(digest)
      }
      try removeFreeLocks()
    }
    return CollectedGarbage(
      kept: live.count, keptBytes: bytes(live), removed: removed, removedBytes: bytes(removed))
  }

  private func roots(among stamps: [Digest: ObjectStamp], _ settings: GarbageSettings) throws -> [Digest] {
    var roots = settings.roots
    if settings.grace > .zero {
      let (seconds, rest) = settings.grace.components
      let young = wallClock() - seconds * 1_000_000_000 - rest / 1_000_000_000
      roots += stamps.filter { $0.value.changed > young }.keys
    }
    // The index names every record; so a damaged one is known for what it was.
    roots += try index.read { db in
      try String.fetchAll(db, sql: "SELECT digest FROM records WHERE type <> ?", arguments: [Record.Kind.actionResult])
    }.compactMap(Digest.init(hex:))
    return roots
  }

  private func reachable(
    from roots: [Digest], among stamps: [Digest: ObjectStamp], _ cancellation: Cancellation
  ) throws -> Set<Digest> {
    let records = Set(
      try index.read { db in try String.fetchAll(db, sql: "SELECT digest FROM records") }
        .compactMap(Digest.init(hex:)))
    var live: Set<Digest> = []
    var damaged: [Digest] = []
    var waiting = roots
    while let digest = waiting.popLast() {
      guard stamps[digest] != nil, live.insert(digest).inserted else { continue }
      try cancellation.check()
      do {
        if records.contains(digest), Digest(of: try backend.read(digest)) != digest { throw StoreError.damaged(digest) }
        waiting += try references(of: digest)
      } catch StoreError.damaged(let digest) {
        damaged.append(digest)
      }
    }
    if !damaged.isEmpty { throw StoreError.collectionUnsafe(damaged.sorted()) }
    return live
  }

  /// Takes removed records and stat data out of the index.
  private func forget(_ digests: [Digest]) throws {
    try index.write(durably: true) { db in
      for digest in digests {
        for sql in [
          "DELETE FROM records WHERE digest = ?", "DELETE FROM results WHERE record = ?",
          "DELETE FROM edges WHERE record = ?", "DELETE FROM objects WHERE digest = ?",
        ] {
          try db.cachedStatement(sql: sql).execute(arguments: [digest.hex])
        }
      }
    }
  }

  private func removeFreeLocks() throws {
    for name in try Files.list(workspace.locksFolder) where name.hasPrefix("action-") || name.hasPrefix("run-") {
      try FileLock.takeIfFree(workspace.locksFolder + "/" + name)?.removeFile()
    }
  }
}
