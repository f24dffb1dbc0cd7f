import ArgumentParser
import Basics
import Diagnostics
import ModelRegistry
import ObjectStore

struct StoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "store", abstract: "Verify, clean and look into the object store.",
    subcommands: [StoreVerifyCommand.self, StoreGCCommand.self, StoreShowCommand.self, StoreReindexCommand.self])
}

struct StoreVerifyCommand: ParsableCommand, ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Hash every object again and name those that are damaged.")

  @Option(help: "Threads to use; the processors of this machine when left out.") var threads: Int?
  @OptionGroup var shared: SharedOptions

  func execute(_ console: Console) throws -> Failure? {
    let store = try Store.open(shared.workspace())
    let bar = ProgressBar(console: console, title: "verifying")
    let report = try store.verify(threads: threads ?? processorCount(), cancellation: .process, progress: bar.show)
    bar.close()
    if shared.format == .json {
      console.answer(report.json)
    } else {
      for damage in report.damaged { console.answer("damaged: \(damage.text)") }
      console.answer(
        report.damaged.isEmpty
          ? "\(report.objects) objects, \(byteText(report.bytes)), all sound"
          : "\(report.damaged.count) of \(report.objects) objects are damaged; the next run computes them again")
    }
    return report.damaged.isEmpty ? nil : .answerIsNo
  }
}

struct StoreGCCommand: ParsableCommand, ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "gc", abstract: "Remove objects that no run, version or channel refers to.",
    discussion: "What any channel ever served is kept.")

  @Flag(name: .customLong("dry-run"), help: "Only tell what would be removed.") var dryRun = false
  @Option(help: ArgumentHelp("Forget runs beyond the latest so many of each workflow first.", valueName: "count")) var keepRuns: Int?
  @OptionGroup var shared: SharedOptions

  func execute(_ console: Console) throws -> Failure? {
    let workspace = try shared.workspace()
    let store = try Store.open(workspace)
    let registry = ModelRegistry(workspace: workspace, store: store)
    let report = try store.collectGarbage(
      keeping: try registry.everServedDigests(), keepRuns: keepRuns, dryRun: dryRun, cancellation: .process)
    if shared.format == .json {
      console.answer(report.json)
    } else {
      console.answer(
        "\(dryRun ? "would remove" : "removed") \(report.removed) of \(report.objects) objects, \(byteText(report.removedBytes))")
    }
    return nil
  }
}

struct StoreShowCommand: ParsableCommand, ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show what an object is, who made it and its content.")

  @Argument(help: "The digest, or the beginning of it.") var digest: String
  @OptionGroup var shared: SharedOptions

  func execute(_ console: Console) throws -> Failure? {
    let store = try Store.open(shared.workspace())
    let shown = try store.show(digest)
    if shared.format == .json { console.answer(shown.json) } else { console.answer(shown.text) }
    return nil
  }
}

struct StoreReindexCommand: ParsableCommand, ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "reindex", abstract: "Rebuild the index from the objects.")

  @OptionGroup var shared: SharedOptions

  func execute(_ console: Console) throws -> Failure? {
    let store = try Store.open(shared.workspace())
    try store.reindex()
    let runs = try store.runs().count
    if shared.format == .json { console.answer(["runs": JSON(runs)]) } else { console.answer("index rebuilt: \(runs) runs") }
    return nil
  }
}

/// `1.2 MB`.
func byteText(_ bytes: Int) -> String {
  let units = ["bytes", "kB", "MB", "GB", "TB"]
  var value = Double(bytes)
  var unit = 0
  while value >= 1000, unit < units.count - 1 {
    value /= 1000
    unit += 1
  }
  return unit == 0 ? "\(bytes) bytes" : "\((value * 10).rounded() / 10) \(units[unit])"
}
