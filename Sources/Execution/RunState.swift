/// The state machine of a run: which steps wait, run, are over. A value without input or output.
///
/// A step is ready when all it depends on has succeeded. A failure skips what depends on it and, unless the run keeps
/// going, everything that has not begun.
package struct RunState: Sendable {
  package enum Phase: Sendable, Hashable { case waiting, running, succeeded, failed, skipped }

  private let order: [String]
  private let dependencies: [String: [String]]
  private let keepsGoing: Bool
  private var phases: [String: Phase]

  /// `order` is topological: a step stands behind those it depends on.
  package init(order: [String], dependencies: [String: [String]], keepsGoing: Bool) {
    self.order = order
    self.dependencies = dependencies
    self.keepsGoing = keepsGoing
    phases = Dictionary(uniqueKeysWithValues: order.map { ($0, .waiting) })
  }

  /// Nil for a step that is not part of the run.
  package func phase(of step: String) -> Phase? { phases[step] }

  package var runningCount: Int { phases.values.count { $0 == .running } }

  package var isOver: Bool { phases.values.allSatisfy { $0 != .waiting && $0 != .running } }

  /// Takes the first ready step and marks it running; nil when none is ready now.
  package mutating func begin() -> String? {
    for step in order where phases[step] == .waiting {
      let ready = (dependencies[step] ?? []).allSatisfy { phases[$0] == nil || phases[$0] == .succeeded }
      if ready {
        phases[step] = .running
        return step
      }
    }
    return nil
  }

  /// Marks a step done, or its result taken from the store: what depends on it may begin.
  package mutating func succeed(_ step: String) { phases[step] = .succeeded }

  /// Marks a step failed and returns the steps that are skipped by it, in order.
  package mutating func fail(_ step: String) -> [String] {
    phases[step] = .failed
    return skipBlocked(from: step)
  }

  /// Marks a step succeeded whose answer stops what depends on it, and returns the steps that are skipped, by the same rule
  /// as for a failure.
  package mutating func block(_ step: String) -> [String] {
    phases[step] = .succeeded
    return skipBlocked(from: step)
  }

  /// Skips everything that has not begun, for a run that is stopped, and returns it in order.
  package mutating func stop() -> [String] {
    let waiting = order.filter { phases[$0] == .waiting }
    for step in waiting { phases[step] = .skipped }
    return waiting
  }

  private mutating func skipBlocked(from step: String) -> [String] {
    if !keepsGoing { return stop() }
    var blocked: Set<String> = [step]
    var skipped: [String] = []
    for candidate in order where phases[candidate] == .waiting {
      if (dependencies[candidate] ?? []).contains(where: blocked.contains) {
        blocked.insert(candidate)
        phases[candidate] = .skipped
        skipped.append(candidate)
      }
    }
    return skipped
  }
}
