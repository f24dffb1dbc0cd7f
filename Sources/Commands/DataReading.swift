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
}

/// Reads a source as an `ingest` step would, in a workspace of its own at `scratch`, and leaves nothing behind.
func readTable(
  _ source: String, missing: [String], delimiter: String?, scratch: String
) throws -> ReadSource {
  try Files.makeFolder(scratch)
  defer { try? Files.removeTree(scratch) }
  var settings = ["source: \(JSON.string(source).canonical)"]
  if !missing.isEmpty { settings.append("missing: \(JSON(missing).canonical)") }
  if let delimiter { settings.append("delimiter: \(JSON.string(delimiter).canonical)") }
  let text = "workflow: read\nsteps:\n  data: { ingest: { \(settings.joined(separator: ", ")) } }\n"
  let document = try WorkflowParser(kinds: stepKinds.map(\.grammar), environment: environmentValue)
    .parse(text, file: source).get()
  let workspace = try Workspace(scratch)
  let store = try Store.open(workspace)
  var options = RunOptions()
  options.threads = processorCount()
  options.memory = physicalMemory() / 2
  let executor = Executor(workspace: workspace, store: store, document: document, kinds: stepKinds, options: options)
  let report = try executor.run(cancellation: .process) { _ in }
  try Cancellation.process.check()
  guard let step = report.steps.first, let output = step.outputs.first else {
    // Places in the text above mean nothing to anybody.
    let problems = (report.steps.first?.problems ?? []).map { problem in
      var problem = problem
      if problem.place?.line == 3, problem.place?.file == source { problem.place = nil }
      return problem
    }
    throw Problems(problems, failure: report.steps.first?.failure ?? .badInput)
  }
  return ReadSource(
    table: try Table.open(store.verifiedPath(of: output.digest, cancellation: .process)), notes: step.warnings,
    profile: try store.profile(ofTable: output.digest), inferences: inferences(step.report))
}

/// How the types of a table came about, as the report of the step that read it tells.
func inferences(_ report: JSON) -> [ColumnInference] { ColumnInference.list(report["inferences"]) }

/// `;`, `tab` or `|` where the first line of a CSV file has one of them and no comma, else nil, as of any other source.
func commonDelimiter(inHeaderOf path: String) throws -> String? {
  guard try Files.status(path)?.kind == .file else { return nil }
  let head = try SourceFormat.firstBytes(of: path)
  guard SourceFormat.detected(head: head, name: path) == .csv else { return nil }
  let header = head.prefix { $0 != 10 && $0 != 13 }
  if header.contains(UInt8(ascii: ",")) { return nil }
  for (byte, name) in [(UInt8(ascii: ";"), ";"), (UInt8(ascii: "\t"), "tab"), (UInt8(ascii: "|"), "|")]
  where header.contains(byte) {
    return name
  }
  return nil
}
