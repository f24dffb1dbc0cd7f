extension Fit {
  /// What a note speaks of, for those who add what to do about it.
  package enum Topic: Sendable, Hashable {
    /// There is no finite minimum: something is separated.
    case unbounded
    /// Columns depend on each other, and the solution of least norm was taken.
    case leastNorm
    /// The stopping rule was not met.
    case notConverged
    case other
  }

  /// Told by the words that all notes of a topic share.
  package static func topic(of note: String) -> Topic {
    if note.contains("without bound") { return .unbounded }
    if note.contains("least norm") { return .leastNorm }
    return note.contains("above the tolerance") ? .notConverged : .other
  }
}
