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
    try Files.setMode(temporary, mode)
    try file.sync()
    try Files.rename(temporary, to: path)
    try Files.syncFolder(folder)
  } catch {
    unlink(temporary)
    throw error
  }
}

package func durableWrite(_ path: String, staging: String? = nil, mode: UInt32 = 0o644, bytes: [UInt8]) throws {
  try durableWrite(path, staging: staging, mode: mode) { file in try file.write(bytes) }
}

/// A name no other process or earlier call uses: process id, clock and counter in base 36.
package func uniqueSuffix() -> String {
  var generator = SystemRandomNumberGenerator()
  return String(UInt64(getpid()), radix: 36) + "-" + String(generator.next(), radix: 36)
}
