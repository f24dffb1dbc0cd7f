import Basics
import DataValidation
import Diagnostics
import Execution
import ObjectStore
import Steps
import Tabular
import Workflow

/// What reading a source gave.
struct ReadSource {
  /// Its memory is mapped from a file without a name.
  var table: Table
  /// What there is to say of the types.
  var notes: [Diagnostic]
  /// Made while it was read.
  var profile: TableProfile?
  /// How the types came about.
  var inferences: [ColumnInference]
  /// How a text was read where that is not usual, as settings of `ingest`.
  var dialect: JSON
}

/// Whether a source is an address rather than a path.
func isAddress(_ source: String) -> Bool { source.contains("://") }

/// What messages call a source: of an address what holds no password.
func sourceTitle(_ source: String) -> String {
  isAddress(source) ? databaseName(source) ?? "the address" : Files.lastPart(of: source)
}

/// Throws what is wrong with a source that is an address, without showing it.
func checkAddress(_ source: String, _ settings: JSON) throws {
  guard isAddress(source) else { return }
  guard isPostgreSQLAddress(source) else {
    let scheme = source.prefix { $0 != ":" }
    throw Problems(
      .error(
        "unknown-address", "addresses that begin with '\(scheme)://' cannot be read",
        help: ["name a file, or a database as postgresql://…"]), failure: .usage)
  }
  let problems = addressProblems(source, selects: settings["table"] != nil || settings["query"] != nil)
  if !problems.isEmpty { throw Problems(problems, failure: .usage) }
}

/// Reads a source as an `ingest` step with such settings would, in a workspace of its own at `scratch`, and leaves nothing
/// behind.
func readTable(_ source: String, missing: [String], settings: JSON, scratch: String) throws -> ReadSource {
  try checkAddress(source, settings)
  try Files.makeFolder(scratch)
  defer { try? Files.removeTree(scratch) }
  var settings = settings
  settings["source"] = .string(source)
  if !missing.isEmpty { settings["missing"] = JSON(missing) }
  let name = sourceTitle(source)
  let text = "workflow: read\nsteps:\n  data: { ingest: \(settings.canonical) }\n"
  let parsed = WorkflowParser(kinds: stepKinds.map(\.grammar), environment: environmentValue).parse(text, file: name)
  guard let document = parsed.document else { throw Problems(withoutPlaces(parsed.diagnostics), failure: .usage) }
  let workspace = try Workspace(scratch)
  let store = try Store.open(workspace)
  var options = RunOptions()
  options.threads = processorCount()
  options.memory = physicalMemory() / 2
  let executor = Executor(workspace: workspace, store: store, document: document, kinds: stepKinds, options: options)
  let report = try executor.run(cancellation: .process) { _ in }
  try Cancellation.process.check()
  guard let step = report.steps.first, let output = step.outputs.first else {
    let problems = (report.steps.first?.problems ?? []).map { problem in
      problem.place?.line == 3 && problem.place?.file == name ? withoutPlaces([problem])[0] : problem
    }
    throw Problems(problems, failure: report.steps.first?.failure ?? .badInput)
  }
  return ReadSource(
    table: try Table.open(store.verifiedPath(of: output.digest, cancellation: .process)), notes: step.warnings,
    profile: try store.profile(ofTable: output.digest), inferences: inferences(step.report),
    dialect: step.report["dialect"] ?? [:])
}

/// Places in the text above mean nothing to anybody.
private func withoutPlaces(_ problems: [Diagnostic]) -> [Diagnostic] {
  problems.map { problem in
    var problem = problem
    problem.place = nil
    return problem
  }
}

/// How the types of a table came about, as the report of the step that read it tells.
func inferences(_ report: JSON) -> [ColumnInference] { ColumnInference.list(report["inferences"]) }

/// A folder for the time being: in the workspace where there is one that can be written to.
func scratchFolder(_ place: WorkspaceOptions) throws -> String {
  if let workspace = try? place.workspace(), Files.exists(workspace.absolute(".mlflowctl")) {
    do {
      return try Store.open(workspace).makeStagingPath()
    } catch is FileError {
      // A workspace that others own is no reason not to look at a file.
    } catch is StoreError {}
  }
  return Files.join(environmentValue("TMPDIR") ?? "/tmp", "mlflowctl-read-\(uniqueSuffix())")
}
