package import Basics
package import Diagnostics

/// What a run would do, step by step, and why.
package struct Plan: Sendable {
  package struct Step: Sendable {
    package enum Decision: String, Sendable {
      case cached, run
      /// It waits for what a step that will run makes: the result decides.
      case unknown
      /// It would not even begin.
      case skip
    }

    package var name: String
    package var kind: String
    package var decision: Decision
    /// Why it would run (which input, setting or code changed) or be skipped. Empty when cached.
    package var reasons: [String]
    /// When what is cached or was last known was made.
    package var since: Timestamp?
    package var key: Digest?
    /// Why its action cannot be made, so that the run would fail here.
    package var problems: [Diagnostic] = []
    package var failure: Failure?
  }

  package var workflow: String
  package var steps: [Step]

  /// The failure that the run would end with at the first step whose action cannot be made; nil where all can.
  package var failure: Failure? { steps.lazy.compactMap(\.failure).first }
}
