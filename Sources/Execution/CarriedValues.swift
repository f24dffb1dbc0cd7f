package import Basics
import Synchronization

/// What steps of one run hand on in memory beside their artifacts, so that a later one need not make it again. Nothing may
/// depend on it: whoever finds nothing makes the same from the artifact.
package final class CarriedValues: Sendable {
  private let values = Mutex<[Digest: any Sendable]>([:])

  package init() {}

  /// Keeps `value` for whoever reads the artifact `digest`, to which it must belong as surely as its bytes do.
  package func keep(_ value: any Sendable, beside digest: Digest) { values.withLock { $0[digest] = value } }

  /// What was kept beside an artifact, where it is of this type.
  package func value<Value: Sendable>(_ type: Value.Type = Value.self, beside digest: Digest) -> Value? {
    values.withLock { $0[digest] } as? Value
  }
}
