import Basics
import Diagnostics
import Tabular
import Workflow

/// One source, and a delimiter and a digest that can be such.
func checkIngest(_ step: StepSpec) -> [Diagnostic] {
  sourceProblems(step) + databaseProblems(step) + dialectProblems(step) + libSVMProblems(step) + idleSettings(step)
    + digestProblems(step)
}

private func sourceProblems(_ step: StepSpec) -> [Diagnostic] {
  switch (step.settings["source"]?.stringValue, step.input("file")) {
  case (nil, nil):
    [
      .error(
        "no-source", "'ingest' needs one of 'source' and 'file'", at: step.keyPlace(),
        help: ["write 'source: PATH' for a file of the workspace, 'file: STEP.OUTPUT' for one that a command makes"])
    ]
  case (_?, _?):
    [
      .error(
        "two-sources", "'source' and 'file' cannot be used together", at: step.keyPlace(of: "file"),
        help: ["keep one of them"])
    ]
  default:
    step.settings["query"] != nil && step.settings["table"] != nil
      ? [
        .error(
          "query-and-table", "'query' and 'table' cannot be used together", at: step.keyPlace(of: "table"),
          help: ["keep one of them"])
      ] : []
  }
}

private func libSVMProblems(_ step: StepSpec) -> [Diagnostic] {
  guard (writtenFormat(step) ?? .csv) == .libsvm else { return [] }
  return ["columns", "missing"].compactMap { name in
    let isEmpty =
      (step.settings[name]?.objectValue?.isEmpty ?? true) && (step.settings[name]?.arrayValue?.isEmpty ?? true)
    return isEmpty
      ? nil
      : .error(
        "setting-for-csv", "'\(name)' is for CSV files, and the source is a libsvm file",
        at: step.keyPlace(of: name), help: ["remove it, or write 'format: csv'"])
  }
}

/// Warns of settings that concern CSV files, or those whose records may be bad, where the source is another.
private func idleSettings(_ step: StepSpec) -> [Diagnostic] {
  guard let format = writtenFormat(step), format != .csv, format != .tsv else { return [] }
  let idle = csvSettingNames + (format == .jsonl ? [] : badRowSettingNames)
  return idle.filter { step.isWritten($0) }.map { name in
    .warning(
      "setting-without-effect", "'\(name)' does nothing: the source is \(format.phrase)", at: step.keyPlace(of: name),
      help: ["remove it"])
  }
}

/// The format as far as the workflow says it.
private func writtenFormat(_ step: StepSpec) -> SourceFormat? {
  step.settings["format"]?.stringValue.flatMap(SourceFormat.init)
    ?? step.settings["source"]?.stringValue.flatMap(SourceFormat.byName)
}

private func digestProblems(_ step: StepSpec) -> [Diagnostic] {
  guard let digest = step.settings["sha256"]?.stringValue, Digest(hex: digest) == nil else { return [] }
  return [
    .error(
      "bad-digest", "'sha256' is no digest, expected 64 lower-case hex digits", at: step.place(of: "sha256"),
      help: ["'sha256sum FILE' prints them"])
  ]
}
