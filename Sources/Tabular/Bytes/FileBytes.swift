import Basics
import Glibc

/// The bytes of a file or a pipe as they are.
final class FileBytes: ByteStream {
  let name: String
  private let file: FileHandle?
  private let descriptor: Int32
  private let cancellation: Cancellation
  /// Whether a read may wait for as long as it takes somebody to write.
  private let mayWait: Bool
  /// Bytes that were read ahead of `read`.
  private var pending: [UInt8] = []
  private(set) var consumed = 0

  init(_ file: consuming FileHandle, _ cancellation: Cancellation) {
    name = file.path
    descriptor = file.descriptor
    mayWait = FileBytes.mayWait(file.descriptor)
    self.file = consume file
    self.cancellation = cancellation
  }

  /// The descriptor stays open.
  init(descriptor: Int32, named name: String, _ cancellation: Cancellation) {
    self.name = name
    self.descriptor = descriptor
    mayWait = FileBytes.mayWait(descriptor)
    file = nil
    self.cancellation = cancellation
  }

  private static func mayWait(_ descriptor: Int32) -> Bool {
    var status = stat()
    return fstat(descriptor, &status) != 0 || status.st_mode & S_IFMT != S_IFREG
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    try cancellation.check()
    if !pending.isEmpty {
      let count = min(pending.count, buffer.count)
      buffer.copyBytes(from: pending[..<count])
      pending.removeFirst(count)
      consumed += count
      return count
    }
    let count = try readFile(buffer)
    consumed += count
    return count
  }

  /// The first bytes of what is left, fewer at the end; they stay to be read.
  func peek(_ count: Int) throws -> [UInt8] {
    while pending.count < count {
      var more = [UInt8](repeating: 0, count: count - pending.count)
      let read = try more.withUnsafeMutableBytes { try readFile($0) }
      if read == 0 { break }
      pending += more[..<read]
    }
    return Array(pending.prefix(count))
  }

  private func readFile(_ buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    while true {
      if mayWait { try waitUntilReadable(descriptor, cancellation) }
      let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
      if count >= 0 { return count }
      if errno != EINTR { throw FileError("read", name) }
      try cancellation.check()
    }
  }
}
