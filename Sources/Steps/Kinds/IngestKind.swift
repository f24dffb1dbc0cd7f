import Basics
import Diagnostics
package import Execution
import ObjectStore
import Tabular
package import Workflow

/// `ingest`: a CSV or libsvm file → a typed table.
package struct IngestKind: StepKind {
  package init() {}
  package let implementation = 1

  package var grammar: KindGrammar {
    KindGrammar(
      name: "ingest", summary: "Read a CSV file with a header, or a libsvm file, into a typed table.",
      settings: [
        SettingGrammar("source", "The file to read, relative to the workspace.", .path),
        SettingGrammar(
          "file", "A file that a `command` step made, instead of `source`.", .artifact([.file]),
          alternativeTo: "source"),
        SettingGrammar(
          "format",
          "`csv` or `libsvm`; left out, `libsvm` where the source ends in `.svm`, `.libsvm` or `.svmlight`.",
          .choice(["csv", "libsvm"])),
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
      check: { step, _ in check(step) })
  }

  package func action(
    for step: StepSpec, inputs: [Action.Input], in context: PlanContext
  ) throws -> Action {
    var digest: Digest
    var path: String
    let written: String
    if let input = inputs.first {
      written = step.input("file")?.text ?? "file"
      guard !input.isTree else {
        throw SettingProblem(["file"], .error("is-folder", "'\(written)' is a folder, expected a CSV file"))
      }
      digest = input.digest
      path = try context.store.path(of: digest)
    } else {
      written = step.settings["source"]?.stringValue ?? ""
      path = context.workspace.absolute(written)
      guard let status = try Files.status(path) else {
        throw SettingProblem(
          ["source"], missingFileDiagnostic(written: written, resolved: path, place: step.place(of: "source")))
      }
      guard status.kind == .file else {
        throw SettingProblem(["source"], .error("no-file", "'\(written)' is no regular file, expected a CSV file"))
      }
      digest = try context.store.digest(ofFile: path, cancellation: context.cancellation)
    }
    if let pinned = step.settings["sha256"]?.stringValue, pinned != digest.hex {
      throw SettingProblem(
        ["sha256"],
        .error(
          "source-changed", "'\(written)' is not the file that the workflow names: its digest is \(digest.hex)",
          help: ["restore the file, or write the new digest here if the change is meant"]))
    }
    var settings: JSON = [:]
    if isLibSVM(step) {
      settings["format"] = "libsvm"
    } else {
      for name in ["missing", "delimiter", "columns"] { settings[name] = step.settings[name] }
    }
    var action = Action(
      kind: "ingest", implementation: implementation, settings: settings,
      inputs: [Action.Input(role: "source", type: "source", digest: digest)])
    action.hints = ["path": .string(path), "name": .string(written)]
    return action
  }

  package func run(_ action: Action, in context: StepContext) throws -> StepOutcome {
    let name = action.hints["name"]?.stringValue ?? ""
    let staged = context.staging + "/table.arrow"
    let path = action.hints["path"]?.stringValue ?? ""
    let report =
      if action.settings["format"]?.stringValue == "libsvm" {
        try ingestLibSVM(
          path, named: name, into: staged, threads: context.threads, cancellation: context.cancellation,
          progress: context.progress)
      } else {
        try ingestCSV(
          path, named: name, format: csvFormat(action.settings), into: staged, threads: context.threads,
          cancellation: context.cancellation, progress: context.progress)
      }
    guard report.sourceDigest == action.input("source") else {
      throw Problems(
        .error(
          "source-moved", "'\(name)' changed while it was read",
          help: ["run the same command again once nothing writes to the file"]), failure: .badInput)
    }
    let size = try Files.status(staged)?.size ?? 0
    let digest = try context.store.adopt(staged, cancellation: context.cancellation)
    var outcome = StepOutcome(outputs: [ActionResult.Output(name: "table", type: "table", digest: digest, size: size)])
    outcome.warnings = report.notes
    outcome.report = [
      "rows": JSON(report.rowCount), "source": .string(name), "source_sha256": JSON(report.sourceDigest),
      "columns": .array(
        report.schema.fields.map { ["name": .string($0.name), "type": .string($0.type.rawValue)] }),
    ]
    outcome.summary = "\(report.rowCount) rows × \(report.schema.fields.count) columns"
    return outcome
  }
}

private func isLibSVM(_ step: StepSpec) -> Bool {
  guard let format = step.settings["format"]?.stringValue else {
    return isLibSVMName(step.settings["source"]?.stringValue ?? "")
  }
  return format == "libsvm"
}

private func csvFormat(_ settings: JSON) -> CSVFormat {
  var format = CSVFormat()
  let delimiter = settings["delimiter"]?.stringValue ?? ","
  format.delimiter = delimiter == "tab" ? UInt8(ascii: "\t") : delimiter.utf8.first ?? UInt8(ascii: ",")
  format.missing = (settings["missing"]?.arrayValue ?? []).compactMap(\.stringValue)
  format.declared = (settings["columns"]?.objectValue ?? [:]).compactMapValues {
    $0.stringValue.flatMap(ColumnType.init(rawValue:))
  }
  return format
}

/// One source, and a delimiter and a digest that can be such.
private func check(_ step: StepSpec) -> [Diagnostic] {
  var problems: [Diagnostic] = []
  switch (step.settings["source"]?.stringValue, step.input("file")) {
  case (nil, nil):
    problems.append(
      .error(
        "no-source", "'ingest' needs one of 'source' and 'file'", at: step.keyPlace(),
        help: ["write 'source: PATH' for a file of the workspace, 'file: STEP.OUTPUT' for one that a command makes"]))
  case (_?, _?):
    problems.append(
      .error(
        "two-sources", "'source' and 'file' cannot be used together", at: step.keyPlace(of: "file"),
        help: ["keep one of them"]))
  default: break
  }
  if let delimiter = step.settings["delimiter"]?.stringValue, delimiter != "tab",
    delimiter.utf8.count != 1 || delimiter == "\"" || delimiter == "\n"
  {
    problems.append(
      .error(
        "bad-delimiter",
        "'delimiter' is \(delimiter.debugDescription), expected one ASCII character other than a quote, or 'tab'",
        at: step.place(of: "delimiter")))
  }
  if isLibSVM(step) {
    for name in ["columns", "missing"]
    where step.settings[name]?.objectValue?.isEmpty == false || step.settings[name]?.arrayValue?.isEmpty == false {
      problems.append(
        .error(
          "setting-for-csv", "'\(name)' is for CSV files, and the source is a libsvm file",
          at: step.keyPlace(of: name), help: ["remove it, or write 'format: csv'"]))
    }
  }
  if let digest = step.settings["sha256"]?.stringValue, Digest(hex: digest) == nil {
    problems.append(
      .error(
        "bad-digest", "'sha256' is no digest, expected 64 lower-case hex digits", at: step.place(of: "sha256"),
        help: ["'sha256sum FILE' prints them"]))
  }
  return problems
}
