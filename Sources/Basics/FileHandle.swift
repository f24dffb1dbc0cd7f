import CPlatform
import Glibc

/// An open file that closes itself.
package struct FileHandle: ~Copyable {
  package let descriptor: Int32
  package let path: String

  package init(reading path: String) throws(FileError) {
    try self.init("open", path, open(path, O_RDONLY | O_CLOEXEC))
  }

  /// A new file, which must not be there yet.
  package init(creating path: String, mode: UInt32 = 0o666) throws(FileError) {
    try FaultPoint.pass("create", path)
    try self.init("create", path, open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode))
  }

  /// A file to add to or to lock, made where it is missing.
  package init(appending path: String) throws(FileError) {
    try self.init("open", path, open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o666))
  }

  private init(_ operation: String, _ path: String, _ descriptor: Int32) throws(FileError) {
    if descriptor < 0 { throw FileError(operation, path) }
    self.descriptor = descriptor
    self.path = path
  }

  deinit { close(descriptor) }

  package func status() throws(FileError) -> FileStatus {
    try Files.status(ofDescriptor: descriptor, path: path)
  }

  package func write(_ bytes: [UInt8]) throws(FileError) {
    let result = bytes.withUnsafeBytes { bytes in Result { () throws(FileError) in try self.write(bytes) } }
    try result.get()
  }

  package func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    try FaultPoint.pass("write", path)
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
      if count < 0 {
        if errno == EINTR { continue }
        throw FileError("write", path)
      }
      rest = rest.dropFirst(count)
    }
  }

  /// Writes pieces one after the other, in as few calls as the system takes.
  package func write(_ pieces: [UnsafeRawBufferPointer]) throws(FileError) {
    try FaultPoint.pass("write", path)
    // The system takes at most 1024.
    var rest = pieces.filter { !$0.isEmpty }[...]
    while !rest.isEmpty {
      let vectors = rest.prefix(1024).map {
        iovec(iov_base: UnsafeMutableRawPointer(mutating: $0.baseAddress), iov_len: $0.count)
      }
      var count = writev(descriptor, vectors, Int32(vectors.count))
      if count < 0 {
        if errno == EINTR { continue }
        throw FileError("write", path)
      }
      while count > 0, let piece = rest.first, count >= piece.count {
        count -= piece.count
        rest.removeFirst()
      }
      if count > 0, let piece = rest.first { rest[rest.startIndex] = UnsafeRawBufferPointer(rebasing: piece[count...]) }
    }
  }

  /// Reads into `buffer` from the current position; 0 at the end of the file.
  package func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
    while true {
      let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
      if count >= 0 { return count }
      if errno != EINTR { throw FileError("read", path) }
    }
  }

  /// Fills `buffer` from `offset` on; fewer bytes only at the end of the file. How many there were.
  @discardableResult
  package func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(FileError) -> Int {
    var filled = 0
    while filled < buffer.count {
      let target = buffer.baseAddress.map { $0 + filled }
      let count = pread(descriptor, target, buffer.count - filled, offset + filled)
      if count == 0 { break }
      if count < 0 {
        if errno == EINTR { continue }
        throw FileError("read", path)
      }
      filled += count
    }
    return filled
  }

  /// Writes over what stands at `offset`.
  package func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(FileError) {
    try FaultPoint.pass("write", path)
    var written = 0
    while written < bytes.count {
      let count = pwrite(descriptor, bytes.baseAddress.map { $0 + written }, bytes.count - written, offset + written)
      if count < 0 {
        if errno == EINTR { continue }
        throw FileError("write", path)
      }
      written += count
    }
  }

  /// Lets the system begin to bring bytes to the disk that a later `sync` would wait for. Failing does no harm.
  package func startFlushing(_ range: Range<Int>) {
    cplatform_start_flushing(descriptor, Int64(range.lowerBound), Int64(range.count))
  }

  /// All bytes from the current position on.
  package func readAll() throws(FileError) -> [UInt8] {
    var out: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: max(4096, min(1 << 20, try status().size + 1)))
    while true {
      let result = buffer.withUnsafeMutableBytes { bytes in
        Result { () throws(FileError) in try self.read(into: bytes) }
      }
      let count = try result.get()
      if count == 0 { return out }
      out.append(contentsOf: buffer[..<count])
    }
  }

  package func sync() throws(FileError) {
    try FaultPoint.pass("flush", path)
    if fsync(descriptor) != 0 { throw FileError("flush", path) }
  }

  package func truncate(to size: Int) throws(FileError) {
    try FaultPoint.pass("truncate", path)
    if ftruncate(descriptor, size) != 0 { throw FileError("truncate", path) }
  }

  /// Takes the advisory lock of this file, which ends with the handle or the process. False when another has it and
  /// `wait` is false.
  package func lock(exclusive: Bool = true, wait: Bool = true) throws(FileError) -> Bool {
    let number = cplatform_lock(descriptor, exclusive ? 1 : 0, wait ? 0 : 1)
    if number == EWOULDBLOCK { return false }
    if number != 0 { throw FileError("lock", path, number) }
    return true
  }

  /// Gives the advisory lock back before the handle ends.
  package func unlock() throws(FileError) {
    let number = cplatform_unlock(descriptor)
    if number != 0 { throw FileError("unlock", path, number) }
  }
}
