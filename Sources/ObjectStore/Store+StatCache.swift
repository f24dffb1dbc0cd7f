package import Basics
import GRDB

extension Store {
  /// The digest of any file's content. A file that has not changed since it was last hashed is not read again; a file
  /// written within the last tick of the clock is not trusted for the next time.
  ///
  /// `progress` is told how many bytes were read. Throws `FileError`, `Cancelled`.
  package func digest(
    ofFile path: String, progress: (Int) -> Void = { _ in }, cancellation: Cancellation
  ) throws -> Digest {
    let seen = wallClock()
    guard let path = Files.resolved(path), let before = try Files.status(path) else { throw FileError("open", path) }
    if let known = try knownDigest(of: path, before) { return known }
    let digest = try contentDigest(ofFile: path, progress: progress, cancellation: cancellation)
    // A file that changes under our hands is hashed as it was read, and not remembered.
    if try Files.status(path) == before { try remember(path, before, digest, seen: seen) }
    return digest
  }

  /// Whether `digest` would tell the digest of a file without reading it.
  package func knowsDigest(ofFile path: String) throws -> Bool {
    guard let path = Files.resolved(path), let status = try Files.status(path) else { return false }
    return try knownDigest(of: path, status) != nil
  }

  private func knownDigest(of path: String, _ status: FileStatus) throws -> Digest? {
    try index.read { db in
      let statement = try db.cachedStatement(
        sql: """
          SELECT digest, noted FROM files
          WHERE path = ? AND device = ? AND inode = ? AND size = ? AND modified = ? AND changed = ?
          """)
      let row = try Row.fetchOne(
        statement,
        arguments: [
          path, Int64(bitPattern: status.device), Int64(bitPattern: status.inode), status.size, status.modified,
          status.changed,
        ])
      guard let row, isSettled(status.modified, status.changed, at: row[1]) else { return nil }
      return Digest(hex: row[0])
    }
  }

  private func remember(_ path: String, _ status: FileStatus, _ digest: Digest, seen: Int64) throws {
    try index.write { db in
      try db.cachedStatement(
        sql: """
          INSERT OR REPLACE INTO files (path, device, inode, size, modified, changed, noted, digest)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?)
          """
      ).execute(arguments: [
        path, Int64(bitPattern: status.device), Int64(bitPattern: status.inode), status.size, status.modified,
        status.changed, seen, digest.hex,
      ])
    }
  }
}
