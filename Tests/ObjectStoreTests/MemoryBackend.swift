import Basics
import Glibc
import ObjectStore
import Synchronization

/// Objects in memory: shows that the store asks nothing of a backend beyond the protocol.
final class MemoryBackend: ObjectBackend {
  private struct Content {
    var bytes: [UInt8]
    var stamp: ObjectStamp
  }

  private let objects = Mutex<[Digest: Content]>([:])
  private let clock = Atomic<Int64>(1)
  /// Where files are laid for `localPath`.
  private let folder: String

  init(folder: String) { self.folder = folder }

  func stamp(of digest: Digest) -> ObjectStamp? { objects.withLock { $0[digest]?.stamp } }

  func put(_ bytes: [UInt8], as digest: Digest) {
    let now = clock.add(1, ordering: .relaxed).newValue
    let stamp = ObjectStamp(size: bytes.count, modified: now, changed: now, isSealed: true)
    objects.withLock { $0[digest] = Content(bytes: bytes, stamp: stamp) }
  }

  func adopt(_ staged: String, as digest: Digest) throws {
    defer { unlink(staged) }
    put(try Files.read(staged), as: digest)
  }

  func read(_ digest: Digest) throws -> [UInt8] {
    guard let content = objects.withLock({ $0[digest] }) else { throw StoreError.missing(digest) }
    return content.bytes
  }

  func localPath(of digest: Digest) throws -> String {
    let path = folder + "/" + uniqueSuffix()
    try durableWrite(path, bytes: try read(digest))
    return path
  }

  func list(prefix: String) -> [Digest] {
    objects.withLock { $0.keys.filter { $0.hex.hasPrefix(prefix) }.sorted() }
  }

  func remove(_ digest: Digest) { objects.withLock { $0[digest] = nil } }

  func removeIfDamaged(_ digest: Digest) -> Bool {
    objects.withLock { objects in
      guard let content = objects[digest], Digest(of: content.bytes) != digest else { return false }
      objects[digest] = nil
      return true
    }
  }
}
