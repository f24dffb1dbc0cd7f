import Basics
import Diagnostics
package import Execution
import ObjectStore
import Tabular
package import Workflow

/// `split`: a part for each row of a table.
package struct SplitKind: StepKind {
  package init() {}
  package let implementation = 1

  package var grammar: KindGrammar {
    KindGrammar(
      name: "split", summary: "Assign each row of a table to train, test or validation.",
      settings: [
        SettingGrammar("data", "The table.", .artifact([.table]), isRequired: true),
        SettingGrammar(
          "test", "How much is held out for evaluation: a share or a number of rows.", .shareOrCount, fallback: 0.25),
        SettingGrammar("validation", "How much is held out beside it.", .shareOrCount),
        SettingGrammar("stratify", "A column whose values keep their shares in every part.", .text),
        SettingGrammar("group", "A column whose equal values never fall into two parts.", .text),
        SettingGrammar("time", "A column by which the newest rows are held out.", .text),
      ],
      outputs: [.split], replaces: "data", bareSetting: "test",
      check: { step, _ in checkWay(step) + checkShares(step) })
  }

  package func action(
    for step: StepSpec, inputs: [Action.Input], in context: PlanContext
  ) throws -> Action {
    var action = Action(kind: "split", implementation: implementation, settings: step.settings, inputs: inputs)
    if step.settings["time"]?.stringValue == nil { action.seed = context.document.seed }
    return action
  }

  package func run(_ action: Action, in context: StepContext) throws -> StepOutcome {
    let input = try action.requiredInput("data")
    let table = try context.store.openTable(input.digest, cancellation: context.cancellation)
    let splitter = RowSplitter(
      table: table, settings: action.settings, seed: UInt64(bitPattern: Int64(action.seed ?? 0)))
    let parts = try splitter.assign()
    let staged = context.staging + "/parts.arrow"
    let names = RowPart.allCases.map(\.rawValue)
    let codes = ColumnData("part", .coded(parts.map { $0.index }, levels: names))
    try Table(columns: [codes]).write(to: staged)
    let size = try Files.status(staged)?.size ?? 0
    let digest = try context.store.adopt(staged, cancellation: context.cancellation)
    var rows = [Int](repeating: 0, count: names.count)
    for part in parts { rows[part.index] += 1 }
    let counts = Dictionary(uniqueKeysWithValues: zip(names, rows).filter { $1 > 0 })
    let split = SplitArtifact(table: input.digest, parts: digest, counts: counts)
    let bytes = split.json.canonicalBytes
    let descriptor = try context.store.put(bytes)
    var outcome = StepOutcome(outputs: [
      ActionResult.Output(name: "split", type: "split", digest: descriptor, size: bytes.count),
      ActionResult.Output(name: "parts", type: "parts", digest: digest, size: size),
    ])
    outcome.report = ["counts": .object(counts.mapValues { JSON($0) })]
    outcome.summary = RowPart.allCases.compactMap { part in counts[part.rawValue].map { "\($0) \(part.rawValue)" } }
      .joined(separator: ", ")
    return outcome
  }
}

/// There is one way to split.
private func checkWay(_ step: StepSpec) -> [Diagnostic] {
  let given = ["stratify", "group", "time"].filter { step.settings[$0]?.stringValue != nil }
  return given.dropFirst().map { name in
    .error(
      "one-way", "'\(given[0])' and '\(name)' cannot be used together", at: step.keyPlace(of: name),
      help: ["keep one of them"])
  }
}

/// Shares must leave rows to train on.
private func checkShares(_ step: StepSpec) -> [Diagnostic] {
  guard case .number(let test)? = step.settings["test"], case .number(let validation)? = step.settings["validation"],
    test + validation >= 1
  else { return [] }
  return [
    .error(
      "nothing-to-train-on", "'test' and 'validation' together leave no rows to train on",
      at: step.place(of: "validation"), help: ["shares of both must be below 100% in all"])
  ]
}
