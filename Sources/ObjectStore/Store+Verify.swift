package import Basics
import GRDB
import Synchronization

/// What a look at every object found.
package struct Verification: Sendable, Hashable {
  package struct Fault: Sendable, Hashable {
    package var digest: Digest
    /// What refers to it: `output 'model' of train`, `file 'model.json' of tree 9f3c…`, `record of type run-end`.
    package var uses: [String]
  }

  package var objects: Int
  package var bytes: Int
  /// Objects whose bytes do not have their digest, sorted.
  package var damaged: [Fault]
  /// Outputs and files of trees that are not there, sorted. That is a cache miss, not damage.
  package var missing: [Fault]
}

extension Store {
  /// Hashes every object again, on `threads` threads. `progress` is told, from any of them, how many bytes of how many are
  /// done. With `removing`, damaged objects are removed so that they can be made anew.
  ///
  /// Throws `Cancelled`, `FileError`.
  package func verify(
    threads: Int, removing: Bool = false, progress: @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in },
    cancellation: Cancellation
  ) throws -> Verification {
    var listed: [(digest: Digest, size: Int)] = []
    for digest in try backend.list(prefix: "") {
      if let stamp = try backend.stamp(of: digest) { listed.append((digest, stamp.size)) }
    }
    let objects = listed
    let total = objects.reduce(0) { $0 + $1.size }
    let done = Atomic<Int>(0)
    let damaged = Mutex<[Digest]>([])
    let references = Mutex<[Digest: [String]]>([:])
    let backend = backend
    try parallelFor(count: objects.count, threads: threads) { index in
      let digest = objects[index].digest
      guard let path = try? backend.localPath(of: digest) else { return }
      let isSound =
        try hashed(path, cancellation) { count in
          progress(done.add(count, ordering: .relaxed).newValue, total)
        } == digest
      guard isSound else { return damaged.withLock { $0.append(digest) } }
      guard let tree = try treeIfAny(digest) else { return }
      references.withLock { references in
        for entry in tree.entries {
          references[entry.digest, default: []].append("file '\(entry.path)' of tree \(digest.short)…")
        }
      }
    }
    let found = damaged.withLock { $0 }.sorted()
    let inTrees = references.withLock { $0 }
    let faults = try found.map { try fault($0, inTrees) }
    if removing { for digest in found { _ = try backend.removeIfDamaged(digest) } }
    let present = Set(objects.map(\.digest))
    let expected = try Set(latestOutputs()).union(inTrees.keys)
    return Verification(
      objects: objects.count, bytes: total, damaged: faults,
      missing: try expected.subtracting(present).sorted().map { try fault($0, inTrees) })
  }

  /// Nil where the medium cannot give the bytes back.
  private func hashed(_ path: String, _ cancellation: Cancellation, _ progress: (Int) -> Void) throws -> Digest? {
    do { return try contentDigest(ofFile: path, progress: progress, cancellation: cancellation) } catch is FileError {
      return nil
    }
  }

  private func treeIfAny(_ digest: Digest) throws -> Tree? {
    guard try hasPrefix(Tree.prefix, digest, in: backend) else { return nil }
    return Tree(bytes: try backend.read(digest))
  }

  private func fault(_ digest: Digest, _ inTrees: [Digest: [String]]) throws -> Verification.Fault {
    let type = try index.read { db in
      try String.fetchOne(db, sql: "SELECT type FROM records WHERE digest = ?", arguments: [digest.hex])
    }
    var uses = type.map { ["record of type \($0)"] } ?? []
    for use in try self.uses(of: digest).map(\.text) where !uses.contains(use) { uses.append(use) }
    return Verification.Fault(digest: digest, uses: uses + (inTrees[digest] ?? []).sorted())
  }

  private func latestOutputs() throws -> [Digest] {
    let texts = try index.read { db in
      try String.fetchAll(
        db,
        sql: """
          SELECT DISTINCT digest FROM edges JOIN results ON results.record = edges.record WHERE role = 'output'
          """)
    }
    return texts.compactMap(Digest.init(hex:))
  }
}
