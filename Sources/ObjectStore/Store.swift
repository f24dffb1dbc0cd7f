package import Basics
import GRDB
import Synchronization

/// Everything a workspace keeps: objects named by their SHA-256, records among them, and the index over the records.
///
/// An open store holds the workspace's store lock shared, until the value or the process ends; garbage is collected only
/// under the exclusive lock, so what one process stages or is about to refer to is never collected by another.
package final class Store: Sendable {
  package let workspace: Workspace
  package let backend: any ObjectBackend
  let index: Index
  let lock: FileLock
  /// Objects whose content this process hashed, by the stamp that they had then.
  let hashedHere = Mutex<[Digest: ObjectStamp]>([:])

  /// Opens the store of `workspace`, making it where there is none. Waits while garbage is being collected: `onWait` is
  /// told once. Leftovers of dead processes in `tmp/` are swept by whoever finds itself alone.
  ///
  /// Throws `FileError`, or `Cancelled` while waiting.
  package static func open(
    _ workspace: Workspace, cancellation: Cancellation = Cancellation(), onWait: () -> Void = {}
  ) throws -> Store {
    try workspace.prepare()
    return try open(
      workspace, backend: FileBackend(folder: workspace.objectsFolder, staging: workspace.temporaryFolder),
      cancellation: cancellation, onWait: onWait)
  }

  /// The same over another backend. The folders of the workspace must be there.
  package static func open(
    _ workspace: Workspace, backend: any ObjectBackend, cancellation: Cancellation = Cancellation(),
    onWait: () -> Void = {}
  ) throws -> Store {
    let path = workspace.locksFolder + "/store.lock"
    if let alone = try FileLock.takeIfFree(path) {
      for name in try Files.list(workspace.temporaryFolder) {
        try Files.removeTree(workspace.temporaryFolder + "/" + name)
      }
      try alone.change(toExclusive: false, cancellation: cancellation, onWait: onWait)
      return Store(workspace, backend, alone)
    }
    let shared = try FileLock.take(path, exclusive: false, cancellation: cancellation, onWait: onWait)
    return Store(workspace, backend, shared)
  }

  private init(_ workspace: Workspace, _ backend: any ObjectBackend, _ lock: FileLock) {
    self.workspace = workspace
    self.backend = backend
    self.lock = lock
    index = Index(
      path: workspace.indexPath, lockPath: workspace.locksFolder + "/index.lock",
      fill: { db in
        try eachRecord(in: backend) { record, digest in try Index.enter(record, digest, in: db) }
      })
  }

  /// Makes the index anew from the objects. Nothing but caches of stat data is lost.
  package func reindex() throws {
    try index.rebuild()
  }

  /// What is wrong with the index file; empty when it is sound.
  package func indexProblems() throws -> [String] {
    try index.problems()
  }

  /// A path in the staging folder that nobody else uses. Nothing is there yet. What is left there when the process dies
  /// is swept later.
  package func makeStagingPath() -> String {
    workspace.temporaryFolder + "/" + uniqueSuffix()
  }

  /// Does `body` while no other thread or process does it for the same action. Waits for the lock; `onWait` is told once.
  ///
  /// Throws `Cancelled` while waiting.
  package func withActionLock<Result>(
    _ key: Digest, cancellation: Cancellation, onWait: () -> Void = {}, _ body: () throws -> Result
  ) throws -> Result {
    let lock = try FileLock.take(
      "\(workspace.locksFolder)/action-\(key.hex)", cancellation: cancellation, onWait: onWait)
    defer { lock.removeFile() }
    return try body()
  }
}

/// Visits every sound record of a backend, in order of digests. A record whose bytes do not have its digest is left out.
func eachRecord(in backend: any ObjectBackend, _ body: (Record, Digest) throws -> Void) throws {
  for digest in try backend.list(prefix: "") {
    guard try hasPrefix(Record.prefix, digest, in: backend), let bytes = try? backend.read(digest),
      Digest(of: bytes) == digest, let record = Record(bytes: bytes)
    else { continue }
    try body(record, digest)
  }
}

/// Whether an object begins with `prefix`. False where it cannot be read.
func hasPrefix(_ prefix: [UInt8], _ digest: Digest, in backend: any ObjectBackend) throws -> Bool {
  guard let path = try? backend.localPath(of: digest), let head = try? firstBytes(prefix.count, of: path) else {
    return false
  }
  return head == prefix
}

private func firstBytes(_ count: Int, of path: String) throws -> [UInt8] {
  let file = try FileHandle(reading: path)
  let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 1)
  defer { buffer.deallocate() }
  return Array(buffer[..<(try file.read(into: buffer))])
}
