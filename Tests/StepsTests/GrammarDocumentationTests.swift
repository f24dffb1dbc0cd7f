import Basics
import Execution
import Foundation
import Steps
import Testing
import Workflow

/// The documentation of the grammar against the grammar.
@Suite struct GrammarDocumentationTests {
  private static let docs = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "docs")

  private func page() throws -> String {
    try String(contentsOf: Self.docs.appending(path: "workflow.md"), encoding: .utf8)
  }

  @Test func everyKindAndSettingIsDescribed() throws {
    let sections = try page().components(separatedBy: "\n### ")
    for kind in stepKinds.map(\.grammar) {
      let section = try #require(sections.first { $0.hasPrefix("`\(kind.name)`") }, "no section on \(kind.name)")
      for setting in kind.settings {
        #expect(section.contains("| `\(setting.name)` |"), "\(kind.name).\(setting.name) is not described")
      }
    }
  }

  @Test func theExamplesOfThePageAreSound() throws {
    let blocks = try page().components(separatedBy: "```yaml\n").dropFirst().compactMap {
      $0.components(separatedBy: "```").first
    }
    let parser = WorkflowParser(kinds: stepKinds.map(\.grammar)) { _ in nil }
    #expect(!blocks.isEmpty)
    for block in blocks where block.hasPrefix("workflow:") {
      #expect(parser.parse(block, file: "docs/workflow.md").diagnostics.isEmpty)
    }
  }

  @Test func theSchemaFileIsTheSchema() throws {
    let written = try JSON(parsing: [UInt8](Data(contentsOf: Self.docs.appending(path: "workflow.schema.json"))))
    #expect(
      written.canonical == workflowSchema(kinds: stepKinds.map(\.grammar)).canonical,
      "run: mlflowctl schema > docs/workflow.schema.json")
  }
}
