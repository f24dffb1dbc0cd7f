import CPlatform
import Glibc
import Synchronization

/// Faults for tests: every durable operation passes here before it is done.
///
/// `MLFLOWCTL_FAULT=crash@N` ends the process by SIGKILL at the N-th operation (from 1);
/// `MLFLOWCTL_FAULT=enospc@N` makes that one and all later ones fail as on a full disk.
package enum FaultPoint {
  private enum Fault { case none, crash(Int), full(Int) }

  private static let fault: Fault = {
    guard let text = getenv("MLFLOWCTL_FAULT") else { return .none }
    let parts = String(cString: text).split(separator: "@")
    guard parts.count == 2, let number = Int(parts[1]) else { return .none }
    return parts[0] == "crash" ? .crash(number) : parts[0] == "enospc" ? .full(number) : .none
  }()

  private static let counter = Atomic<Int>(0)

  /// A full disk for tests within one process, from the `first` operation on; it counts in the calling thread only.
  private final class FullDisk: Sendable {
    let first: Int
    let passed = Atomic<Int>(0)
    init(first: Int) { self.first = first }
  }

  @TaskLocal private static var fullDisk: FullDisk?

  /// Runs `body` with the disk full from its `first` durable operation (from 1) on.
  package static func withFullDisk<Result>(from first: Int, _ body: () throws -> Result) rethrows -> Result {
    try $fullDisk.withValue(FullDisk(first: first)) { try body() }
  }

  /// Operations passed so far in this process.
  package static var count: Int { counter.load(ordering: .relaxed) }

  /// Called before each durable operation. Throws only where a test asked for it.
  package static func pass(_ operation: String, _ path: String) throws(FileError) {
    if let fullDisk, fullDisk.passed.add(1, ordering: .relaxed).newValue >= fullDisk.first {
      throw FileError(operation, path, ENOSPC)
    }
    let number = counter.add(1, ordering: .relaxed).newValue
    switch fault {
    case .none: return
    case .crash(let at): if number == at { cplatform_crash() }
    case .full(let at): if number >= at { throw FileError(operation, path, ENOSPC) }
    }
  }
}
