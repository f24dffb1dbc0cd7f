import Basics
import Steps
import Tabular

/// Coefficients by class and feature, standardised and on the original scale; where the fit has standard errors, with
/// these, tests and intervals on the original scale. `statistics` is that of the model's report.
func coefficientTable(_ coefficients: JSON, _ statistics: JSON? = nil) -> String {
  let entries = coefficients.arrayValue ?? []
  var table = TextTable(("coefficient", .left), ("class", .left), ("standardised", .right), ("original scale", .right))
  let hasErrors = entries.contains { $0["standard_error"] != nil }
  if hasErrors {
    let level = (statistics?["confidence"]?.doubleValue ?? 0.95) * 100
    table.header += [
      "std. error", statistics?["distribution"]?.stringValue == "t" ? "t" : "z", "p", "low \(shortNumber(level))%",
      "high",
    ]
    table.alignments += [.right, .right, .right, .right, .right]
  }
  let hasInflation = hasErrors && entries.contains { $0["inflation"] != nil }
  if hasInflation {
    table.header.append("VIF")
    table.alignments.append(.right)
  }
  for entry in entries {
    func number(_ key: String) -> String { entry[key]?.doubleValue.map(shortNumber) ?? "–" }
    var row = [entry["name"]?.stringValue ?? "", entry["class"]?.stringValue ?? ""]
    row += ["standardised", "original"].map(number)
    if hasErrors { row += ["standard_error", "statistic", "p", "low", "high"].map(number) }
    if hasInflation { row.append(entry["inflation"] == nil ? "" : number("inflation")) }
    table.rows.append(row)
  }
  return table.text
}

/// The coefficients for programs: one line each, empty where there is nothing.
func coefficientCSV(_ coefficients: JSON) -> String {
  let columns = [
    "name", "class", "standardised", "original", "standard_error", "statistic", "p", "low", "high",
    "standardised_error", "inflation",
  ]
  var bytes: [UInt8] = []
  CSVText.appendRecord(columns, to: &bytes)
  for entry in coefficients.arrayValue ?? [] {
    CSVText.appendRecord(
      columns.map { entry[$0].flatMap { $0.stringValue ?? ($0.isNull ? nil : $0.canonical) } }, to: &bytes)
  }
  return String(decoding: bytes.dropLast(), as: UTF8.self)
}

/// What is said of a fit as a whole, in lines such as R's `summary` has.
func statisticsText(_ statistics: JSON) -> String {
  func number(_ key: String) -> String? { statistics[key]?.doubleValue.map(shortNumber) }
  let freedom = number("residual_degrees_of_freedom")
  var lines: [String] = []
  func add(_ parts: [String?]) {
    let parts = parts.compactMap(\.self)
    if !parts.isEmpty { lines.append(parts.joined(separator: ", ")) }
  }
  let isLinear = statistics["distribution"]?.stringValue == "t"
  if isLinear, let scale = statistics["scale"]?.doubleValue, let freedom {
    add(["residual standard error \(shortNumber(scale.squareRoot())) on \(freedom) degrees of freedom"])
  }
  add([
    number("r_squared").map { "R² \($0)" }, number("adjusted_r_squared").map { "adjusted R² \($0)" },
    testText(statistics),
  ])
  add([
    number("null_deviance").map { "null deviance \($0)" },
    number("deviance").map { "deviance \($0)" + (freedom.map { " on \($0) degrees of freedom" } ?? "") },
    number("pearson_chi2").map { "Pearson χ² \($0)" },
  ])
  add([
    number("log_likelihood").map { "log-likelihood \($0)" }, number("aic").map { "AIC \($0)" },
    number("bic").map { "BIC \($0)" },
  ])
  add([
    number("condition_number").map { "condition number \($0)" },
    number("effective_degrees_of_freedom").map { "effective coefficients \($0)" },
  ])
  if let kind = statistics["covariance"]?.stringValue { lines.append("standard errors: \(kind)") }
  if let reason = statistics["unavailable"]?.stringValue { lines.append("no standard errors: \(reason)") }
  for entry in statistics["dependent_columns"]?.arrayValue ?? [] {
    let others = (entry["others"]?.arrayValue ?? []).compactMap(\.stringValue)
    lines.append(
      "'\(entry["column"]?.stringValue ?? "")' depends on \(others.map { "'\($0)'" }.joined(separator: ", "))")
  }
  let constant = (statistics["constant_columns"]?.arrayValue ?? []).compactMap(\.stringValue)
  if !constant.isEmpty { lines.append("constant: " + constant.map { "'\($0)'" }.joined(separator: ", ")) }
  return lines.joined(separator: "\n")
}

private func testText(_ statistics: JSON) -> String? {
  guard let test = statistics["overall_test"], let value = test["statistic"]?.doubleValue,
    let freedom = test["degrees_of_freedom"]?.doubleValue, let p = test["p"]?.doubleValue
  else { return nil }
  let (name, on) =
    if let denominator = test["denominator"]?.doubleValue {
      ("F", "\(shortNumber(freedom)) and \(shortNumber(denominator))")
    } else {
      ("χ²", shortNumber(freedom))
    }
  return "\(name) \(shortNumber(value)) on \(on) degrees of freedom, p \(shortNumber(p))"
}
