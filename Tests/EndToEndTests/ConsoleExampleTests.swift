import Foundation
import Testing

/// Runs the `$ …` lines of the documentation, each page in one shell and one workspace from top to bottom, and holds what is
/// printed below them against what they print.
///
/// Digests, times and long numbers, which differ from one machine to the next, are masked. A line `…` stands for any lines.
@Suite struct ConsoleExampleTests {
  private struct Example {
    var command: String
    var expected: [String] = []
  }

  @Test(arguments: ["README.md", "docs/cli.md"])
  func theExamplesOfThePagePrintWhatItSays(_ page: String) throws {
    let examples = examples(of: try String(contentsOfFile: Tool.root + "/" + page, encoding: .utf8))
    #expect(!examples.isEmpty)
    let outputs = try run(examples.map(\.command))
    for (example, output) in zip(examples, outputs) {
      let printed = Set(output.map(masked))
      for line in example.expected where line != "…" && !printed.contains(masked(line)) {
        Issue.record("\(page): '\(example.command)' does not print\n\(line)\nbut\n\(output.joined(separator: "\n"))")
      }
      if !example.expected.contains("…"), example.expected.count != output.count {
        Issue.record(
          "\(page): '\(example.command)' prints \(output.count) lines, the page shows \(example.expected.count)")
      }
    }
  }

  private func examples(of page: String) -> [Example] {
    var examples: [Example] = []
    for block in page.components(separatedBy: "```console\n").dropFirst() {
      for line in (block.components(separatedBy: "```").first ?? "").components(separatedBy: "\n") {
        if line.hasPrefix("$ ") {
          examples.append(Example(command: String(line.dropFirst(2))))
        } else if !line.isEmpty, !examples.isEmpty {
          examples[examples.count - 1].expected.append(line)
        }
      }
    }
    return examples
  }

  /// The lines that each command printed on stdout and stderr; empty ones are left out.
  private func run(_ commands: [String]) throws -> [[String]] {
    let sandbox = try Sandbox()
    // `$?` has to get past the mark that stands before each command.
    let script =
      ["exec 2>&1", "mlflowctl() { \"$0\" \"$@\"; }", "mark() { code=$?; echo @@; return $code; }"]
      + commands.flatMap { ["mark", $0] }
    let shell = ["sh", "-c", script.joined(separator: "\n")]
    let ending = try Child([], in: sandbox.folder, environment: ["USER": "ci"], through: shell).wait()
    return ending.output.components(separatedBy: "@@\n").dropFirst().map { part in
      part.components(separatedBy: "\n").filter { !$0.isEmpty }
    }
  }

  private func masked(_ line: String) -> String {
    line.replacing(/\d{4}-\d\d-\d\dT[\d:.]+Z/, with: "TIME").replacing(/\b[0-9a-f]{12,64}\b/, with: "DIGEST")
      .replacing(/\b[\d.]+ (ms|s|kB|MB|GB)\b/, with: "AMOUNT").replacing(/\b\d+\.\d{5,}(e-?\d+)?/, with: "NUMBER")
      .replacing(/\s+/, with: " ")
  }
}
