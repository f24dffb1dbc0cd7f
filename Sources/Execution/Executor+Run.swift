package import Basics
import Diagnostics
import ObjectStore
import Workflow

extension Executor {
  /// Does the run. Errors of steps are in the report; what is thrown concerns the run as a whole.
  package func run(
    cancellation: Cancellation, observe: @escaping @Sendable (RunEvent) -> Void
  ) throws -> RunReport {
    try RunSession(executor: self, cancellation: cancellation, observe: observe).run()
  }
}

/// One run in progress: owns the state machine and the results; steps run on threads of their own.
private final class RunSession {
  private struct Finished: Sendable {
    var step: StepSpec
    var report: StepReport
  }

  private let executor: Executor
  private let cancellation: Cancellation
  private let observe: @Sendable (RunEvent) -> Void
  private let steps: [StepSpec]
  private var state: RunState
  private var upstream = UpstreamOutputs()
  private var reports: [String: StepReport] = [:]
  private let mailbox = Mailbox<Finished>()
  /// Of the steps that run, by name.
  private var threads: [String: OwnThread] = [:]
  private let record: RunRecorder
  private let began = Stopwatch()

  init(executor: Executor, cancellation: Cancellation, observe: @escaping @Sendable (RunEvent) -> Void) {
    self.executor = executor
    self.cancellation = cancellation
    self.observe = observe
    steps = executor.selectedSteps
    state = executor.initialState
    record = RunRecorder(store: executor.store, document: executor.document)
  }

  func run() throws -> RunReport {
    observe(.runStarted(id: record.id, workflow: executor.document.name, steps: steps.map(\.name)))
    while !state.isOver {
      // Asked once a round: were it to change between two questions, the round would wait for a step that never began.
      if let reason = cancellation.reason { skip(state.stop(), because: words(for: reason)) }
      if state.runningCount < max(1, executor.options.threads), let name = state.begin(),
        let step = executor.document.step(named: name)
      {
        begin(step)
      } else if state.runningCount > 0 {
        let finished = mailbox.take()
        threads.removeValue(forKey: finished.step.name)?.join()
        finish(finished)
      }
    }
    let isWhole = reports.values.allSatisfy { $0.status == .done || $0.status == .cached }
    let interruption = isWhole ? nil : cancellation.reason?.failure
    let report = RunReport(
      id: record.id, workflow: executor.document.name, steps: steps.compactMap { reports[$0.name] },
      seconds: began.seconds, interruption: interruption)
    try record.end(report)
    observe(.runFinished(report))
    return report
  }

  private func words(for reason: Cancelled) -> String {
    if case .signal = reason { return "the run was interrupted" }
    return "the run was stopped"
  }

  /// Takes the cached result of a step at once, or starts a thread that computes it.
  private func begin(_ step: StepSpec) {
    let watch = Stopwatch()
    var headStart: HeadStart?
    defer { headStart?.abandon() }
    do {
      let kind = try executor.kind(of: step)
      headStart = try self.headStart(of: step, kind)
      let action = try executor.action(for: step, kind: kind, upstream, cancellation)
      if kind.isCached, !executor.options.force.contains(step.name) {
        switch try executor.store.result(forKey: action.key, cancellation: cancellation) {
        case .hit(let result, let record):
          finish(Finished(step: step, report: .cached(step, result, record, seconds: watch.seconds)))
          return
        case .miss(let reason):
          if let reason { observe(.stepLog(step: step.name, line: reason + "; it is computed again")) }
        }
      }
      try record.begin()
      observe(.stepStarted(step: step.name, kind: step.kind))
      let performer = StepPerformer(
        executor: executor, step: step, kind: kind, action: action, run: record.id, reports: reports,
        cancellation: cancellation, headStart: headStart.take(), observe: observe)
      let mailbox = mailbox
      threads[step.name] = OwnThread { mailbox.post(Finished(step: step, report: performer.perform())) }
    } catch {
      let (problems, failure) = explain(error, step: step)
      var report = StepReport(name: step.name, kind: step.kind, status: .failed)
      (report.problems, report.failure, report.seconds) = (problems, failure, watch.seconds)
      finish(Finished(step: step, report: report))
    }
  }

  /// Begins what the step can do while its action is looked up.
  private func headStart(of step: StepSpec, _ kind: any StepKind) throws -> HeadStart? {
    guard executor.options.threads > 1, let inputs = upstream.inputs(of: step),
      let work = kind.headStart(for: step, inputs: inputs, in: executor.planContext(cancellation))
    else { return nil }
    let context = executor.stepContext(
      step, run: record.id, staging: executor.store.makeStagingPath(), reports: reports, cancellation: cancellation,
      observe: observe)
    return try HeadStart(context, work)
  }

  private func finish(_ finished: Finished) {
    let name = finished.step.name
    reports[name] = finished.report
    upstream.record(finished.report.outputs, report: finished.report.report, of: name)
    observe(.stepFinished(finished.report))
    if finished.report.status == .failed {
      skip(state.fail(name), because: cancellation.reason.map(words) ?? "step '\(name)' failed")
    } else if let kind = executor.kinds[finished.step.kind], finished.report.stopsDependants(kind) {
      skip(state.block(name), because: "step '\(name)' refused")
    } else {
      state.succeed(name)
    }
  }

  private func skip(_ names: [String], because reason: String) {
    for name in names {
      guard let step = executor.document.step(named: name) else { continue }
      var report = StepReport(name: name, kind: step.kind, status: .skipped)
      report.summary = reason
      reports[name] = report
      observe(.stepFinished(report))
    }
  }
}

extension StepReport {
  /// Whether what depends on the step must not begin although the step itself succeeded.
  func stopsDependants(_ kind: any StepKind) -> Bool { verdict == .refuse && kind.refusalStopsDependants }

  /// The report of a step whose result was in the store.
  static func cached(_ step: StepSpec, _ result: ActionResult, _ record: Digest, seconds: Double) -> StepReport {
    var report = StepReport(name: step.name, kind: step.kind, status: .cached)
    report.key = result.key
    report.record = record
    report.seconds = seconds
    report.outputs = result.outputs
    report.take(outcome: result)
    return report
  }
}
