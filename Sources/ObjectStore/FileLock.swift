package import Basics
import Glibc

/// An advisory lock on a file (`flock`). It ends with this value or with the process, whichever comes first.
package final class FileLock: Sendable {
  private let file: FileHandle

  /// How long a waiting thread sleeps between two tries, in microseconds.
  private static let pause: UInt32 = 20_000

  private init(_ path: String) throws(FileError) {
    file = try FileHandle(appending: path)
  }

  /// Takes the lock of `path`, waiting for it. `onWait` is told once when it is not free within a few milliseconds.
  ///
  /// Throws `Cancelled` while waiting, `FileError` where the file cannot be opened.
  package static func take(
    _ path: String, exclusive: Bool = true, cancellation: Cancellation, onWait: () -> Void = {}
  ) throws -> FileLock {
    // Most locks are held for an instant, which is not worth a word.
    for _ in 0..<5 {
      if let free = try takeIfFree(path, exclusive: exclusive) { return free }
      try cancellation.check()
      usleep(1000)
    }
    onWait()
    while true {
      if let free = try takeIfFree(path, exclusive: exclusive) { return free }
      try cancellation.check()
      usleep(pause)
    }
  }

  /// The lock of `path` if it is free; nil otherwise.
  package static func takeIfFree(_ path: String, exclusive: Bool = true) throws(FileError) -> FileLock? {
    while true {
      let lock = try FileLock(path)
      guard try lock.file.lock(exclusive: exclusive, wait: false) else { return nil }
      if try lock.isCurrent { return lock }
    }
  }

  /// Whether somebody has the lock of `path`, in this process or another.
  package static func isTaken(_ path: String) throws(FileError) -> Bool {
    guard Files.exists(path) else { return false }
    return try takeIfFree(path) == nil
  }

  /// Turns a lock that is held into the other sort, waiting for it. For a moment it is not held at all.
  package func change(toExclusive exclusive: Bool, cancellation: Cancellation, onWait: () -> Void = {}) throws {
    if try file.lock(exclusive: exclusive, wait: false) { return }
    onWait()
    repeat {
      try cancellation.check()
      usleep(FileLock.pause)
    } while try !file.lock(exclusive: exclusive, wait: false)
  }

  /// Removes the file of a lock that is held exclusively: whoever waits for it makes a new one.
  package func removeFile() { unlink(file.path) }

  /// False when the last owner removed the file between our opening and our locking it.
  private var isCurrent: Bool {
    get throws(FileError) {
      let ours = try file.status()
      guard let named = try Files.status(file.path) else { return false }
      return ours.inode == named.inode && ours.device == named.device
    }
  }
}
