import Basics
import Diagnostics
import Execution
import Inference
import Tabular
import Workflow

/// Which column a model is to tell, and what to do with rows where it is missing: said once, at `ingest`, and taken from
/// there by every step whose data comes from it.
struct TargetRole: Sendable {
  var name: String
  /// False: a missing target stops the run.
  var dropsMissing: Bool
  /// Where the target was named.
  var place: Place

  /// The role for `step`: its own `target` setting, that of the step that trained its model, or that of the `ingest` its
  /// data comes from.
  init(for step: StepSpec, in document: WorkflowDocument) throws(SettingProblem) {
    let ingest = document.origins(of: step.name).first { $0.kind == "ingest" }
    let trained = step.input("model").flatMap { document.step(named: $0.step) }
    let namer = [step, trained, ingest].compactMap(\.self).first { $0.settings["target"]?.stringValue != nil }
    guard let namer, let name = namer.settings["target"]?.stringValue else {
      throw SettingProblem(
        [],
        .error(
          "no-target", "step '\(step.name)' does not know which column to tell", at: step.place,
          help: ["write 'target: COLUMN' under '\((ingest ?? step).name)'"]))
    }
    self.name = name
    place = namer.place(ofPath: ["target"])
    dropsMissing = ingest?.settings["missing_target"]?.stringValue == "drop"
  }

  init(json: JSON) {
    name = json["name"]?.stringValue ?? ""
    dropsMissing = json["drops_missing"]?.boolValue ?? false
    place = Place(file: "")
  }

  /// The part of an action.
  var json: JSON { ["name": .string(name), "drops_missing": .bool(dropsMissing)] }

  /// The column in `table`, or a complaint with the nearest name.
  func column(in table: Table) throws -> Column {
    if let column = table.column(named: name) { return column }
    throw SettingProblem(["target"], unknownColumn(name, in: table, role: "the target"))
  }

  /// Those of `rows` that have a target; the others stop the run unless the workflow drops them.
  func rowsWithTarget(_ rows: [Int], of column: Column) throws -> (rows: [Int], dropped: Int) {
    guard column.missingCount > 0 else { return (rows, 0) }
    let kept = rows.filter { !column.isMissing($0) }
    if kept.count < rows.count, !dropsMissing {
      let first = rows.first { column.isMissing($0) }.map { ", first in row \($0 + 1)" } ?? ""
      throw SettingProblem(
        ["target"],
        .error(
          "missing-target",
          "the target '\(name)' is missing in \(rows.count - kept.count) of \(rows.count) rows\(first)",
          help: ["mend the data, or leave those rows out with 'missing_target: drop' under ingest"]))
    }
    return (kept, rows.count - kept.count)
  }
}

/// The complaint about a column that a table does not have.
func unknownColumn(_ name: String, in table: Table, role: String) -> Diagnostic {
  let names = table.schema.fields.map(\.name)
  let help =
    nearestName(to: name, among: names).map { "did you mean '\($0)'?" }
    ?? "the columns are " + names.prefix(12).joined(separator: ", ") + (names.count > 12 ? ", …" : "")
  return .error("unknown-column", "\(role) '\(name)' is not a column of the data", help: [help])
}

/// The complaint about a sparse column where rows are told apart by the value of one; nil for others.
func refusalOfSparse(_ column: Column, _ name: String) -> Diagnostic? {
  guard column.type == .sparse else { return nil }
  return .error(
    "sparse-column",
    "column '\(name)' is sparse: its rows have many numbers each, and no one value to be told apart by",
    help: ["name another column"])
}

extension WorkflowDocument {
  /// The steps that `name` reads from, directly or not, nearest first.
  func origins(of name: String) -> [StepSpec] {
    var found: [StepSpec] = []
    var seen: Set<String> = [name]
    var open = [name]
    while !open.isEmpty {
      let current = open.removeFirst()
      guard let step = step(named: current) else { continue }
      for reference in step.inputs.sorted(by: { $0.key < $1.key }).flatMap(\.value)
      where seen.insert(reference.step).inserted {
        if let origin = self.step(named: reference.step) { found.append(origin) }
        open.append(reference.step)
      }
    }
    return found
  }
}
