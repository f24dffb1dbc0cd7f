import Basics
package import Diagnostics

/// What happens during a run, as it happens; `Commands` renders it. Called from any thread.
package enum RunEvent: Sendable {
  case runStarted(id: String, workflow: String, steps: [String])
  case stepStarted(step: String, kind: String)
  case stepWaiting(step: String)
  case stepProgress(step: String, fraction: Double)
  case stepLog(step: String, line: String)
  case stepRetry(step: String, attempt: Int, reason: [Diagnostic])
  case stepFinished(StepReport)
  case runFinished(RunReport)
}
