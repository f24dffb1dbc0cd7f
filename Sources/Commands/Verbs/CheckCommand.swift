import ArgumentParser
import Basics
import Diagnostics
import ObjectStore
import Steps
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
      let order = document.executionOrder.map(\.name).joined(separator: " → ")
      let state =
        problems.isEmpty ? "is fine" : "can run, with \(problems.count) \(problems.count == 1 ? "warning" : "warnings")"
      console.answer("\(workflow.workflow): workflow '\(document.name)' \(state): \(order)")
    }
    return nil
  }

  /// A missing file is a problem of the workflow too, though its content is nobody's business here.
  private func missingSources(_ document: WorkflowDocument, _ workspace: Workspace) -> [Diagnostic] {
    document.steps.flatMap { step in
      let source = step.kind == "ingest" ? missingSource(of: step, in: workspace).map { ($0, ["source"]) } : nil
      let files = (step.settings["files"]?.arrayValue ?? []).enumerated().compactMap { index, file in
        file.stringValue.map { ($0, ["files", "[\(index)]"]) }
      }
      return ([source].compactMap(\.self) + files).compactMap { written, setting -> Diagnostic? in
        let path = workspace.absolute(written)
        if Files.exists(path) { return nil }
        return missingFileDiagnostic(written: written, resolved: path, place: step.place(ofPath: setting))
      }
    }
  }
}
