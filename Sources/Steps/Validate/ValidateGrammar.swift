import Basics
import DataValidation
import Tabular
import Workflow

/// The settings of a `validate` step.
let validateSettings: [SettingGrammar] = [
  SettingGrammar("data", "The table.", .artifact([.table]), isRequired: true),
  SettingGrammar(
    "expectations", "`auto` derives rules from the last accepted data; those written here go before them.",
    .choice(["auto"])),
  SettingGrammar(
    "rows", "How many rows there must be.",
    .record([
      SettingGrammar("min", "At least so many.", .integer(0...Int.max)),
      SettingGrammar("max", "At most so many.", .integer(0...Int.max)),
      SettingGrammar("change", "The largest change since the last accepted data.", .share),
    ])),
  SettingGrammar(
    "columns", "Rules by column; a column named here must be there.", .map(.record(columnRules)), fallback: [:]),
  SettingGrammar(
    "keys", "Columns, or lists of columns, whose values together may not stand twice.",
    .list(.anyOf([.text, .list(.text)]))),
  SettingGrammar("duplicates", "The largest share of rows that may equal an earlier one.", .share),
  SettingGrammar(
    "compare", "Rules across columns, such as `start <= end` or `net + tax == gross within 0.01`.",
    .list(.checked(name: "comparison", check: checkComparison))),
  SettingGrammar(
    "when", "What must be there, or missing, in some rows.",
    .list(
      .record([
        SettingGrammar("column", "The column that decides.", .text, isRequired: true),
        SettingGrammar("values", "The values that decide; left out, any.", .list(.scalar)),
        SettingGrammar("present", "Columns that must be there then.", .list(.text)),
        SettingGrammar("absent", "Columns that must be missing then.", .list(.text)),
      ]))),
  SettingGrammar("tables", "Other steps that rules name: a name for each.", .map(.artifact([.table, .split]))),
  SettingGrammar(
    "references", "Columns whose values must all stand in a column of another table: `COLUMN: NAME.COLUMN`.",
    .map(.text)),
  SettingGrammar(
    "shared_rows", "Rows held out that equal a training row.",
    .record([
      SettingGrammar("in", "The name of a split under `tables`.", .text, isRequired: true),
      SettingGrammar("max", "The largest share of them.", .share, fallback: 0),
    ])),
  SettingGrammar(
    "leakage", "How closely a column alone may go with the target, from 0 to 1.", .share),
  SettingGrammar("drift", "How far columns may be from what they were.", .record(driftRules)),
  SettingGrammar(
    "on_findings", "Whether a breach stops the run, where a rule has no `severity`.", .choice(["fail", "warn"]),
    fallback: "fail"),
]

private let columnRules: [SettingGrammar] = [
  SettingGrammar(
    "type", "What the column must hold; `number` takes integers too.", .choice(ColumnType.allCases.map(\.rawValue))),
  SettingGrammar("required", "Whether the column must be there.", .boolean, fallback: true),
  SettingGrammar(
    "min", "Smallest value allowed: a number, a date as YYYY-MM-DD, or a timestamp as YYYY-MM-DDThh:mm:ssZ.", limitShape
  ),
  SettingGrammar("max", "Largest value allowed.", limitShape),
  SettingGrammar("values", "The values allowed.", .list(.scalar)),
  SettingGrammar("unique", "Whether no value may stand twice.", .boolean),
  SettingGrammar("missing", "The largest share that may be missing.", .share),
  SettingGrammar(
    "pattern", "What every value must match as a whole.", .checked(name: "regular expression", check: checkPattern)),
  SettingGrammar("length", "Characters of a value.", bounds(.integer(0...Int.max))),
  SettingGrammar("unique_share", "Different values over values.", bounds(.share)),
  SettingGrammar(
    "order", "How values follow each other from row to row.", .choice(ColumnExpectations.Order.allCases.map(\.rawValue))
  ),
  SettingGrammar("quantiles", "Limits of quantiles, by share: `50%: { min: 3 }`.", .map(bounds(number))),
  SettingGrammar("mean", "Limits of the mean.", bounds(number)),
  SettingGrammar("deviation", "Limits of the deviation (divisor n).", bounds(number)),
  SettingGrammar("max_age", "How old the newest date or timestamp may be.", .duration),
  severity,
]

private let driftRules: [SettingGrammar] = [
  SettingGrammar(
    "against",
    "The name of a table under `tables`, or `MODEL@CHANNEL` for the rows that a released model was trained on; left out, the last accepted data.",
    .text),
  SettingGrammar("columns", "Which columns; left out, all that both have.", .list(.text)),
  SettingGrammar(
    "psi", "Largest population stability index; 0.2 where no statistic is named.", .number(0...Double.infinity)),
  SettingGrammar("ks", "Largest Kolmogorov–Smirnov distance.", .number(0...1)),
  SettingGrammar("chi_square", "Smallest probability of the χ² test.", .number(0...1)),
  SettingGrammar("jensen_shannon", "Largest Jensen–Shannon distance.", .number(0...1)),
  SettingGrammar("wasserstein", "Largest Wasserstein distance, in deviations.", .number(0...Double.infinity)),
  severity,
]

private let severity = SettingGrammar(
  "severity", "Whether a breach stops the run, warns, or is only told.",
  .choice(Expectations.Severity.allCases.map(\.rawValue)))

private let number = Shape.number(-Double.infinity...Double.infinity)

private func bounds(_ shape: Shape) -> Shape {
  .record([SettingGrammar("min", "At least.", shape), SettingGrammar("max", "At most.", shape)])
}
