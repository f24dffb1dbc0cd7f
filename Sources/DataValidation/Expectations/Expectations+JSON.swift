package import Basics
import Tabular

extension Expectations {
  /// Reads the settings of a `validate` step, as `docs/workflow.md` lists them; other keys are passed over. Shares are numbers
  /// from 0 to 1 or texts such as `5%`, limits of dates and timestamps texts such as `2024-01-31` and
  /// `2024-01-31T12:00:00Z`.
  ///
  /// Throws `ExpectationError` for values of another shape and patterns that are no regular expression.
  package init(json: JSON) throws(ExpectationError) {
    self.init()
    let reader = RuleReader(json, column: nil)
    let counts = RuleReader(json["rows"] ?? [:], column: "rows")
    rows = Bounds(min: try counts.read("min") { $0.doubleValue }, max: try counts.read("max") { $0.doubleValue })
    rowChange = try counts.read("change") { $0.share }
    if let word: String = try reader.read("on_findings", { $0.stringValue }) {
      guard let severity = word == "fail" ? .error : Severity(rawValue: word), severity != .info else {
        throw .malformed(rule: "on_findings", column: nil)
      }
      self.severity = severity
    }
    guard let columns = (json["columns"] ?? [:]).objectValue else { throw .malformed(rule: "columns", column: nil) }
    for (name, rules) in columns.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
      self.columns.append(try ColumnExpectations(name: name, json: rules))
    }
    keys = try reader.read("keys") { $0.arrayValue?.map { $0.stringValue.map { [$0] } ?? $0.texts } } ?? []
    duplicates = try reader.read("duplicates") { $0.share }
    leakage = try reader.read("leakage") { $0.share }
    for text in (json["compare"] ?? []).texts {
      guard let comparison = try? Comparison(parsing: text) else { throw .malformed(rule: "compare", column: nil) }
      comparisons.append(comparison)
    }
    for rule in json["when"]?.arrayValue ?? [] { presence.append(try Presence(json: rule)) }
    for (column, target) in (json["references"]?.objectValue ?? [:]).sorted(by: { $0.key < $1.key }) {
      let parts = target.stringValue?.split(separator: ".", maxSplits: 1).map(String.init) ?? []
      guard parts.count == 2 else { throw .malformed(rule: "references", column: column) }
      references.append(Reference(column: column, table: parts[0], key: parts[1]))
    }
    if let rule = json["shared_rows"], !rule.isNull {
      guard let split = rule["in"]?.stringValue, let limit = (rule["max"] ?? 0).share else {
        throw .malformed(rule: "shared_rows", column: nil)
      }
      sharedRows = SharedRows(split: split, limit: limit)
    }
    if let rule = json["drift"], !rule.isNull { drift = try DriftLimits(json: rule) }
  }
}

extension Expectations.Presence {
  fileprivate init(json: JSON) throws(ExpectationError) {
    guard let column = json["column"]?.stringValue else { throw .malformed(rule: "when", column: nil) }
    self.init(
      column: column, values: (json["values"]?.arrayValue ?? []).map(\.canonicalText),
      present: (json["present"] ?? []).texts, absent: (json["absent"] ?? []).texts)
  }
}

extension Expectations.DriftLimits {
  fileprivate init(json: JSON) throws(ExpectationError) {
    let reader = RuleReader(json, column: "drift")
    limits = [:]
    for statistic in DriftStatistic.allCases {
      limits[statistic] = try reader.read(statistic.rawValue) { $0.doubleValue }
    }
    if limits.isEmpty { limits = [.psi: DriftStatistic.psi.usualLimit] }
    table = try reader.read("against") { $0.stringValue }
    columns = try reader.read("columns") { $0.texts }
    severity = try reader.read("severity") { $0.stringValue.flatMap(Expectations.Severity.init) }
  }
}

extension ColumnExpectations {
  fileprivate init(name: String, json: JSON) throws(ExpectationError) {
    self.init(name: name)
    let reader = RuleReader(json, column: name)
    required = try reader.read("required") { $0.boolValue } ?? true
    type = try reader.read("type") { $0.stringValue.flatMap(ColumnType.init) }
    range = ColumnRange(min: try reader.read("min", ColumnLimit.init), max: try reader.read("max", ColumnLimit.init))
    values = try reader.read("values") { $0.arrayValue?.map(\.canonicalText) }
    unique = try reader.read("unique") { $0.boolValue } ?? false
    missing = try reader.read("missing") { $0.share }
    if let text: String = try reader.read("pattern", { $0.stringValue }) {
      do throws(PatternProblem) {
        pattern = try Pattern(text)
      } catch {
        throw .badPattern(text, column: name, problem: error.message)
      }
    }
    length = try reader.bounds("length") { $0.doubleValue }
    uniqueShare = try reader.bounds("unique_share") { $0.share }
    order = try reader.read("order") { $0.stringValue.flatMap(Order.init) }
    mean = try reader.bounds("mean") { $0.doubleValue }
    deviation = try reader.bounds("deviation") { $0.doubleValue }
    maxAge = try reader.read("max_age") { $0.doubleValue }
    severity = try reader.read("severity") { $0.stringValue.flatMap(Expectations.Severity.init) }
    let quantiles = json["quantiles"]?.objectValue ?? [:]
    for (key, rule) in quantiles.sorted(by: { $0.key < $1.key }) {
      guard let probability = JSON(key).share ?? Double(key).flatMap({ JSON($0).share }) else {
        throw .malformed(rule: "quantiles", column: name)
      }
      let bounds = RuleReader(rule, column: name)
      self.quantiles.append(
        Quantile(
          probability: probability,
          bounds: Expectations.Bounds(
            min: try bounds.read("min") { $0.doubleValue }, max: try bounds.read("max") { $0.doubleValue })))
    }
  }
}
