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
  @Flag(help: "Remove what is damaged; results are computed again when they are wanted.") var discard = false
  @OptionGroup var shared: SharedOptions

  func execute(_ console: Console) throws -> Failure? {
    let store = try shared.store()
    let bar = ProgressBar(console: console, title: "verifying")
    let report = try store.verify(
      threads: threads ?? processorCount(), removing: discard,
      progress: { done, total in bar.show(Double(done) / Double(max(1, total))) }, cancellation: .process)
    bar.close()
    if shared.format == .json {
      func list(_ faults: [Verification.Fault]) -> JSON {
        .array(faults.map { ["digest": JSON($0.digest), "uses": JSON($0.uses)] })
      }
      console.answer([
        "objects": JSON(report.objects), "bytes": JSON(report.bytes), "damaged": list(report.damaged),
        "missing": list(report.missing),
      ])
    } else {
      for fault in report.damaged {
        console.answer("damaged: \(fault.digest.hex) (\(fault.uses.joined(separator: ", ")))")
      }
      for fault in report.missing {
        console.answer(
          "missing: \(fault.digest.hex) (\(fault.uses.joined(separator: ", "))); the next run makes it again")
      }
      console.answer(
        report.damaged.isEmpty
          ? "\(report.objects) objects, \(byteText(report.bytes)), all sound"
          : "\(report.damaged.count) of \(report.objects) objects are damaged"
            + (discard ? " and were removed" : "; 'mlflowctl store verify --discard' removes them"))
    }
    return report.damaged.isEmpty ? nil : .answerIsNo
  }
}

struct StoreGCCommand: ParsableCommand, ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "gc", abstract: "Remove objects that no run, version or channel refers to.",
    discussion: "What any channel ever served is kept.")

  @Flag(name: .customLong("dry-run"), help: "Only tell what would be removed.") var dryRun = false
  @Option(help: ArgumentHelp("Keep what is younger than so many seconds.", valueName: "seconds")) var grace = 3600
  @OptionGroup var shared: SharedOptions

  func execute(_ console: Console) throws -> Failure? {
    let (registry, store) = try shared.registry()
    let settings = GarbageSettings(
      isDryRun: dryRun, grace: .seconds(max(0, grace)), roots: try registry.servedDigests())
    let collected = try store.collectGarbage(settings, cancellation: .process) {
      console.say("waiting until no other command uses the store")
    }
    if shared.format == .json {
      console.answer([
        "dry_run": .bool(dryRun), "kept": JSON(collected.kept), "kept_bytes": JSON(collected.keptBytes),
        "removed": .array(collected.removed.map { JSON($0) }), "removed_bytes": JSON(collected.removedBytes),
      ])
    } else {
      console.answer(
        "\(dryRun ? "would remove" : "removed") \(collected.removed.count) objects, \(byteText(collected.removedBytes)); "
          + "\(collected.kept) stay, \(byteText(collected.keptBytes))")
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
    let store = try shared.store()
    let shown = try store.describe(store.resolve(digest))
    if shared.format == .json { console.answer(shown.json) } else { console.answer(shown.text) }
    return nil
  }
}

struct StoreReindexCommand: ParsableCommand, ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "reindex", abstract: "Rebuild the index from the objects.")

  @OptionGroup var shared: SharedOptions

  func execute(_ console: Console) throws -> Failure? {
    let store = try shared.store()
    try store.reindex()
    let runs = try store.runs().count
    if shared.format == .json {
      console.answer(["runs": JSON(runs)])
    } else {
      console.answer("index rebuilt: \(runs) runs")
    }
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
