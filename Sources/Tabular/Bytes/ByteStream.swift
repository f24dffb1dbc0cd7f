/// Bytes that are read once, from front to back, by one thread at a time.
package protocol ByteStream: AnyObject {
  /// Reads up to `buffer.count` bytes, which must not be 0; returns 0 at the end alone. Throws `FileError`,
  /// `CompressedBytesError` and `Cancelled`.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int

  /// Bytes of the file, as it is stored, that were taken in so far: what progress is measured by.
  var consumed: Int { get }
}

extension ByteStream {
  /// Fills `buffer`, or as much of it as there is until the end.
  package func fill(_ buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    var count = 0
    while count < buffer.count {
      let read = try read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[count...]))
      if read == 0 { break }
      count += read
    }
    return count
  }
}
