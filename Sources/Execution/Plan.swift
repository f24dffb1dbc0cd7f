package import Basics
package import Diagnostics

/// What a run would do, step by step, and why.
package struct Plan: Sendable {
  package struct Step: Sendable {
    package enum Decision: String, Sendable { case cached, run, unknown }

    package var name: String
    package var kind: String
    package var decision: Decision
    /// Why it would run: which input, setting or code changed. Empty when cached.
    package var reasons: [String]
    /// When what is cached or was last known was made.
    package var since: Timestamp?
    package var key: Digest?
    package var problems: [Diagnostic] = []
  }

  package var workflow: String
  package var steps: [Step]
}
