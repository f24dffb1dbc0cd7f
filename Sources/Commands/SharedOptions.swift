import ArgumentParser
import Basics
import Diagnostics
import Execution
import ModelRegistry
import ObjectStore
import Steps
import Workflow

enum OutputFormat: String, ExpressibleByArgument, CaseIterable { case text, json }

/// What every command takes.
struct SharedOptions: ParsableArguments {
  @Option(help: "How to answer: text for people, json for programs.")
  var format: OutputFormat = .text
  @OptionGroup var place: WorkspaceOptions

  var workspacePath: String? { place.workspacePath }

  /// See `WorkspaceOptions.workspace`.
  func workspace(orCurrent: Bool = false) throws -> Workspace { try place.workspace(orCurrent: orCurrent) }

  /// The store of the workspace; waits for a garbage collection.
  func store() throws -> Store { try place.store() }

  /// The registry of the workspace and its store.
  func registry() throws -> (Registry, Store) {
    let store = try store()
    return (Registry(store), store)
  }
}

/// Which workspace a command is about.
struct WorkspaceOptions: ParsableArguments {
  @Option(
    name: [.customShort("C"), .customLong("workspace")],
    help: ArgumentHelp(
      "The workspace; otherwise the nearest parent folder with .mlflowctl/ or workflows/.", valueName: "dir"))
  var workspacePath: String?

  /// The workspace that is named or found; the current folder where there is none and `orCurrent` allows it.
  func workspace(orCurrent: Bool = false) throws -> Workspace {
    if let workspacePath {
      guard try Files.status(workspacePath)?.kind == .folder else {
        throw Problems(
          .error(
            "no-workspace", "workspace '\(workspacePath)' is not a folder", help: ["give a folder that exists with -C"]),
          failure: .usage)
      }
      return try Workspace(workspacePath)
    }
    let current = try Files.currentFolder()
    if let found = try Workspace.find(from: current) { return found }
    if orCurrent { return try Workspace(current) }
    throw Problems(
      .error(
        "no-workspace", "neither this folder nor one above it holds .mlflowctl/ or workflows/",
        help: ["name the workspace with -C, or make one with 'mlflowctl init'"]), failure: .usage)
  }

  /// The store of the workspace; waits for a garbage collection.
  func store() throws -> Store { try Store.open(workspace(), cancellation: .process) }
}

/// The workflow argument and what may be overridden in it.
struct WorkflowOptions: ParsableArguments {
  @Argument(help: "The workflow file.", completion: .file(extensions: ["yaml", "yml"]))
  var workflow: String

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp("Override a setting; VALUE is YAML. May be repeated.", valueName: "path=value"))
  var overrides: [String] = []

  /// The workflow, parsed and checked; throws all its problems.
  func document(in workspace: Workspace, _ console: Console) throws -> WorkflowDocument {
    let result = try parsed(in: workspace)
    let document = try result.get()
    console.say(result.diagnostics)
    return document
  }

  /// The file is looked for in the current folder, then in the workspace.
  func parsed(in workspace: Workspace) throws -> ParseResult {
    let inside = workspace.absolute(workflow)
    let path = !Files.exists(workflow) && Files.exists(inside) ? inside : workflow
    return try WorkflowParser(kinds: stepKinds.map(\.grammar), environment: environmentValue)
      .parse(file: path, shownAs: workflow, overrides: overrides)
  }
}
