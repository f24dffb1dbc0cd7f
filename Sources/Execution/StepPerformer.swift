import Basics
import Diagnostics
import Glibc
import ObjectStore
import Workflow

/// Computes one action: waits for its lock, looks whether another process was faster, runs with retries, records the result.
struct StepPerformer: Sendable {
  let executor: Executor
  let step: StepSpec
  let kind: any StepKind
  let action: Action
  let run: String
  let reports: [String: StepReport]
  let cancellation: Cancellation
  let headStart: HeadStart?
  let observe: @Sendable (RunEvent) -> Void

  func perform() -> StepReport {
    defer { headStart?.abandon() }
    let watch = headStart?.watch ?? Stopwatch()
    var report = StepReport(name: step.name, kind: step.kind, status: .done)
    report.key = action.key
    do {
      let name = step.name
      let observe = observe
      try executor.store.withActionLock(
        action.key, cancellation: cancellation, onWait: { observe(.stepWaiting(step: name)) }
      ) {
        if kind.isCached, !executor.options.force.contains(step.name),
          case .hit(let result, let record) = try executor.store.result(forKey: action.key, cancellation: cancellation)
        {
          report = .cached(step, result, record, seconds: watch.seconds)
          return
        }
        let outcome = try attempt(&report)
        report.outputs = outcome.outputs
        report.take(outcome)
        if outcome.changedNothing { report.status = .cached }
        report.seconds = watch.seconds
        if kind.isCached { report.record = try executor.store.putResult(result(outcome, seconds: watch.seconds)) }
      }
    } catch {
      let (problems, failure) = explain(error, step: step)
      (report.status, report.problems, report.failure) = (.failed, problems, failure)
      report.seconds = watch.seconds
    }
    return report
  }

  private func attempt(_ report: inout StepReport) throws -> StepOutcome {
    while true {
      report.attempts += 1
      do {
        return try attemptOnce(isFirst: report.attempts == 1)
      } catch {
        let (problems, failure) = explain(error, step: step)
        let isWorthTrying = failure == .stepFailed || failure == .unavailable || failure == .inputOutput
        guard isWorthTrying, report.attempts <= step.retry, cancellation.reason == nil else { throw error }
        observe(.stepRetry(step: step.name, attempt: report.attempts + 1, reason: problems))
        // 0.2 s, 0.4 s, 0.8 s … at most 10 s
        pause(seconds: min(10, 0.1 * Double(1 << min(report.attempts, 10))))
      }
    }
  }

  private func pause(seconds: Double) {
    let watch = Stopwatch()
    while watch.seconds < seconds, cancellation.reason == nil { usleep(20_000) }
  }

  private func attemptOnce(isFirst: Bool) throws -> StepOutcome {
    let staging = executor.store.makeStagingPath()
    try Files.makeFolder(staging)
    // What cannot be removed now is swept by a later process.
    defer { try? Files.removeTree(staging) }
    let token = Cancellation(parent: cancellation, timeout: step.timeout)
    var context = executor.stepContext(
      step, run: run, staging: staging, reports: reports, cancellation: token, observe: observe)
    if isFirst { context.headStart = headStart }
    return try kind.run(action, in: context)
  }

  private func result(_ outcome: StepOutcome, seconds: Double) -> ActionResult {
    ActionResult(
      key: action.key, action: action.json, outputs: outcome.outputs, metrics: metricsJSON(outcome.metrics),
      report: [
        "report": outcome.report, "summary": .string(outcome.summary),
        "verdict": outcome.verdict.map { .string($0.rawValue) } ?? .null,
        "warnings": .array(outcome.warnings.map(\.json)),
      ], seconds: seconds)
  }
}
