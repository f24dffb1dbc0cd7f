import Basics
import Foundation
import Testing

/// `check` as a user sees it. What it says of each fault is tried in `StepsTests`.
@Suite struct CheckTests {
  /// The diagnostics of a workflow that must be refused as such, in bounded time.
  private func refusal(of text: String, in sandbox: Sandbox) throws -> String {
    try sandbox.write(text, to: "workflows/w.yaml")
    return try refusal(in: sandbox)
  }

  private func refusal(in sandbox: Sandbox) throws -> String {
    var diagnostics = ""
    let elapsed = try ContinuousClock().measure {
      let ending = try sandbox.run("check", "workflows/w.yaml")
      #expect(ending.code == 65)
      #expect(ending.output == "")
      diagnostics = ending.diagnostics
    }
    #expect(elapsed < .seconds(5))
    return diagnostics
  }

  @Test func missingFilesAreShownAsWrittenAndAsResolved() throws {
    let sandbox = try Sandbox(examples: false)
    let told = try refusal(
      of: """
        workflow: w
        steps:
          data: { ingest: { source: datasets/churn.csv, target: y } }
          work: { command: { command: [true], files: [work.py] } }
        """, in: sandbox)
    let folder = URL(filePath: sandbox.folder).resolvingSymlinksInPath().path(percentEncoded: false)
    #expect(
      told == """
        workflows/w.yaml:3:29: error: cannot find 'datasets/churn.csv'
            3 |   data: { ingest: { source: datasets/churn.csv, target: y } }
              |                             ^~~~~~~~~~~~~~~~~~
        note: it was resolved to '\(folder)/datasets/churn.csv'
        help: paths are relative to the workspace

        workflows/w.yaml:4:47: error: cannot find 'work.py'
            4 |   work: { command: { command: [true], files: [work.py] } }
              |                                               ^~~~~~~
        note: it was resolved to '\(folder)/work.py'
        help: paths are relative to the workspace

        """)
  }

  @Test func hugeFileIsRefused() throws {
    let sandbox = try Sandbox(examples: false)
    try sandbox.write("workflow: w\n", to: "workflows/w.yaml")
    // 100 MB that no disk holds.
    #expect(truncate(sandbox.folder + "/workflows/w.yaml", 100_000_000) == 0)
    let told = try refusal(in: sandbox)
    #expect(told.hasPrefix("workflows/w.yaml: error: a workflow may have at most 1 MiB, this file has more\n"))
  }

  @Test func aliasBombIsRefused() throws {
    let levels = (1...9).map { level in
      "x-\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", "))]\n"
    }.joined()
    let told = try refusal(
      of: "workflow: w\nx-0: &a0 [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]\n\(levels)steps: {}\n", in: Sandbox(examples: false))
    #expect(told.contains("error: the file holds more than 100000 values, aliases counted where they are used"))
  }

  @Test func deepNestingIsRefused() throws {
    let told = try refusal(
      of: "workflow: w\nx-deep: " + String(repeating: "[", count: 1_000_000) + "\n", in: Sandbox(examples: false))
    #expect(told.contains("error: lists and maps are nested more than 64 levels deep here"))
    #expect(told.utf8.count < 2000)
  }
}
