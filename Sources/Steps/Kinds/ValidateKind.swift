import Basics
import DataValidation
import Diagnostics
package import Execution
import ObjectStore
import Tabular
package import Workflow

/// `validate`: stated rules about a table; passes the table on when they hold.
package struct ValidateKind: StepKind {
  package init() {}
  package let implementation = 1
  package let refusalStopsDependants = true

  package var grammar: KindGrammar {
    KindGrammar(
      name: "validate", summary: "Hold a table against expectations and pass it on.",
      settings: [
        SettingGrammar("data", "The table.", .artifact([.table]), isRequired: true),
        SettingGrammar(
          "rows", "How many rows there must be.",
          .record([
            SettingGrammar("min", "At least so many.", .integer(0...Int.max)),
            SettingGrammar("max", "At most so many.", .integer(0...Int.max)),
          ])),
        SettingGrammar(
          "columns", "Rules by column; a column named here must be there.",
          .map(
            .record([
              SettingGrammar(
                "type", "What the column must hold; `number` takes integers too.",
                .choice(ColumnType.allCases.map(\.rawValue))),
              SettingGrammar("required", "Whether the column must be there.", .boolean, fallback: true),
              SettingGrammar(
                "min",
                "Smallest value allowed: a number, a date as YYYY-MM-DD, or a timestamp as YYYY-MM-DDThh:mm:ssZ.", limit
              ),
              SettingGrammar("max", "Largest value allowed.", limit),
              SettingGrammar("values", "The values allowed.", .list(.scalar)),
              SettingGrammar("unique", "Whether no value may stand twice.", .boolean),
              SettingGrammar("missing", "The largest share that may be missing.", .share),
              SettingGrammar(
                "pattern", "What every value must match as a whole.",
                .checked(name: "regular expression", check: checkPattern)),
            ])), fallback: [:]),
        SettingGrammar(
          "on_findings", "Whether a breach stops the run.", .choice(["fail", "warn"]), fallback: "fail"),
      ],
      outputs: [.table], replaces: "data", check: { step, _ in checkRanges(step) })
  }

  package func action(
    for step: StepSpec, inputs: [Action.Input], in context: PlanContext
  ) throws -> Action {
    Action(kind: "validate", implementation: implementation, settings: step.settings, inputs: inputs)
  }

  package func run(_ action: Action, in context: StepContext) throws -> StepOutcome {
    let input = try action.requiredInput("data")
    let table = try context.store.openTable(input.digest, cancellation: context.cancellation)
    let expectations = try Expectations(json: action.settings)
    let findings = try validate(table, expectations, cancellation: context.cancellation)
    var outcome = StepOutcome(
      outputs: [
        ActionResult.Output(
          name: "table", type: "table", digest: input.digest, size: try context.store.size(of: input.digest))
      ])
    outcome.verdict = findings.isEmpty || expectations.severity == .warn ? .pass : .refuse
    outcome.report = ["findings": .array(findings.map(\.json))]
    outcome.warnings = findings.map { $0.diagnostic(expectations.severity) }
    outcome.summary =
      findings.isEmpty ? "all expectations hold" : "\(findings.count) finding\(findings.count == 1 ? "" : "s")"
    return outcome
  }
}

private let limit = Shape.anyOf([
  .number(-Double.infinity...Double.infinity),
  .checked(name: "date or timestamp") { text in
    ColumnLimit(json: .string(text)) == nil
      ? [
        TextProblem(
          offset: 0, length: text.utf8.count, code: "bad-limit",
          message: "this is neither a number nor a date such as 2024-01-31 or a timestamp such as 2024-01-31T12:00:00Z")
      ] : []
  },
])

private func checkPattern(_ text: String) -> [TextProblem] {
  do {
    _ = try Regex(text)
    return []
  } catch {
    return [
      TextProblem(
        offset: 0, length: text.utf8.count, code: "bad-pattern", message: "this is no regular expression: \(error)",
        help: ["put '\\' before a character that stands for itself, as in '\\.'"])
    ]
  }
}

/// The smallest value allowed must not lie above the largest one.
private func checkRanges(_ step: StepSpec) -> [Diagnostic] {
  func check(_ rules: JSON?, of owner: String, at path: [String]) -> Diagnostic? {
    guard let min = order(rules?["min"]), let max = order(rules?["max"]), min > max else { return nil }
    return .error(
      "empty-range", "'min' is above 'max', so no \(owner) can fit", at: step.place(ofPath: path + ["min"]),
      help: ["exchange them"])
  }
  let columns = step.settings["columns"]?.objectValue ?? [:]
  return [check(step.settings["rows"], of: "number of rows", at: ["rows"])].compactMap(\.self)
    + columns.compactMap { name, rules in check(rules, of: "value", at: ["columns", name]) }
}

/// Where a limit stands among others: the number, or the day number of the date or timestamp.
private func order(_ limit: JSON?) -> Double? {
  limit.flatMap(ColumnLimit.init)?.value(in: .date)
}
