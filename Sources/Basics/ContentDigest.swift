/// The SHA-256 of a file's content, read in pieces of 1 MiB. `progress` is told the bytes of each piece.
package func contentDigest(
  ofFile path: String, progress: (Int) -> Void = { _ in }, cancellation: Cancellation
) throws -> Digest {
  let file = try FileHandle(reading: path)
  var hasher = ContentHasher()
  let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
  defer { buffer.deallocate() }
  while true {
    try cancellation.check()
    let count = try file.read(into: buffer)
    if count == 0 { return hasher.finish() }
    hasher.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    progress(count)
  }
}
