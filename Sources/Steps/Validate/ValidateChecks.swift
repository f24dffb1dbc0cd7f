import Basics
import DataValidation
import Diagnostics
import Tabular
import Workflow

let limitShape = Shape.anyOf([
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

func checkPattern(_ text: String) -> [TextProblem] {
  do throws(PatternProblem) {
    _ = try Pattern(text)
    return []
  } catch {
    return [
      TextProblem(
        offset: error.offset, length: error.length, code: "bad-pattern",
        message: "this is no regular expression: \(error.message)",
        help: ["put '\\' before a character that stands for itself, as in '\\.'"])
    ]
  }
}

/// The smallest value allowed must not lie above the largest one, wherever there are two limits.
private func checkRanges(_ step: StepSpec) -> [Diagnostic] {
  func check(_ rules: JSON?, of owner: String, at path: [String]) -> Diagnostic? {
    guard let min = order(rules?["min"]), let max = order(rules?["max"]), min > max else { return nil }
    return .error(
      "empty-range", "'min' is above 'max', so no \(owner) can fit", at: step.place(ofPath: path + ["min"]),
      help: ["exchange them"])
  }
  var problems = [check(step.settings["rows"], of: "number of rows", at: ["rows"])]
  for (name, rules) in columns(step) {
    problems.append(check(rules, of: "value", at: ["columns", name]))
    for word in ["length", "unique_share", "mean", "deviation"] {
      problems.append(
        check(rules[word], of: word.replacing("_", with: " "), at: ["columns", name, word]))
    }
    for (share, limits) in (rules["quantiles"]?.objectValue ?? [:]).sorted(by: { $0.key < $1.key }) {
      problems.append(check(limits, of: "quantile", at: ["columns", name, "quantiles", share]))
    }
  }
  return problems.compactMap(\.self)
}

private func columns(_ step: StepSpec) -> [(String, JSON)] {
  (step.settings["columns"]?.objectValue ?? [:]).sorted { $0.key < $1.key }
}

/// Where a limit stands among others: the number, or the day number of the date or timestamp.
private func order(_ limit: JSON?) -> Double? {
  switch limit.flatMap(ColumnLimit.init) {
  case .number(let number)?: number
  case .integer(let number)?: Double(number)
  case .instant(let microseconds)?: Double(microseconds) / 86_400_000_000
  case nil: limit?.doubleValue
  }
}

/// Rules that nothing can fulfil: no values that may occur, and rules that the type named beside them does not know.
private func checkFulfilment(_ step: StepSpec) -> [Diagnostic] {
  columns(step).flatMap { name, rules -> [Diagnostic] in
    var problems: [Diagnostic] = []
    if let values = rules["values"]?.arrayValue, values.isEmpty {
      problems.append(
        .error(
          "no-values", "'values' is empty, so no value can fit", at: step.place(ofPath: ["columns", name, "values"]),
          help: ["list the values that may occur, or remove it"]))
    }
    guard let type = rules["type"]?.stringValue.flatMap(ColumnType.init(rawValue:)) else { return problems }
    func refuse(_ rule: String, _ what: String) {
      guard let value = rules[rule], !value.isNull else { return }
      problems.append(
        .error(
          "rule-of-other-type", "'\(rule)' is for \(what), and 'type' asks for \(type.rawValue)",
          at: step.keyPlace(ofPath: ["columns", name, rule]), help: ["remove one of them"]))
    }
    if !type.isNumeric {
      for rule in ["min", "max", "order", "mean", "deviation", "quantiles"] { refuse(rule, "numbers and times") }
    }
    if !type.isTime { refuse("max_age", "dates and timestamps") }
    for rule in ["min", "max"] where type.isNumeric {
      guard let limit = rules[rule].flatMap(ColumnLimit.init) else { continue }
      let isTime = if case .instant = limit { true } else { false }
      if isTime != type.isTime {
        problems.append(
          .error(
            "limit-of-other-type",
            "'\(rule)' is \(isTime ? "a time" : "a number"), and 'type' asks for \(type.rawValue)",
            at: step.place(ofPath: ["columns", name, rule]),
            help: [type.isTime ? "write a date such as 2024-01-31" : "write a number"]))
      }
    }
    return problems
  }
}

/// What can be told of a `validate` step without its data.
func checkValidate(_ step: StepSpec) -> [Diagnostic] {
  checkRanges(step) + checkTables(step) + checkQuantiles(step) + checkFulfilment(step)
}

func checkComparison(_ text: String) -> [TextProblem] {
  do {
    _ = try Comparison(parsing: text)
    return []
  } catch {
    let rest = text.utf8.count - error.offset
    return [
      TextProblem(
        offset: min(error.offset, max(0, text.utf8.count - 1)), length: max(1, min(rest, 1)), code: "bad-comparison",
        message: "expected \(error.expected) here",
        help: ["write a comparison such as 'start <= end' or 'net + tax == gross within 0.01'"])
    ]
  }
}

/// Names of tables that rules use must be under `tables`.
private func checkTables(_ step: StepSpec) -> [Diagnostic] {
  let names = step.inputs.keys.filter { $0.hasPrefix("tables.") }.map { String($0.dropFirst("tables.".count)) }.sorted()
  func check(_ name: String?, at path: [String]) -> Diagnostic? {
    guard let name, !names.contains(name) else { return nil }
    return .error(
      "unknown-table", "'\(name)' is not among 'tables'", at: step.place(ofPath: path),
      help: nearestName(to: name, among: names).map { ["did you mean '\($0)'?"] } ?? [
        "write 'tables: { \(name): STEP }'"
      ])
  }
  let references = (step.settings["references"]?.objectValue ?? [:]).sorted { $0.key < $1.key }
  var problems: [Diagnostic] = []
  for (column, target) in references {
    let parts = (target.stringValue ?? "").split(separator: ".", maxSplits: 1).map(String.init)
    if parts.count == 2 {
      if let problem = check(parts[0], at: ["references", column]) { problems.append(problem) }
    } else {
      problems.append(
        .error(
          "bad-reference", "'\(column)' refers to no column of a table",
          at: step.place(ofPath: ["references", column]), help: ["write 'TABLE.COLUMN', TABLE a name under 'tables'"]))
    }
  }
  let against = step.settings["drift"]?["against"]?.stringValue
  for (name, path) in [
    (against.flatMap(address) == nil ? against : nil, ["drift", "against"]),
    (step.settings["shared_rows"]?["in"]?.stringValue, ["shared_rows", "in"]),
  ] {
    if let problem = check(name, at: path) { problems.append(problem) }
  }
  return problems
}

/// Quantiles are of shares.
private func checkQuantiles(_ step: StepSpec) -> [Diagnostic] {
  (step.settings["columns"]?.objectValue ?? [:]).sorted { $0.key < $1.key }.flatMap { column, rules in
    (rules["quantiles"]?.objectValue ?? [:]).keys.sorted().compactMap { key in
      let digits = key.hasSuffix("%") ? String(key.dropLast()) : key
      let limit = key.hasSuffix("%") ? 100.0 : 1
      if let value = Double(digits), (0...limit).contains(value) { return nil }
      return Diagnostic.error(
        "bad-quantile", "'\(key)' is no share from 0% to 100%",
        at: step.place(ofPath: ["columns", column, "quantiles", key]), help: ["write '50%' for the median"])
    }
  }
}
