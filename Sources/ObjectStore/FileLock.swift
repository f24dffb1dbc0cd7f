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

  /// Takes the lock of `path`, waiting for it. `onWait` is told once when it is not free at once.
  ///
  /// Throws `Cancelled` while waiting, `FileError` where the file cannot be opened.
  package static func take(
    _ path: String, exclusive: Bool = true, cancellation: Cancellation, onWait: () -> Void = {}
  ) throws -> FileLock {
    if let free = try takeIfFree(path, exclusive: exclusive) { return free }
    onWait()
    while true {
      let lock = try FileLock(path)
      try lock.wait(exclusive: exclusive, cancellation: cancellation)
      if try lock.isCurrent { return lock }
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

  /// Turns a lock that is held into the other sort. For a moment it is not held at all.
  package func change(toExclusive exclusive: Bool, cancellation: Cancellation, onWait: () -> Void = {}) throws {
    try wait(exclusive: exclusive, cancellation: cancellation, onWait: onWait)
  }

  /// The same without waiting; false, and nothing held, where it is not free.
  func changeIfFree(toExclusive exclusive: Bool) throws(FileError) -> Bool {
    try file.lock(exclusive: exclusive, wait: false)
  }

  /// Removes the file of a lock that is held exclusively: whoever waits for it makes a new one.
  package func removeFile() { unlink(file.path) }

  private func wait(exclusive: Bool, cancellation: Cancellation, onWait: () -> Void = {}) throws {
    if try file.lock(exclusive: exclusive, wait: false) { return }
    onWait()
    repeat {
      try cancellation.check()
      usleep(FileLock.pause)
    } while try !file.lock(exclusive: exclusive, wait: false)
  }

  /// False when the last owner removed the file between our opening and our locking it.
  private var isCurrent: Bool {
    get throws(FileError) {
      let ours = try file.status()
      guard let named = try Files.status(file.path) else { return false }
      return ours.inode == named.inode && ours.device == named.device
    }
  }
}
