package import Basics
import Glibc

/// Writes an object in pieces and hashes it on the way. What is not finished leaves nothing behind.
package struct ObjectWriter: ~Copyable {
  private let store: Store
  private let file: FileHandle
  private var hasher = ContentHasher()
  /// Bytes written so far.
  package private(set) var size = 0

  fileprivate init(_ store: Store) throws {
    self.store = store
    file = try FileHandle(creating: store.makeStagingPath())
  }

  deinit { unlink(file.path) }

  package mutating func write(_ bytes: UnsafeRawBufferPointer) throws {
    try file.write(bytes)
    hasher.update(bytes)
    size += bytes.count
  }

  package mutating func write(_ bytes: [UInt8]) throws {
    try bytes.withUnsafeBytes { try write($0) }
  }

  /// Keeps what was written. Call once, last.
  package mutating func finish() throws -> Digest {
    let done = hasher
    return try store.adopt(file.path, digest: done.finish())
  }
}

extension Store {
  package func makeWriter() throws -> ObjectWriter { try ObjectWriter(self) }
}
