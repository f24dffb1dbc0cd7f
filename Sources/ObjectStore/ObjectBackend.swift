package import Basics

/// What a backend says of one object without reading it. Two equal stamps of one object mean that nobody wrote to it.
package struct ObjectStamp: Sendable, Hashable {
  package var size: Int
  /// Nanoseconds since 1970.
  package var modified: Int64
  package var changed: Int64
  /// Whether the backend can tell that nobody wrote to the object since it was put, in whatever clock tick that was.
  package var isSealed: Bool

  package init(size: Int, modified: Int64, changed: Int64, isSealed: Bool) {
    self.size = size
    self.modified = modified
    self.changed = changed
    self.isSealed = isSealed
  }
}

/// Where the bytes of objects live. Every conformance passes the one conformance suite.
///
/// A backend does not check content: the store does. Each operation is atomic: an object is there whole or not at all,
/// whatever other processes do.
package protocol ObjectBackend: Sendable {
  /// Nil where the object is not there.
  func stamp(of digest: Digest) throws -> ObjectStamp?

  /// Makes the object durable; one that is there is replaced.
  func put(_ bytes: [UInt8], as digest: Digest) throws

  /// Takes over a file of the staging folder; an object that is there is replaced. On failure the file is gone too.
  func adopt(_ staged: String, as digest: Digest) throws

  /// All bytes. Throws `StoreError.missing` where the object is not there.
  func read(_ digest: Digest) throws -> [UInt8]

  /// A read-only file on this machine with the bytes of the object. Throws `StoreError.missing`.
  func localPath(of digest: Digest) throws -> String

  /// The digests that begin with `prefix` (hex), sorted.
  func list(prefix: String) throws -> [Digest]

  /// Nothing is said where the object is gone already.
  func remove(_ digest: Digest) throws

  /// Removes the object if its bytes do not have its digest, so that it can be put again. A good object may be absent
  /// for a moment. True when it was removed.
  func removeIfDamaged(_ digest: Digest) throws -> Bool
}

extension ObjectBackend {
  package func contains(_ digest: Digest) throws -> Bool { try stamp(of: digest) != nil }
}
