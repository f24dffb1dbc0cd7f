import ArgumentParser
import Basics
import Diagnostics
import ObjectStore
import Workflow

struct CheckCommand: ParsableCommand, ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Report everything wrong with a workflow, touching no data.")

  @OptionGroup var workflow: WorkflowOptions
  @OptionGroup var shared: SharedOptions

  func execute(_ console: Console) throws -> Failure? {
    let workspace = try shared.workspace(orCurrent: true)
    let result = try workflow.parsed(in: workspace)
    var problems = result.diagnostics
    if let document = result.document { problems += missingSources(document, workspace) }
    let isBad = problems.contains { $0.severity == .error }
    if isBad {
      console.report(problems, failure: .badInput)
      return .badInput
    }
    console.say(problems)
    if shared.format == .json {
      console.answer(["workflow": .string(result.document?.name ?? ""), "diagnostics": .array(problems.map(\.json))])
    } else if let document = result.document {
      console.answer(
        "\(workflow.workflow): workflow '\(document.name)' is fine: \(document.executionOrder.map(\.name).joined(separator: " → "))"
      )
    }
    return nil
  }

  /// A missing file is a problem of the workflow too, though its content is nobody's business here.
  private func missingSources(_ document: WorkflowDocument, _ workspace: Workspace) -> [Diagnostic] {
    document.steps.compactMap { step in
      guard step.kind == "ingest", let source = step.settings["source"]?.stringValue else { return nil }
      let path = workspace.absolute(source)
      if Files.exists(path) { return nil }
      return missingFileDiagnostic(written: source, resolved: path, place: step.place(of: "source"))
    }
  }
}
