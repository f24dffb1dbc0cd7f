import Basics
import Diagnostics
import Testing
import Workflow

/// Files under `Fixtures`, in the source tree so that missing expectations can be recorded.
enum Samples {
  static let folder = "\(#filePath)".split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 } + "/Fixtures"

  static func names(_ kind: String) -> [String] {
    let files = (try? Files.list("\(folder)/\(kind)")) ?? []
    return files.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }
  }

  /// The environment of all samples.
  static let parser = WorkflowParser(kinds: sampleKinds) { name in
    ["DATA": "datasets", "ROWS": "300", "EMPTY": ""][name]
  }

  static func parse(_ text: String, overrides: [String] = []) -> ParseResult {
    parser.parse(text, file: "test.yaml", overrides: overrides)
  }

  /// The document of a workflow that must be sound.
  static func document(_ text: String, overrides: [String] = []) throws -> WorkflowDocument {
    try parse(text, overrides: overrides).get()
  }
}

@Suite struct SampleTests {
  /// `# schema: passes` in the first line is for the schema's check, `# set: …` lines hold overrides.
  @Test(arguments: Samples.names("broken"))
  func brokenWorkflowIsToldExactly(name: String) throws {
    let path = "\(Samples.folder)/broken/\(name)"
    let bytes = try Files.read(path + ".yaml")
    let overrides = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
      .filter { $0.hasPrefix("# set: ") }.map { String($0.dropFirst(7)) }
    let result = Samples.parser.parse(bytes: bytes, file: "\(name).yaml", overrides: overrides)
    #expect(result.document == nil)
    let told = Diagnostic.rendered(result.diagnostics) + "\n"
    guard Files.exists(path + ".txt") else {
      try durableWrite(path + ".txt", bytes: Array(told.utf8))
      Issue.record("recorded \(name).txt: read it, then run again")
      return
    }
    #expect(told == String(decoding: try Files.read(path + ".txt"), as: UTF8.self))
  }

  @Test(arguments: Samples.names("valid"))
  func validWorkflowParses(name: String) throws {
    let result = try Samples.parser.parse(file: "\(Samples.folder)/valid/\(name).yaml", shownAs: "\(name).yaml")
    #expect(Diagnostic.rendered(result.diagnostics) == "")
    #expect(result.document != nil)
  }

  @Test func thereAreEnoughBrokenWorkflows() {
    #expect(Samples.names("broken").count >= 65)
  }
}
