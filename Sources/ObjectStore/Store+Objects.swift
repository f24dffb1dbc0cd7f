package import Basics
import GRDB
import Synchronization

extension Store {
  /// Keeps `bytes` as an object. One that is there and was not written to since is left alone.
  package func put(_ bytes: [UInt8]) throws -> Digest {
    let digest = Digest(of: bytes)
    if try !isTrusted(digest, size: bytes.count) { try backend.put(bytes, as: digest) }
    return digest
  }

  /// Keeps the content of a staged file (see `makeStagingPath`) as an object and takes the file away. `digest` may be given
  /// by whoever hashed while writing; it must be right.
  package func adopt(
    _ staged: String, digest: Digest? = nil, cancellation: Cancellation = Cancellation()
  ) throws -> Digest {
    let digest = try digest ?? contentDigest(ofFile: staged, cancellation: cancellation)
    if let size = try Files.status(staged)?.size, try isTrusted(digest, size: size) {
      try Files.remove(staged)
    } else {
      try backend.adopt(staged, as: digest)
      noteHashed(digest)
    }
    return digest
  }

  /// Keeps a copy of any file as an object, hashing while copying.
  package func put(copyOf path: String, cancellation: Cancellation = Cancellation()) throws -> Digest {
    var writer = try makeWriter()
    let source = try FileHandle(reading: path)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
    defer { buffer.deallocate() }
    while true {
      try cancellation.check()
      let count = try source.read(into: buffer)
      if count == 0 { return try writer.finish() }
      try writer.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
  }

  /// Whether the object is there. Its content is not looked at.
  package func contains(_ digest: Digest) throws -> Bool { try backend.contains(digest) }

  /// The bytes of an object, hashed again. Throws `StoreError.missing`, or `.damaged` after removing the object.
  package func read(_ digest: Digest) throws -> [UInt8] {
    let bytes = try backend.read(digest)
    guard Digest(of: bytes) == digest else { throw try damaged(digest) }
    return bytes
  }

  /// A local read-only file with the content of an object, without a look at it.
  package func path(of digest: Digest) throws -> String { try backend.localPath(of: digest) }

  /// The same after hashing the whole content again: what a new action, a deployment or a server consumes is checked first.
  /// What this process hashed itself, and nobody wrote to since, is not hashed twice.
  ///
  /// Throws `StoreError.missing`, or `.damaged` after removing the object.
  package func verifiedPath(of digest: Digest, cancellation: Cancellation) throws -> String {
    let seen = wallClock()
    guard let stamp = try backend.stamp(of: digest) else { throw StoreError.missing(digest) }
    let path = try backend.localPath(of: digest)
    if hashedHere.withLock({ $0[digest] }) == stamp { return path }
    guard try contentDigest(ofFile: path, cancellation: cancellation) == digest else { throw try damaged(digest) }
    if stamp.isSealed { hashedHere.withLock { $0[digest] = stamp } }
    if try !isNoted(digest, stamp) { try note([(digest, stamp)], seen: seen) }
    return path
  }

  /// Remembers that this process hashed an object, with the stamp that it has now, just put.
  private func noteHashed(_ digest: Digest) {
    guard let stamp = try? backend.stamp(of: digest), stamp.isSealed else { return }
    hashedHere.withLock { $0[digest] = stamp }
  }

  private func damaged(_ digest: Digest) throws -> StoreError {
    _ = try backend.removeIfDamaged(digest)
    return .damaged(digest)
  }
}

extension Store {
  /// Whether an object is what it should be, as far as stat data and, where those do not settle it, its content say.
  enum Condition: Sendable, Hashable { case sound, missing, damaged }

  /// A damaged object is removed, so that it can be made again.
  func condition(of digest: Digest, cancellation: Cancellation) throws -> Condition {
    let seen = wallClock()
    guard let stamp = try backend.stamp(of: digest) else { return .missing }
    if try isNoted(digest, stamp) { return .sound }
    guard let path = try? backend.localPath(of: digest) else { return .missing }
    if try contentDigest(ofFile: path, cancellation: cancellation) == digest {
      try note([(digest, stamp)], seen: seen)
      return .sound
    }
    return try backend.removeIfDamaged(digest) ? .damaged : .sound
  }

  private func isTrusted(_ digest: Digest, size: Int) throws -> Bool {
    guard let stamp = try backend.stamp(of: digest), stamp.size == size else { return false }
    return try isNoted(digest, stamp)
  }

  /// Whether the object has the stamp that it had when its content was last known to be right.
  private func isNoted(_ digest: Digest, _ stamp: ObjectStamp) throws -> Bool {
    try index.read { db in
      let statement = try db.cachedStatement(sql: "SELECT size, modified, changed, noted FROM objects WHERE digest = ?")
      guard let row = try Row.fetchOne(statement, arguments: [digest.hex]) else { return false }
      let isSame = (row[0], row[1], row[2]) == (stamp.size, stamp.modified, stamp.changed)
      return isSame && (stamp.isSealed || isSettled(stamp.modified, stamp.changed, at: row[3]))
    }
  }

  /// Remembers the stamps of objects that nobody wrote to since they were put.
  func noteSealed(_ digests: [Digest]) throws {
    let seen = wallClock()
    let stamps = try digests.compactMap { digest in try backend.stamp(of: digest).map { (digest, $0) } }
    try note(stamps.filter { $0.1.isSealed }, seen: seen)
  }

  /// Remembers stamps that objects had at the instant `seen`, before their content was found right.
  private func note(_ stamps: [(Digest, ObjectStamp)], seen: Int64) throws {
    try index.write { db in
      let statement = try db.cachedStatement(
        sql: "INSERT OR REPLACE INTO objects (digest, size, modified, changed, noted) VALUES (?, ?, ?, ?, ?)")
      for (digest, stamp) in stamps {
        try statement.execute(arguments: [digest.hex, stamp.size, stamp.modified, stamp.changed, seen])
      }
    }
  }
}
