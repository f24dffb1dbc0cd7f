import Basics
import Diagnostics
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

  @Test func everyKindAndSettingIsDescribedWithItsDefault() throws {
    let sections = try page().components(separatedBy: "\n### ")
    for kind in stepKinds.map(\.grammar) {
      let section = try #require(sections.first { $0.hasPrefix("`\(kind.name)`") }, "no section on \(kind.name)")
      let described = rows(in: section)
      let settings = kind.settings.flatMap { flattened($0, path: "") }
      #expect(described.keys.sorted() == settings.map(\.path).sorted(), "\(kind.name)")
      for (path, setting) in settings {
        guard let row = described[path] else { continue }
        for word in words(of: setting.shape) {
          #expect(row.contains("`\(word)`"), "\(kind.name).\(path) may be '\(word)'")
        }
        // An artifact is required too, but most often wired.
        if case .artifact = setting.shape { continue }
        if setting.isRequired { #expect(row.contains("**required**"), "\(kind.name).\(path) is required") }
        if let text = setting.fallback.flatMap(written) {
          #expect(row.contains("| `\(text)` |"), "\(kind.name).\(path) is \(text) when left out")
        }
      }
    }
  }

  /// The rows of tables of settings, by the setting in their first cell.
  private func rows(in section: String) -> [String: String] {
    guard let start = section.range(of: "| setting |") else { return [:] }
    var rows: [String: String] = [:]
    for line in section[start.upperBound...].components(separatedBy: "\n").dropFirst(2) {
      guard line.hasPrefix("| `") else { break }
      rows[line.components(separatedBy: "`")[1]] = line
    }
    return rows
  }

  /// A setting and those inside it, by path; what users name themselves is written `COLUMN`. A grid has the paths of other
  /// settings, which are described where they stand.
  private func flattened(_ setting: SettingGrammar, path: String) -> [(path: String, setting: SettingGrammar)] {
    let path = path + setting.name
    if path == "tune.grid" { return [(path, setting)] }
    return [(path, setting)] + members(of: setting.shape, path: path + ".")
  }

  private func members(of shape: Shape, path: String) -> [(path: String, setting: SettingGrammar)] {
    switch shape {
    case .record(let settings): settings.flatMap { flattened($0, path: path) }
    case .map(let shape): members(of: shape, path: path + "COLUMN.")
    case .anyOf(let shapes): shapes.flatMap { members(of: $0, path: path) }
    default: []
    }
  }

  private func words(of shape: Shape) -> [String] {
    switch shape {
    case .choice(let words): words
    case .list(let shape): words(of: shape)
    case .anyOf(let shapes): shapes.flatMap(words)
    default: []
    }
  }

  /// A default as the page writes it; nil for an empty map, which says nothing.
  private func written(_ value: JSON) -> String? {
    switch value {
    case .string(let text): text
    case .array(let items): "[" + items.compactMap(written).joined(separator: ", ") + "]"
    case .object(let members):
      members.isEmpty
        ? nil
        : "{ "
          + members.sorted { $0.key < $1.key }.map { "\($0.key): \(written($0.value) ?? "")" }.joined(separator: ", ")
          + " }"
    default: value.canonical
    }
  }

  @Test func theExamplesOfThePageAreSound() throws {
    let blocks = try page().components(separatedBy: "```yaml\n").dropFirst().compactMap {
      $0.components(separatedBy: "```").first
    }
    let parser = WorkflowParser(kinds: stepKinds.map(\.grammar)) { _ in nil }
    #expect(blocks.count > stepKinds.count)
    for block in blocks {
      // A part of a workflow has no name.
      let text = block.hasPrefix("workflow:") ? block : "workflow: example\n" + block
      let problems = parser.parse(text, file: "docs/workflow.md").diagnostics
      #expect(problems.isEmpty, "\(problems.map(\.message)) in\n\(block)")
    }
  }

  @Test func theSchemaFileIsTheSchema() throws {
    let written = try JSON(parsing: [UInt8](Data(contentsOf: Self.docs.appending(path: "workflow.schema.json"))))
    #expect(
      written.canonical == workflowSchema(kinds: stepKinds.map(\.grammar)).canonical,
      "run: mlflowctl schema > docs/workflow.schema.json")
  }
}
