import Basics
import DataValidation
import Diagnostics
package import Execution
import ObjectStore
import Tabular
package import Workflow

/// `ingest`: a file, many files, or standard input → a typed table and its profile.
package struct IngestKind: StepKind {
  package init() {}
  package let implementation = 4

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
        SettingGrammar(
          "columns", "Types of columns that should not be inferred.",
          .map(.choice(ColumnType.ofCells.map(\.rawValue))), fallback: [:]),
        SettingGrammar(
          "bad_rows",
          "What becomes of records of a CSV or JSON Lines file that cannot be rows: those with too few or too many cells, that are no text or no object, or have a cell that a type in `columns` cannot hold. `quarantine` leaves them out and keeps them.",
          .choice(BadRowPolicy.allCases.map(\.rawValue)), fallback: "fail"),
        SettingGrammar("max_bad", "The largest share of records that may be left out.", .share, fallback: 0.001),
      ] + csvGrammar + [
        SettingGrammar("sha256", "The digest that the source must have, so that a commit identifies its data.", .text)
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
    var action = Action(
      kind: "ingest", implementation: implementation, settings: source.settings(of: step),
      inputs: [Action.Input(role: "source", type: "source", digest: source.digest)])
    action.hints = source.hints
    return action
  }

  /// A large file of text that was not hashed yet is read while it is.
  package func headStart(for step: StepSpec, inputs: [Action.Input], in context: PlanContext) -> HeadStartWork? {
    // Where something is wrong, `action` tells it.
    guard inputs.isEmpty, let file = try? SourcePinning(step: step, context: context).fileToHash() else { return nil }
    let settings = PinnedSource.file(file).settings(of: step)
    return { context in try StagedTable(file, settings, in: context) }
  }

  package func run(_ action: Action, in context: StepContext) throws -> StepOutcome {
    let input = try action.requiredInput("source")
    guard
      let source = PinnedSource(
        hints: action.hints, digest: input.digest, format: action.settings["format"]?.stringValue)
    else {
      throw Problems(.error("no-source", "an 'ingest' action has no source"), failure: .internalError)
    }
    let table =
      try StagedTable.begun(source, action.settings, in: context) ?? StagedTable(source, action.settings, in: context)
    let report = table.report
    try checkBadRows(report, action.settings)
    // The disk takes the table while its profile is made.
    var outcome = StepOutcome(
      outputs: try parallelMap(count: 2, threads: min(2, context.threads)) { index in
        if index == 0 {
          let size = try Files.status(table.path)?.size ?? 0
          let digest = try context.store.adopt(
            table.path, digest: report.tableDigest, cancellation: context.cancellation)
          return ActionResult.Output(name: "table", type: "table", digest: digest, size: size)
        }
        let profile = table.profiler.profile(threads: context.threads).canonicalBytes(threads: context.threads)
        return ActionResult.Output(
          name: "profile", type: "profile", digest: try context.store.put(profile), size: profile.count)
      })
    outcome.warnings = report.notes
    outcome.report = source.report
    outcome.report["dialect"] = dialect(report, of: source)
    if action.settings["bad_rows"]?.stringValue == BadRowPolicy.quarantine.rawValue {
      let size = try Files.status(table.badRowsPath)?.size ?? 0
      let kept = try context.store.adopt(table.badRowsPath, cancellation: context.cancellation)
      outcome.outputs.append(ActionResult.Output(name: "bad_rows", type: "file", digest: kept, size: size))
      outcome.report["bad_rows"] = JSON(report.badRowCount)
      outcome.report["bad_rows_by_reason"] = .object(report.badRows.mapValues { JSON($0) })
    }
    outcome.report["rows"] = JSON(report.rowCount)
    outcome.report["columns"] = report.schema.json
    if !report.inferences.isEmpty { outcome.report["inferences"] = ColumnInference.json(report.inferences) }
    outcome.summary = "\(report.rowCount) rows × \(report.schema.fields.count) columns"
    if report.badRowCount > 0 {
      outcome.summary += ", \(report.badRowCount) bad row\(report.badRowCount == 1 ? "" : "s") left out"
    }
    return outcome
  }

  /// How a text was read where that is not usual, for those who read more of its kind; nil where there is nothing to say.
  private func dialect(_ report: IngestReport, of source: PinnedSource) -> JSON? {
    var dialect = report.csv?.dialectSettings(isTabbed: source.isTabbed) ?? [:]
    if source.isTabbed { dialect["format"] = .string(SourceFormat.tsv.rawValue) }
    // JSON has a nil of its own.
    if dialect == [:] { return nil }
    return dialect
  }

  /// Throws when more records were left out than may be.
  private func checkBadRows(_ report: IngestReport, _ settings: JSON) throws {
    let records = report.rowCount + report.badRowCount
    let allowed = settings["max_bad"]?.doubleValue ?? 0
    guard report.badRowCount > 0, Double(report.badRowCount) > allowed * Double(records) else { return }
    let reasons = report.badRows.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(5)
    throw SettingProblem(
      ["max_bad"],
      .error(
        "too-many-bad-rows",
        "\(report.badRowCount) of \(records) records cannot be rows, at most \(JSON(allowed * 100).canonical)% may be left out",
        help: reasons.map { "\($0.value): \($0.key)" } + ["mend them, or raise 'max_bad'"]))
  }
}
