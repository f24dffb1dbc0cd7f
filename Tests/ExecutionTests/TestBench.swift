import Basics
import Execution
import Glibc
import ObjectStore
import Synchronization
import Testing
import Workflow

/// A workspace in a folder of its own, and runs in it.
final class TestBench: Sendable {
  let workspace: Workspace
  let store: Store
  private let events = Events()

  init() throws {
    let folder = "/tmp/execution-test-" + uniqueSuffix()
    try Files.makeFolder(folder)
    workspace = try Workspace(folder)
    store = try Store.open(workspace)
  }

  deinit { try? Files.removeTree(workspace.root) }

  /// What the runs so far told, one line each.
  var told: [String] { events.lines.withLock { $0 } }

  func executor(_ steps: [StepSpec], _ kinds: [FakeKind], _ options: RunOptions = RunOptions(), store: Store? = nil)
    -> Executor
  {
    Executor(
      workspace: workspace, store: store ?? self.store,
      document: WorkflowDocument(name: "test", seed: 1, steps: steps, file: "test.yaml"), kinds: kinds, options: options
    )
  }

  @discardableResult
  func run(
    _ steps: [StepSpec], _ kinds: [FakeKind], _ options: RunOptions = RunOptions(),
    cancellation: Cancellation = Cancellation()
  ) throws -> RunReport {
    let events = events
    return try executor(steps, kinds, options).run(cancellation: cancellation) { events.add($0) }
  }

  func plan(_ steps: [StepSpec], _ kinds: [FakeKind], _ options: RunOptions = RunOptions()) throws -> Plan {
    try executor(steps, kinds, options).plan(cancellation: Cancellation())
  }

  /// Writes one byte of an object anew, as a bad disk or a careless hand would.
  func damage(_ digest: Digest) throws {
    let path = try store.path(of: digest)
    var bytes = try Files.read(path)
    bytes[0] ^= 1
    chmod(path, 0o644)
    let descriptor = Glibc.open(path, O_WRONLY)
    defer { close(descriptor) }
    #expect(pwrite(descriptor, bytes, bytes.count, 0) == bytes.count)
  }
}

private final class Events: Sendable {
  let lines = Mutex<[String]>([])

  func add(_ event: RunEvent) {
    let line =
      switch event {
      case .runStarted(_, let workflow, let steps): "run \(workflow): \(steps.joined(separator: " "))"
      case .stepStarted(let step, _): "start \(step)"
      case .stepWaiting(let step): "wait \(step)"
      case .stepProgress(let step, let fraction): "progress \(step) \(fraction)"
      case .stepLog(let step, let line): "log \(step): \(line)"
      case .stepRetry(let step, let attempt, _): "retry \(step) \(attempt)"
      case .stepFinished(let report): "finish \(report.name) \(report.status.rawValue)"
      case .runFinished: "end"
      }
    lines.withLock { $0.append(line) }
  }
}

extension RunReport {
  /// `name: status` of every step, in order.
  var statuses: [String] { steps.map { "\($0.name): \($0.status.rawValue)" } }
}

extension RunOptions {
  init(_ change: (inout RunOptions) -> Void) {
    self.init()
    change(&self)
  }
}
