import ArgumentParser
import Basics
import Diagnostics
import ObjectStore
import Steps
import Workflow

enum OutputFormat: String, ExpressibleByArgument, CaseIterable { case text, json }

/// What every command takes.
struct SharedOptions: ParsableArguments {
  @Option(help: "How to answer: text for people, json for programs.")
  var format: OutputFormat = .text

  @Option(
    name: [.customShort("C"), .customLong("workspace")],
    help: ArgumentHelp("The workspace; otherwise the nearest parent folder with .mlflowctl/ or workflows/.", valueName: "dir"))
  var workspacePath: String?

  /// The workspace, found but not made.
  func workspace() throws -> Workspace {
    if let workspacePath {
      guard try Files.status(workspacePath)?.kind == .folder else {
        throw Problems(
          .error("no-workspace", "workspace '\(workspacePath)' is not a folder", help: ["give a folder that exists with -C"]),
          failure: .usage)
      }
      return Workspace(root: Files.resolved(workspacePath) ?? workspacePath)
    }
    return Workspace.find(from: try Files.currentFolder())
  }
}

/// The workflow argument and what may be overridden in it.
struct WorkflowOptions: ParsableArguments {
  @Argument(help: "The workflow file.", completion: .file(extensions: ["yaml", "yml"]))
  var workflow: String

  @Option(name: .customLong("set"), help: ArgumentHelp("Override a setting; VALUE is YAML. May be repeated.", valueName: "path=value"))
  var overrides: [String] = []

  /// The workflow, parsed and checked; throws all its problems.
  func document(in workspace: Workspace, _ console: Console) throws -> WorkflowDocument {
    let result = parsed(in: workspace)
    guard let document = result.document, !result.diagnostics.contains(where: { $0.severity == .error }) else {
      throw Problems(result.diagnostics, failure: .badInput)
    }
    console.say(result.diagnostics)
    return document
  }

  func parsed(in workspace: Workspace) -> ParseResult {
    let parser = WorkflowParser(kinds: stepKinds.map(\.grammar), environment: environmentValue)
    return parser.parse(path: workflow, overrides: overrides)
  }
}
