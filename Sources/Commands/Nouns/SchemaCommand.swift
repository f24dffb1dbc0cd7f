import ArgumentParser
import Basics
import Diagnostics
import Execution
import Steps
import Workflow

struct SchemaCommand: ParsableCommand, ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema", abstract: "Print the JSON Schema of workflow files, for editors.")

  @OptionGroup var shared: SharedOptions

  func execute(_ console: Console) throws -> Failure? {
    console.answer(workflowSchema(kinds: stepKinds.map(\.grammar)))
    return nil
  }
}

struct GraphCommand: ParsableCommand, ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "graph", abstract: "Print the steps of a workflow as a Mermaid or DOT graph.")

  @OptionGroup var workflow: WorkflowOptions
  @Flag(help: "DOT for Graphviz instead of Mermaid.") var dot = false
  @OptionGroup var shared: SharedOptions

  func execute(_ console: Console) throws -> Failure? {
    let document = try workflow.document(in: shared.workspace(orCurrent: true), console)
    let text = dot ? document.dot : document.mermaid
    if shared.format == .json {
      console.answer(["graph": .string(text), "language": .string(dot ? "dot" : "mermaid")])
    } else {
      console.answer(text)
    }
    return nil
  }
}
