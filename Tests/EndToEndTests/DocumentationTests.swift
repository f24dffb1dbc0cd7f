import Basics
import Foundation
import Testing

/// What the binary says of itself against what the documentation says.
@Suite struct DocumentationTests {
  private func page(_ path: String) throws -> String {
    try String(contentsOfFile: Tool.root + "/" + path, encoding: .utf8)
  }

  /// The commands in `--help`, and the subcommands in their own help.
  private func commands() throws -> [String] {
    let sandbox = try Sandbox(examples: false)
    func listed(_ help: String) -> [String] {
      help.split(separator: "\n").filter {
        $0.hasPrefix("  ") && !$0.hasPrefix("   ") && !$0.hasPrefix("  -") && !$0.hasPrefix("  See")
      }
      .compactMap { $0.split(separator: " ").first.map(String.init) }
    }
    let top = listed(try sandbox.run("--help").output)
    return try top.flatMap { name -> [String] in
      let help = try sandbox.run(name, "--help").output
      guard let start = help.range(of: "SUBCOMMANDS:\n") else { return [name] }
      return listed(String(help[start.upperBound...])).map { "\(name) \($0)" }
    }
  }

  @Test func everyCommandIsDocumented() throws {
    let names = try commands()
    #expect(names.count > 15)
    let cli = try page("docs/cli.md")
    let manual = try page("docs/man/mlflowctl.1")
    for name in names {
      #expect(cli.contains("`\(name)"), "docs/cli.md does not name '\(name)'")
      for word in name.split(separator: " ") { #expect(manual.contains(word), "the man page does not name '\(name)'") }
    }
  }

  @Test func everyOptionIsDocumented() throws {
    let sandbox = try Sandbox(examples: false)
    let cli = try page("docs/cli.md")
    let manual = try page("docs/man/mlflowctl.1")
    for command in try commands() {
      let help = try sandbox.run(command.split(separator: " ").map(String.init) + ["--help"]).output
      let options = Set(help.matches(of: /--([a-z][a-z-]*)/).map { String($0.1) })
      #expect(options.isSuperset(of: ["format", "workspace", "help"]))
      for option in options {
        let isOnPages = (cli.contains("--\(option)"), manual.contains("Fl -\(option)"))
        #expect(isOnPages.0, "docs/cli.md does not name --\(option) of '\(command)'")
        #expect(isOnPages.1, "the man page does not name --\(option) of '\(command)'")
      }
    }
  }

  @Test func theManPageRendersWithoutWarnings() throws {
    let groff = Process()
    let complaints = Pipe()
    groff.executableURL = URL(filePath: "/usr/bin/groff")
    // Where there is no groff there is nobody who would read the page with it.
    guard FileManager.default.isExecutableFile(atPath: "/usr/bin/groff") else { return }
    groff.arguments = ["-mdoc", "-ww", "-z", Tool.root + "/docs/man/mlflowctl.1"]
    groff.standardError = complaints
    try groff.run()
    let text = String(decoding: complaints.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    groff.waitUntilExit()
    #expect(text.isEmpty && groff.terminationStatus == 0, "\(text)")
  }

  @Test func theReadmeIsShort() throws {
    #expect(try page("README.md").split(separator: "\n", omittingEmptySubsequences: false).count <= 200)
  }

  @Test(arguments: ["bash", "zsh", "fish"])
  func completionScriptsAreWritten(_ shell: String) throws {
    let ending = try Sandbox(examples: false).run("--generate-completion-script", shell)
    #expect(ending.code == 0)
    #expect(ending.output.contains("mlflowctl") && ending.output.contains("rollback"))
  }
}
