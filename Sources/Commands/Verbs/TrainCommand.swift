import ArgumentParser
import Basics
import Diagnostics
import Execution
import LinearAlgebra
import ObjectStore
import Steps
import Workflow

struct TrainCommand: ParsableCommand, ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Run a workflow: ingest … gate, deploy.",
    discussion: "Steps whose inputs and settings are unchanged are taken from the store.")

  @OptionGroup var workflow: WorkflowOptions
  @OptionGroup var run: RunFlags
  @OptionGroup var shared: SharedOptions

  func execute(_ console: Console) throws -> Failure? {
    let workspace = try shared.workspace(orCurrent: true)
    let document = try workflow.document(in: workspace, console)
    let options = try run.options(for: document)
    let store = try Store.open(workspace, cancellation: .process) {
      console.say("waiting until garbage is collected")
    }
    let executor = Executor(
      workspace: workspace, store: store, document: document, kinds: stepKinds, options: options)
    let view = RunView(console: console, document: document)
    let report: RunReport
    do {
      defer { view.close() }
      report = try executor.run(cancellation: .process, observe: view.show)
    }
    if shared.format == .json {
      console.answer(report.json)
    } else {
      console.answer(RunSummary(report: report, workflow: workflow.workflow, colour: console.hasColour.output).text)
    }
    return report.failure
  }
}

/// Which steps are to be run.
struct StepFlags: ParsableArguments {
  @Option(help: ArgumentHelp("Only this step and what it needs.", valueName: "step"))
  var until: String?

  @Option(help: ArgumentHelp("Run this step even when its result is cached. May be repeated.", valueName: "step"))
  var force: [String] = []

  func options(for document: WorkflowDocument) throws -> RunOptions {
    for name in force + [until].compactMap({ $0 }) where document.step(named: name) == nil {
      let names = document.steps.map(\.name)
      throw Problems(
        .error(
          "unknown-step", "workflow '\(document.name)' has no step '\(name)'",
          help: [
            nearestName(to: name, among: names).map { "did you mean '\($0)'?" } ?? "its steps are "
              + names.joined(separator: ", ")
          ]),
        failure: .usage)
    }
    var options = RunOptions()
    options.until = until
    options.force = Set(force)
    return options
  }
}

/// How a run is to be done.
struct RunFlags: ParsableArguments {
  @OptionGroup var steps: StepFlags

  @Flag(help: "Go on with steps that do not depend on a failed one.")
  var keepGoing = false

  @Flag(name: .customLong("no-deploy"), help: "Register versions, but move no channel.")
  var noDeploy = false

  @Flag(help: "Release a model again that was rolled back.")
  var liftQuarantine = false

  @Option(help: "Threads to use; the processors of this machine when left out.")
  var threads: Int?

  @Option(
    help: ArgumentHelp(
      "Memory to stay within where a step can choose, such as 512MB; half of the machine's when left out.",
      valueName: "size"))
  var memory: ByteCount?

  func options(for document: WorkflowDocument) throws -> RunOptions {
    var options = try steps.options(for: document)
    if let threads, threads < 1 || threads > 1024 {
      throw Problems(.error("bad-threads", "expected 1 to 1024 threads, found \(threads)"), failure: .usage)
    }
    options.keepGoing = keepGoing
    options.deploys = !noDeploy
    options.liftsQuarantine = liftQuarantine
    options.threads = threads ?? processorCount()
    options.memory = memory?.bytes ?? physicalMemory() / 2
    return options
  }
}

/// A size such as `512MB`, `2GiB` or `1000000`.
struct ByteCount: ExpressibleByArgument {
  var bytes: Int

  init?(argument: String) {
    let units: [(String, Int)] = [
      ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("kB", 1000), ("KB", 1000), ("MB", 1_000_000),
      ("GB", 1_000_000_000), ("B", 1), ("", 1),
    ]
    for (suffix, factor) in units where argument.hasSuffix(suffix) {
      guard let number = Double(argument.dropLast(suffix.count)), number > 0, number * Double(factor) < 1e18 else {
        continue
      }
      bytes = Int(number * Double(factor))
      return
    }
    return nil
  }
}
