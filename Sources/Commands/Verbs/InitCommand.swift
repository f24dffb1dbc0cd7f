import ArgumentParser
import Basics
import Diagnostics
import Execution
import ModelRegistry
import ObjectStore
import Steps
import Tabular
import Workflow

struct InitCommand: ParsableCommand, ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Write a workflow for a data file, with types, target and gates inferred and explained.",
    discussion: "Makes this folder (or -C DIR) a workspace. Without a data file only its folders are made.")

  @Argument(
    help: "A data file, a folder, a pattern or a database, in any format that 'ingest' reads.", completion: .file())
  var data: String?
  @Option(help: ArgumentHelp("The column to tell; guessed when left out.", valueName: "column")) var target: String?
  @Option(help: ArgumentHelp("The workflow's name; that of the file when left out.", valueName: "name")) var name:
    String?
  @Flag(help: "Replace a workflow file that is there.") var force = false
  @OptionGroup(title: "How the data is read; left out, the data tells") var reading: ReadingOptions
  @OptionGroup var shared: SharedOptions

  func execute(_ console: Console) throws -> Failure? {
    // As with every init, the place is here, not a workspace further up.
    let workspace = try Workspace(shared.workspacePath ?? Files.currentFolder())
    for folder in ["workflows", "datasets"] { try Files.makeFolder(workspace.absolute(folder)) }
    try writeIgnoreFile(workspace)
    guard let data else {
      answer(
        console, ["workspace": .string(workspace.root)],
        "workspace '\(workspace.root)' is ready\nnext: mlflowctl init datasets/DATA.csv")
      return nil
    }
    let settings = try reading.settings()
    try checkAddress(data, settings)
    let name = name ?? fileStem(isAddress(data) ? reading.table ?? sourceTitle(data) : data)
    guard isModelName(name) else {
      throw Problems(
        .error(
          "bad-name", "'\(name)' cannot be the name of a workflow and its model",
          help: ["use letters, digits, '.', '_' and '-', and begin with a letter or digit"]), failure: .usage)
    }
    let path = "workflows/\(name).yaml"
    if Files.exists(workspace.absolute(path)), !force {
      throw isThere(path)
    }
    let full = isAddress(data) ? data : try Files.join(Files.currentFolder(), data)
    let source = full.hasPrefix(workspace.root + "/") ? String(full.dropFirst(workspace.root.utf8.count + 1)) : full
    let store = try Store.open(workspace)
    let (read, missing) = try read(full, settings, store)
    let table = read.table
    if let target, table.column(named: target) == nil {
      let names = table.schema.fields.map(\.name)
      throw Problems(
        .error(
          "unknown-column", "'\(target)' is not a column of '\(sourceTitle(data))'",
          help: nearestName(to: target, among: names).map { ["did you mean '\($0)'?"] } ?? []),
        failure: .usage)
    }
    guard
      let draft = try WorkflowDraft(
        table: table, source: source, missing: missing, reading: read.dialect.merging(settings), name: name,
        target: target)
    else {
      throw Problems(
        .error(
          "no-target", "no column of '\(sourceTitle(data))' looks like one to tell",
          help: ["name it with --target COLUMN"]),
        failure: .usage)
    }
    let reached = try firstFit(draft, workspace, store, path, console)
    let isWorthReleasing = reached.map(draft.isWorthReleasing) ?? true
    let text = draft.yaml(bounds: reached.map(draft.bounds) ?? [], isWorthReleasing: isWorthReleasing)
    if !isWorthReleasing {
      console.say([
        .warning(
          "no-better-than-chance", "a first fit tells the target '\(draft.targetName)' no better than chance",
          help: [
            "name another target with --target and --force, or bring better columns; nothing is released until then"
          ])
      ])
    }
    if !draft.suspects.isEmpty, isWorthReleasing {
      let names = draft.suspects.map { "'\($0)'" }.joined(separator: " and ")
      console.say([
        .warning(
          "leakage",
          "\(names) alone \(draft.suspects.count == 1 ? "tells" : "tell") the target '\(draft.targetName)' nearly without fault, and there is nothing else to learn from",
          help: ["look whether it is known before the target is, before you rely on what is released"])
      ])
    }
    // Another process may have written one meanwhile.
    let bytes = Array(text.utf8)
    if force {
      try durableWrite(workspace.absolute(path), bytes: bytes)
    } else if try !durableCreate(workspace.absolute(path), bytes: bytes) {
      throw isThere(path)
    }
    answer(
      console,
      ["workspace": .string(workspace.root), "workflow": .string(path), "objective": .string(draft.objective)],
      "wrote \(path)\nnext: mlflowctl train \(path)")
    return nil
  }

  private func answer(_ console: Console, _ json: JSON, _ text: String) {
    if shared.format == .json { console.answer(json) } else { console.answer(text) }
  }

  private func isThere(_ path: String) -> Problems {
    Problems(
      .error("exists", "'\(path)' is there already", help: ["choose another --name, or replace it with --force"]),
      failure: .usage)
  }

  /// The data, read a second time with the missing markers that the first reading showed.
  private func read(_ source: String, _ settings: JSON, _ store: Store) throws -> (ReadSource, [String]) {
    let folder = store.makeStagingPath()
    let first = try readTable(source, missing: reading.missing, settings: settings, scratch: folder)
    let found = WorkflowDraft.missingMarkers(in: first.table).filter { !reading.missing.contains($0) }
    let missing = reading.missing + found
    if found.isEmpty { return (first, missing) }
    return (try readTable(source, missing: missing, settings: settings, scratch: folder), missing)
  }

  /// What the draft reaches on its test part without a gate; nil where it does not train, which is said.
  private func firstFit(
    _ draft: WorkflowDraft, _ workspace: Workspace, _ store: Store, _ path: String, _ console: Console
  ) throws -> [String: Double]? {
    let parser = WorkflowParser(kinds: stepKinds.map(\.grammar), environment: environmentValue)
    let document = try parser.parse(draft.yaml(bounds: []), file: path).get()
    var options = RunOptions()
    options.until = "scores"
    options.threads = processorCount()
    options.memory = physicalMemory() / 2
    let executor = Executor(workspace: workspace, store: store, document: document, kinds: stepKinds, options: options)
    let report = try executor.run(cancellation: .process) { _ in }
    if let failed = report.steps.first(where: { $0.status == .failed }) {
      console.say([.warning("no-first-fit", "a first fit did not work, so there is no gate yet")] + failed.problems)
      return nil
    }
    return report.metrics["test"]
  }

  private func writeIgnoreFile(_ workspace: Workspace) throws {
    let path = workspace.absolute(".gitignore")
    let wanted = [".mlflowctl/", "models/"]
    let text = Files.exists(path) ? String(decoding: try Files.read(path), as: UTF8.self) : ""
    let missing = wanted.filter { !text.split(separator: "\n").map(String.init).contains($0) }
    guard !missing.isEmpty else { return }
    let separator = text.isEmpty || text.hasSuffix("\n") ? "" : "\n"
    try durableWrite(path, bytes: Array((text + separator + missing.joined(separator: "\n") + "\n").utf8))
  }

  private func fileStem(_ path: String) -> String {
    let last = Files.lastPart(of: path)
    let stem = last.split(separator: ".").first.map(String.init) ?? "workflow"
    let clean = String(stem.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") ? $0 : "-" })
    return clean.first.map { $0.isLetter || $0.isNumber } == true ? clean : "workflow"
  }
}

extension JSON {
  /// An object with the members of another one too.
  fileprivate func merging(_ other: JSON) -> JSON {
    .object((objectValue ?? [:]).merging(other.objectValue ?? [:]) { $1 })
  }
}
