package import Basics
import Glibc

/// Objects as read-only files of a folder: `9f/3c21…`.
///
/// Their modification time is one fixed instant, so that any later write shows in `stat`, in whatever clock tick it falls.
package struct FileBackend: ObjectBackend {
  package let folder: String
  /// On the same file system as `folder`.
  package let staging: String

  /// 1970-01-01T00:00:01Z in nanoseconds.
  private static let sealedTime: Int64 = 1_000_000_000

  package init(folder: String, staging: String) {
    self.folder = folder
    self.staging = staging
  }

  package func path(of digest: Digest) -> String {
    let hex = digest.hex
    return "\(folder)/\(hex.prefix(2))/\(hex.dropFirst(2))"
  }

  package func stamp(of digest: Digest) throws -> ObjectStamp? {
    guard let status = try Files.status(path(of: digest), followLinks: false), status.kind == .file else { return nil }
    return ObjectStamp(
      size: status.size, modified: status.modified, changed: status.changed,
      isSealed: status.modified == FileBackend.sealedTime)
  }

  package func put(_ bytes: [UInt8], as digest: Digest) throws {
    let staged = "\(staging)/\(uniqueSuffix())"
    do {
      try stage(bytes, staged)
      try place(staged, as: digest)
    } catch {
      unlink(staged)
      throw error
    }
  }

  package func adopt(_ staged: String, as digest: Digest) throws {
    do { try place(staged, as: digest) } catch {
      unlink(staged)
      throw error
    }
  }

  private func stage(_ bytes: [UInt8], _ path: String) throws {
    let file = try FileHandle(creating: path)
    try file.write(bytes)
  }

  private func place(_ staged: String, as digest: Digest) throws {
    let parent = "\(folder)/\(digest.hex.prefix(2))"
    if !Files.exists(parent) {
      try Files.makeFolder(parent)
      try Files.syncFolder(folder)
    }
    let file = try FileHandle(reading: staged)
    try settle(file, as: path(of: digest), mode: 0o444, modified: FileBackend.sealedTime)
  }

  package func read(_ digest: Digest) throws -> [UInt8] {
    do { return try Files.read(path(of: digest)) } catch  where error.isMissing { throw StoreError.missing(digest) }
  }

  package func localPath(of digest: Digest) throws -> String {
    guard try contains(digest) else { throw StoreError.missing(digest) }
    return path(of: digest)
  }

  package func list(prefix: String) throws -> [Digest] {
    let head = prefix.prefix(2)
    let rest = prefix.dropFirst(2)
    var found: [Digest] = []
    let folders = head.count == 2 ? [String(head)] : try Files.list(folder).filter { $0.hasPrefix(head) }
    for name in folders where name.utf8.count == 2 {
      for tail in try Files.list("\(folder)/\(name)") where tail.hasPrefix(rest) {
        if let digest = Digest(hex: name + tail) { found.append(digest) }
      }
    }
    return found
  }

  package func remove(_ digest: Digest) throws {
    try Files.remove(path(of: digest))
  }

  package func removeIfDamaged(_ digest: Digest) throws -> Bool {
    // Somebody may put good bytes between a look at the bad ones and their removal. So the object is first moved to
    // where nobody writes, judged there, and brought back when it turns out good.
    let aside = "\(staging)/\(uniqueSuffix())"
    guard try move(digest, to: aside) else { return false }
    do {
      if try isIntact(aside, digest) {
        try Files.rename(aside, to: path(of: digest))
        return false
      }
    } catch {
      try Files.rename(aside, to: path(of: digest))
      throw error
    }
    try Files.remove(aside)
    return true
  }

  /// False where the object is not there.
  private func move(_ digest: Digest, to target: String) throws -> Bool {
    do { try Files.rename(path(of: digest), to: target) } catch  where error.isMissing { return false }
    return true
  }

  /// False also where the medium cannot give the bytes back.
  private func isIntact(_ path: String, _ digest: Digest) throws -> Bool {
    do { return try contentDigest(ofFile: path, cancellation: Cancellation()) == digest } catch let error as FileError {
      if error.number == EIO { return false }
      throw error
    }
  }
}
