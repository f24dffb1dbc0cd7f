import Basics
import Statistics
package import Tabular

/// A first workflow for a data file: what `init` writes, every choice explained in a comment.
package struct WorkflowDraft {
  /// A bound of the gate with the reason for it.
  package struct Bound: Sendable {
    package var condition: String
    package var reason: String
  }

  private let table: Table
  private let source: String
  private let missing: [String]
  private let delimiter: String
  private let name: String
  private let target: (column: Column, reason: String)
  private let identifiers: [String]
  private let timeColumn: String?
  package var targetName: String { target.column.name }
  /// `linear`, `logistic` or `multinomial`.
  package let objective: String

  /// `source` is written into the workflow as it is; `chosenTarget` overrides the guess. Nil where there is no column to tell.
  package init?(
    table: Table, source: String, missing: [String], delimiter: String = ",", name: String, target chosenTarget: String?
  ) {
    guard let target = Self.target(of: table, chosen: chosenTarget) else { return nil }
    self.table = table
    self.source = source
    self.missing = missing
    self.delimiter = delimiter
    self.name = name
    self.target = target
    let columns = table.schema.fields.indices.map { table.column($0) }.filter { $0.name != target.column.name }
    identifiers = columns.filter(Self.isIdentifier).map(\.name)
    timeColumn = columns.first { $0.type.isTime && $0.missingCount == 0 }?.name
    let classes = Self.distinct(target.column, limit: 51)
    // A libsvm file has its classes as numbers.
    let isSparse = columns.contains { $0.type == .sparse }
    let isNumber = target.column.type == .integer || target.column.type == .number && isSparse
    if target.column.type == .number && !isSparse || isNumber && classes > 10 {
      objective = "linear"
    } else {
      objective = classes == 2 ? "logistic" : "multinomial"
    }
  }

  /// The texts of `columns` that look like markers for missing values, in a fixed order.
  package static func missingMarkers(in table: Table) -> [String] {
    let known = ["NA", "N/A", "n/a", "NaN", "nan", "NULL", "null", "None", "?", "-", "missing"]
    var found: Set<String> = []
    for index in table.schema.fields.indices {
      let column = table.column(index)
      switch column.type {
      case .category: found.formUnion(known.filter(column.dictionary.contains))
      case .text:
        for row in 0..<min(table.rowCount, 100_000) {
          if let text = column.text(row), known.contains(text) { found.insert(text) }
        }
      default: break
      }
    }
    return known.filter(found.contains)
  }

  private static func target(of table: Table, chosen: String?) -> (column: Column, reason: String)? {
    if let chosen { return table.column(named: chosen).map { ($0, "as asked for") } }
    let usual = ["target", "label", "class", "y", "outcome", "species", "diagnosis", "response", "churn", "price"]
    for index in table.schema.fields.indices {
      let column = table.column(index)
      if usual.contains(column.name.lowercased()), column.type != .text, !column.type.isTime {
        return (column, "by its name")
      }
    }
    for index in table.schema.fields.indices.reversed() {
      let column = table.column(index)
      if column.type != .text, !column.type.isTime, column.missingCount == 0, distinct(column, limit: 2) > 1,
        !isIdentifier(column)
      {
        return (column, "the last column that can be told; change it if it is another one")
      }
    }
    return nil
  }

  /// Whole numbers or texts that never repeat say which row it is, not what it is like.
  private static func isIdentifier(_ column: Column) -> Bool {
    guard column.rowCount > 20, column.missingCount == 0,
      column.type == .integer || column.type == .text || column.type == .category
    else { return false }
    if column.type == .integer {
      let name = column.name.lowercased()
      guard
        name == "id" || name.hasSuffix("_id") || name.hasPrefix("id_") || name == "index" || name == "row"
          || name.hasSuffix("rownames")
      else { return false }
    }
    return distinct(column, limit: column.rowCount) == column.rowCount
  }

  /// The number of different values, counted up to `limit`.
  private static func distinct(_ column: Column, limit: Int) -> Int {
    if column.type == .category { return min(limit, column.dictionary.count) }
    var seen: Set<String> = []
    for row in 0..<column.rowCount where seen.count < limit {
      if let text = column.text(row) { seen.insert(text) }
    }
    return seen.count
  }

  /// The workflow, with `bounds` as its gate; without a gate where there are none. `isWorthReleasing` is false when a first
  /// fit told no more than chance: then nothing is released until a person decides so.
  package func yaml(bounds: [Bound], isWorthReleasing: Bool = true) -> String {
    let classes = objective == "linear" ? "" : ", \(Self.distinct(target.column, limit: 51)) classes"
    var lines = [
      "# Written by 'mlflowctl init' from \(source): \(table.rowCount) rows, \(table.schema.fields.count) columns.",
      "# Every line is a suggestion: read it, change it, then run 'mlflowctl train' on this file.",
      "workflow: \(name)", "seed: 1", "", "steps:", "  data:", "    ingest:", "      source: \(Self.scalar(source))",
      "      # The column to tell: \(target.reason) (\(target.column.type.rawValue)\(classes)).",
      "      target: \(Self.scalar(target.column.name))",
    ]
    if target.column.missingCount > 0 {
      lines += [
        "      # It is missing in \(target.column.missingCount) rows, which are left out. Say 'fail' to stop instead.",
        "      missing_target: drop",
      ]
    }
    if delimiter != "," {
      lines.append("      delimiter: \(delimiter == "tab" ? delimiter : JSON.string(delimiter).canonical)")
    }
    if !missing.isEmpty {
      lines += [
        "      # Texts in the file that look like missing values.",
        "      missing: [" + missing.map(Self.scalar).joined(separator: ", ") + "]",
      ]
    }
    lines += ["", "  quality:", "    validate:"]
    lines += [
      "      # A file that lost half of its rows is more likely broken than true.",
      "      rows: { min: \(max(1, table.rowCount / 2)) }",
    ]
    lines += columnRules
    lines += ["", "  parts:", "    split:"] + splitLines
    lines += ["", "  model:", "    train:", "      objective: \(objective)"] + featureLines
    lines += [
      "      # The penalty is chosen by cross-validation.", "      penalty: { l2: tune }", "", "  scores:",
      "    evaluate: {}",
    ]
    if !bounds.isEmpty {
      lines += ["", "  bar:", "    gate:", "      require:"]
      for bound in bounds { lines += ["        # \(bound.reason)", "        - \(bound.condition)"] }
    }
    lines.append("")
    if isWorthReleasing {
      lines += ["  release:", "    deploy: { model: \(name), channel: production }", ""]
    } else {
      lines += [
        "  # A first fit told no more than chance does, so nothing is released. With better columns or another target:",
        "  # release:", "  #   deploy: { model: \(name), channel: production }", "",
      ]
    }
    return lines.joined(separator: "\n")
  }

  /// A rule for the type of each column used, so that a changed file is noticed before it is trained on.
  private var columnRules: [String] {
    let used = table.schema.fields.filter { !identifiers.contains($0.name) }.prefix(30)
    return ["      # The columns as they are now."] + ["      columns:"]
      + used.map { field in
        let type = field.type == .integer ? "number" : field.type.rawValue
        return "        \(Self.scalar(field.name)): { type: \(type) }"
      }
  }

  private var splitLines: [String] {
    if let timeColumn {
      return [
        "      # The newest quarter is held out: the future is what the model will be asked about.",
        "      test: 25%", "      time: \(Self.scalar(timeColumn))",
      ]
    }
    if objective == "linear" { return ["      # A random quarter is held out.", "      test: 25%"] }
    return [
      "      # A random quarter is held out, with the same shares of the classes.", "      test: 25%",
      "      stratify: \(Self.scalar(target.column.name))",
    ]
  }

  private var featureLines: [String] {
    guard !identifiers.isEmpty else { return [] }
    return [
      "      features:", "        # They say which row it is, not what it is like.",
      "        drop: [" + identifiers.map(Self.scalar).joined(separator: ", ") + "]",
    ]
  }

  /// What can be had without a model: always the most frequent class, and the shares of the classes as probabilities.
  private var chance: (accuracy: Double, logLoss: Double) {
    var counts: [String: Double] = [:]
    for row in 0..<target.column.rowCount {
      if let text = target.column.text(row) { counts[text, default: 0] += 1 }
    }
    let total = counts.values.reduce(0, +)
    let shares = counts.values.map { $0 / total }.sorted()
    return (shares.last ?? 0, -shares.reduce(0) { $0 + $1 * Elementary.log($1) })
  }

  /// Whether what a first fit reached on its test part is worth more than chance.
  package func isWorthReleasing(_ reached: [String: Double]) -> Bool {
    if objective == "linear" { return (reached["r2"] ?? 0) > 0.05 }
    return (reached["log_loss"] ?? .infinity) < 0.98 * chance.logLoss
  }

  /// Bounds a little below what a first fit reached on its test part, and never below chance.
  package func bounds(reached: [String: Double]) -> [Bound] {
    func down(_ value: Double) -> Double { (value * 100).rounded(.down) / 100 }
    func up(_ value: Double) -> Double { (value * 100).rounded(.up) / 100 }
    guard isWorthReleasing(reached) else { return [] }
    var bounds: [Bound] = []
    if objective == "linear" {
      if let r2 = reached["r2"] {
        bounds.append(
          Bound(condition: "r2 >= \(down(max(0.01, r2 - 0.1)))", reason: "A first fit reached \(shortNumber(r2))."))
      }
      if let rmse = reached["rmse"] {
        let reason = "Not worse than what is served by more than 5 % (a first fit: \(shortNumber(rmse)))."
        bounds.append(Bound(condition: "rmse <= 1.05 * champion.rmse", reason: reason))
      }
      return bounds
    }
    let chance = chance
    if let accuracy = reached["accuracy"], accuracy > chance.accuracy {
      let reason =
        "A first fit reached \(shortNumber(accuracy)); always telling the most frequent class reaches \(shortNumber(chance.accuracy))."
      bounds.append(Bound(condition: "accuracy >= \(max(up(chance.accuracy), down(accuracy - 0.05)))", reason: reason))
    }
    if let loss = reached["log_loss"] {
      let reason =
        "A first fit reached \(shortNumber(loss)); the shares of the classes alone reach \(shortNumber(chance.logLoss))."
      bounds.append(
        Bound(condition: "log_loss <= \(min(down(chance.logLoss), up(loss * 1.25 + 0.02)))", reason: reason))
      bounds.append(
        Bound(condition: "log_loss <= champion.log_loss + 0.05", reason: "Not clearly worse than what is served."))
    }
    return bounds
  }

  /// A YAML scalar that reads back as `text`.
  private static func scalar(_ text: String) -> String {
    let isPlain =
      text.lowercased() != "null"
      && text.unicodeScalars.first.map { $0.properties.isAlphabetic || $0 == "_" || $0 == "/" || $0 == "." } ?? false
    let isSafe = text.unicodeScalars.allSatisfy {
      $0.properties.isAlphabetic || $0.properties.numericType != nil || "_-./".unicodeScalars.contains($0)
    }
    return isPlain && isSafe ? text : JSON.string(text).canonical
  }
}
