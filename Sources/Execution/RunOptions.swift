/// How a run is to be done.
package struct RunOptions: Sendable {
  /// Stop after this step: only it and what it needs runs.
  package var until: String?
  /// Steps that run even when cached.
  package var force: Set<String> = []
  /// Go on with steps that do not depend on a failed one.
  package var keepGoing = false
  /// False registers versions but moves no channel.
  package var deploys = true
  package var liftsQuarantine = false
  package var threads = 1
  package var memory = 1 << 30

  package init() {}
}
