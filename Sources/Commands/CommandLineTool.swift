import ArgumentParser
import Basics
import CPlatform
import Diagnostics
import Glibc
import LinearAlgebra

/// The entry point: parses the command line, runs the command, renders what went wrong, ends with the exit code of
/// `docs/cli.md`.
package enum CommandLineTool {
  package static func main() -> Never {
    cplatform_watch_signals()
    BLASLibrary.prepare()
    let arguments = withSharedOptionsLast(Array(CommandLine.arguments.dropFirst()))
    let console = Console(asksForJSON: asksForJSON(arguments))
    do {
      try refuseUnknownCommand(arguments)
      var command = try Mlflowctl.parseAsRoot(arguments)
      if let command = command as? any ConsoleCommand {
        let failure = try command.execute(console)
        exit(failure?.rawValue ?? 0)
      }
      try command.run()
      exit(0)
    } catch let error as any Diagnosable {
      console.report(error.diagnostics, failure: error.failure)
      exit(error.failure.rawValue)
    } catch let cancelled as Cancelled {
      console.report([.error("interrupted", "interrupted")], failure: cancelled.failure)
      exit(cancelled.failure.rawValue)
    } catch {
      end(on: error, console)
    }
  }

  /// Help, version and usage errors are the parser's to word; anything else is a bug and says so.
  private static func end(on error: any Error, _ console: Console) -> Never {
    let code = Mlflowctl.exitCode(for: error).rawValue
    if code == 0 { Mlflowctl.exit(withError: error) }
    if code == Failure.usage.rawValue || error is ValidationError {
      if console.asksForJSON {
        console.report([.error("usage", Mlflowctl.message(for: error))], failure: .usage)
        exit(Failure.usage.rawValue)
      }
      Mlflowctl.exit(withError: error)
    }
    console.report(
      [
        .error(
          "internal", "unexpected failure: \(String(reflecting: error))",
          help: ["this is a bug in mlflowctl: please report it with the command that you ran"])
      ], failure: .internalError)
    exit(Failure.internalError.rawValue)
  }

  private static func refuseUnknownCommand(_ arguments: [String]) throws {
    let names = Mlflowctl.configuration.subcommands.map { $0._commandName } + ["help"]
    guard let word = arguments.first, !word.hasPrefix("-"), !names.contains(word) else { return }
    let help =
      nearestName(to: word, among: names).map { "did you mean '\($0)'?" } ?? "'mlflowctl --help' lists the commands"
    throw Problems(.error("unknown-command", "there is no command '\(word)'", help: [help]), failure: .usage)
  }

  /// `mlflowctl -C DIR train …` means `mlflowctl train … -C DIR`: options that every command takes may stand first.
  private static func withSharedOptionsLast(_ arguments: [String]) -> [String] {
    var rest = arguments[...]
    var shared: [String] = []
    while let first = rest.first, rest.count > 1, ["-C", "--workspace", "--format"].contains(first) {
      shared += rest.prefix(2)
      rest = rest.dropFirst(2)
    }
    return rest + shared
  }

  private static func asksForJSON(_ arguments: [String]) -> Bool {
    arguments.contains("--format=json")
      || zip(arguments, arguments.dropFirst()).contains { $0 == "--format" && $1 == "json" }
  }
}

/// A command of this tool: returns the failure that it ends with, or nil for success.
protocol ConsoleCommand {
  func execute(_ console: Console) throws -> Failure?
}

struct Mlflowctl: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mlflowctl",
    abstract: "Carries a tabular model through its whole life: data in, training, gates, release, serving.",
    discussion: "Start with 'mlflowctl init DATA.csv', then 'mlflowctl train WORKFLOW'.",
    version: productVersion,
    groupedSubcommands: [
      CommandGroup(
        name: "Main path",
        subcommands: [
          InitCommand.self, CheckCommand.self, PlanCommand.self, TrainCommand.self, PromoteCommand.self,
          RollbackCommand.self, PredictCommand.self, ExplainCommand.self,
        ]),
      CommandGroup(
        name: "Looking around",
        subcommands: [
          ProfileCommand.self, RunsCommand.self, ModelsCommand.self, LineageCommand.self, StoreCommand.self,
          GraphCommand.self,
          SchemaCommand.self, DoctorCommand.self,
        ]),
    ])
}

let productVersion = "0.1.0"
