package import Basics
package import Diagnostics
package import ObjectStore

/// What became of one step.
package struct StepReport: Sendable {
  package enum Status: String, Sendable, Hashable { case done, cached, failed, skipped }

  package var name: String
  package var kind: String
  package var status: Status
  package var seconds: Double = 0
  package var attempts: Int = 0
  package var key: Digest?
  /// The record of the result; nil where nothing was recorded.
  package var record: Digest?
  package var outputs: [ActionResult.Output] = []
  package var metrics: [String: [String: Double]] = [:]
  package var report: JSON = [:]
  package var verdict: Verdict?
  package var warnings: [Diagnostic] = []
  package var summary = ""
  /// Why it failed or was skipped.
  package var problems: [Diagnostic] = []
  package var failure: Failure?

  package init(name: String, kind: String, status: Status) {
    self.name = name
    self.kind = kind
    self.status = status
  }
}

/// What became of a run.
package struct RunReport: Sendable {
  package var id: String
  package var workflow: String
  package var steps: [StepReport]
  package var seconds: Double
  /// Set when a signal ended the run.
  package var interruption: Failure?

  /// Refuse when a gate or a validation refused; else that of the gates, which are the steps that make a verdict; nil where
  /// none was reached, and where the run failed or was stopped.
  package var verdict: Verdict? {
    if steps.contains(where: { $0.verdict == .refuse }) { return .refuse }
    if interruption != nil || steps.contains(where: { $0.status == .failed || $0.status == .skipped }) { return nil }
    let verdicts = steps.filter { $0.outputs.contains { $0.type == "verdict" } }.compactMap(\.verdict)
    return verdicts.isEmpty ? nil : Verdict.all(verdicts)
  }

  /// The failure that the process ends with, or nil for success.
  package var failure: Failure? {
    if let interruption { return interruption }
    if let failure = steps.first(where: { $0.status == .failed })?.failure { return failure }
    switch verdict {
    case .refuse: return .answerIsNo
    case .inconclusive: return .inconclusive
    default: return nil
    }
  }

  package func step(_ name: String) -> StepReport? { steps.first { $0.name == name } }
}
