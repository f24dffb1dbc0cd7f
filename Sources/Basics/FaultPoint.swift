import CPlatform
import Glibc
import Synchronization

/// Faults for tests: every durable operation passes here before it is done.
///
/// `MLFLOWCTL_FAULT=crash@N` ends the process by SIGKILL at the N-th operation (from 1);
/// `MLFLOWCTL_FAULT=enospc@N` makes that one and all later ones fail as on a full disk;
/// `MLFLOWCTL_FAULT=count` writes nothing but reports the number of operations through `count`.
package enum FaultPoint {
  private enum Fault { case none, crash(Int), full(Int) }

  private static let fault: Fault = {
    guard let text = getenv("MLFLOWCTL_FAULT") else { return .none }
    let parts = String(cString: text).split(separator: "@")
    guard parts.count == 2, let number = Int(parts[1]) else { return .none }
    return parts[0] == "crash" ? .crash(number) : parts[0] == "enospc" ? .full(number) : .none
  }()

  private static let counter = Atomic<Int>(0)

  /// Operations passed so far in this process.
  package static var count: Int { counter.load(ordering: .relaxed) }

  /// Called before each durable operation. Throws only where a test asked for it.
  package static func pass(_ operation: String, _ path: String) throws(FileError) {
    let number = counter.add(1, ordering: .relaxed).newValue
    switch fault {
    case .none: return
    case .crash(let at): if number == at { cplatform_crash() }
    case .full(let at): if number >= at { throw FileError(operation, path, ENOSPC) }
    }
  }
}
