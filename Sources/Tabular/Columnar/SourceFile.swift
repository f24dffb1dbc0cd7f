import Basics
import Glibc

/// A file of somebody else's that is read here and there, from any thread. Not mapped: it may be cut short meanwhile.
final class SourceFile: @unchecked Sendable {
  private let path: String
  private let name: String
  let size: Int
  private let file: FileHandle
  private let status: FileStatus

  /// Messages call it `name`. Throws `FileError`.
  init(_ path: String, named name: String) throws(FileError) {
    self.path = path
    self.name = name
    file = try FileHandle(reading: path)
    status = try file.status()
    size = status.size
  }

  /// Reads exactly the bytes of `range`. Throws `FileError`, and `ColumnarProblem.truncated` where there are fewer.
  func read(_ range: Range<Int>, into memory: UnsafeMutableRawPointer) throws {
    var done = 0
    while done < range.count {
      let count = pread(file.descriptor, memory + done, range.count - done, off_t(range.lowerBound + done))
      if count < 0 {
        if errno == EINTR { continue }
        throw FileError("read", path)
      }
      if count == 0 { throw ColumnarProblem.truncated }
      done += count
    }
  }

  func read(_ range: Range<Int>) throws -> OwnedBytes {
    let bytes = OwnedBytes(count: range.count)
    if let start = bytes.memory { try read(range, into: start) }
    return bytes
  }

  /// Throws `TypedSourceError` where the file is not what it was when it was opened.
  func checkUnchanged() throws {
    let now = try file.status()
    guard now.size == status.size, now.modified == status.modified else {
      throw TypedSourceError(name, [.changedWhileRead])
    }
  }

  /// What `read` gives of a file of this format. What is wrong with one that was changed meanwhile is that.
  func reading<Result>(_ format: ColumnarFileError.Format, _ read: () throws -> Result) throws -> Result {
    do {
      let result = try read()
      try checkUnchanged()
      return result
    } catch let problem as ColumnarProblem {
      try checkUnchanged()
      throw ColumnarFileError(file: name, format: format, problem: problem)
    }
  }

  /// The digest of all bytes.
  func digest(_ cancellation: Cancellation) throws -> Digest {
    var hasher = ContentHasher()
    let piece = OwnedBytes(count: min(max(1, size), 1 << 20))
    for start in stride(from: 0, to: size, by: 1 << 20) {
      try cancellation.check()
      let range = start..<min(size, start + (1 << 20))
      if let memory = piece.memory { try read(range, into: memory) }
      piece.withBytes { hasher.update(UnsafeRawBufferPointer(rebasing: $0[..<range.count])) }
    }
    try checkUnchanged()
    return hasher.finish()
  }
}
