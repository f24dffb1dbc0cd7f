import Glibc

/// Writes `path` so that a crash at any instant leaves the old file or the new one, never a part: a temporary file beside
/// it (or in `staging`, on the same file system) is written, flushed, renamed over it, and the folder flushed.
///
/// `mode` are the permission bits of the file. `write` gets the open temporary file. On failure nothing is left.
package func durableWrite(
  _ path: String, staging: String? = nil, mode: UInt32 = 0o644, _ write: (borrowing FileHandle) throws -> Void
) throws {
  let folder = Files.parentFolder(of: path) ?? "."
  let temporary = "\(staging ?? folder)/.\(Files.lastPart(of: path)).\(uniqueSuffix()).tmp"
  do {
    let file = try FileHandle(creating: temporary)
    try write(file)
    try settle(file, as: path, mode: mode)
  } catch {
    unlink(temporary)
    throw error
  }
}

/// The second half of a durable write, for a file that is already written on the same file system: sets its permission
/// bits and, where given, its modification time (nanoseconds since 1970), flushes it, renames it to `path` over whatever
/// stands there, and flushes the folder of `path`.
package func settle(
  _ staged: borrowing FileHandle, as path: String, mode: UInt32, modified: Int64? = nil
) throws(FileError) {
  try Files.setMode(staged.path, mode)
  if let modified { try Files.setModified(staged.path, modified) }
  try staged.sync()
  try Files.rename(staged.path, to: path)
  try Files.syncFolder(Files.parentFolder(of: path) ?? ".")
}

package func durableWrite(_ path: String, staging: String? = nil, mode: UInt32 = 0o644, bytes: [UInt8]) throws {
  try durableWrite(path, staging: staging, mode: mode) { file in try file.write(bytes) }
}

/// A name no other process or earlier call uses: process id, clock and counter in base 36.
package func uniqueSuffix() -> String {
  var generator = SystemRandomNumberGenerator()
  return String(UInt64(getpid()), radix: 36) + "-" + String(generator.next(), radix: 36)
}

/// Writes `path` as `durableWrite` does, unless something stands there already: then nothing is changed, and false comes back.
/// Of several that try at once, one wins.
package func durableCreate(_ path: String, mode: UInt32 = 0o644, bytes: [UInt8]) throws -> Bool {
  let folder = Files.parentFolder(of: path) ?? "."
  let temporary = "\(folder)/.\(Files.lastPart(of: path)).\(uniqueSuffix()).tmp"
  defer { unlink(temporary) }
  let file = try FileHandle(creating: temporary)
  try file.write(bytes)
  try Files.setMode(temporary, mode)
  try file.sync()
  guard try Files.link(temporary, as: path) else { return false }
  try Files.syncFolder(folder)
  return true
}
