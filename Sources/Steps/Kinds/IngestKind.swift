import Basics
import Diagnostics
package import Execution
import ObjectStore
import Tabular
package import Workflow

/// `ingest`: a file, many files, or standard input → a typed table.
package struct IngestKind: StepKind {
  package init() {}
  package let implementation = 1

  package var grammar: KindGrammar {
    KindGrammar(
      name: "ingest", summary: "Read data of any format into a typed table.",
      settings: [
        SettingGrammar(
          "source",
          "What to read, relative to the workspace: a file, a folder, a pattern such as `sales/**/*.csv`, or `-` for standard input.",
          .path),
        SettingGrammar(
          "file", "A file that a `command` step made, instead of `source`.", .artifact([.file]),
          alternativeTo: "source"),
        SettingGrammar(
          "format", "What the source is; left out, its content and its name tell.",
          .choice(SourceFormat.allCases.map(\.rawValue))),
        SettingGrammar("query", "What to read of a database: one SELECT.", .text),
        SettingGrammar("table", "The table or view to read of a database, instead of a query.", .text),
        SettingGrammar("target", "The column that models are to tell.", .text),
        SettingGrammar(
          "missing_target", "What to do when the target is missing in a row.", .choice(["fail", "drop"]),
          fallback: "fail"),
        SettingGrammar(
          "missing", "Texts that mean a missing value, beside the empty field.", .list(.scalar), fallback: []),
        SettingGrammar("delimiter", "What stands between fields; one character or `tab`.", .text, fallback: ","),
        SettingGrammar(
          "columns", "Types of columns that should not be inferred.",
          .map(.choice(ColumnType.ofCells.map(\.rawValue))), fallback: [:]),
        SettingGrammar("sha256", "The digest that the source must have, so that a commit identifies its data.", .text),
      ],
      outputs: [.table],
      check: { step, _ in checkIngest(step) })
  }

  package func action(
    for step: StepSpec, inputs: [Action.Input], in context: PlanContext
  ) throws -> Action {
    let source = try SourcePinning(step: step, context: context).pin(inputs)
    if let pinned = step.settings["sha256"]?.stringValue, pinned != source.digest.hex {
      throw SettingProblem(
        ["sha256"],
        .error(
          "source-changed",
          "'\(step.settings["source"]?.stringValue ?? "file")' is not the file that the workflow names: its digest is \(source.digest.hex)",
          help: ["restore the file, or write the new digest here if the change is meant"]))
    }
    var settings: JSON = [:]
    if let format = source.format { settings["format"] = .string(format) }
    for name in source.settingNames { settings[name] = step.settings[name] }
    var action = Action(
      kind: "ingest", implementation: implementation, settings: settings,
      inputs: [Action.Input(role: "source", type: "source", digest: source.digest)])
    action.hints = source.hints
    return action
  }

  package func run(_ action: Action, in context: StepContext) throws -> StepOutcome {
    let staged = context.staging + "/table.arrow"
    let input = try action.requiredInput("source")
    guard
      let source = PinnedSource(
        hints: action.hints, digest: input.digest, format: action.settings["format"]?.stringValue)
    else {
      throw Problems(.error("no-source", "an 'ingest' action has no source"), failure: .internalError)
    }
    let report = try SourceReading(settings: action.settings, context: context).read(source, into: staged)
    let size = try Files.status(staged)?.size ?? 0
    let digest = try context.store.adopt(staged, cancellation: context.cancellation)
    var outcome = StepOutcome(outputs: [ActionResult.Output(name: "table", type: "table", digest: digest, size: size)])
    outcome.warnings = report.notes
    outcome.report = source.report
    outcome.report["rows"] = JSON(report.rowCount)
    outcome.report["columns"] = report.schema.json
    outcome.summary = "\(report.rowCount) rows × \(report.schema.fields.count) columns"
    return outcome
  }
}
