package import Basics
import Tabular

extension Expectations {
  /// Reads the settings of a `validate` step: `rows` (`min`, `max`), `columns` (a map from name to `type`, `min`, `max`,
  /// `values`, `unique`, `missing`, `pattern`, `required`) and `on_findings`; other keys are passed over. Shares are
  /// numbers from 0 to 1 or texts such as `5%`, limits of dates and timestamps texts such as `2024-01-31` and
  /// `2024-01-31T12:00:00Z`.
  ///
  /// Throws `ExpectationError` for values of another shape and patterns that are no regular expression.
  package init(json: JSON) throws(ExpectationError) {
    let rows = json["rows"] ?? [:]
    self.init(rows: Bounds(min: try rows.rowLimit("min"), max: try rows.rowLimit("max")))
    if let word = json["on_findings"], !word.isNull {
      guard let text = word.stringValue, let severity = OnFindings(rawValue: text) else {
        throw .malformed(rule: "on_findings", column: nil)
      }
      self.severity = severity
    }
    guard let columns = (json["columns"] ?? [:]).objectValue else { throw .malformed(rule: "columns", column: nil) }
    for (name, rules) in columns.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
      self.columns.append(try ColumnExpectations(name: name, json: rules))
    }
  }
}

extension ColumnExpectations {
  fileprivate init(name: String, json: JSON) throws(ExpectationError) {
    self.init(name: name)
    func rule<Value>(_ key: String, _ read: (JSON) -> Value?) throws(ExpectationError) -> Value? {
      guard let value = json[key], !value.isNull else { return nil }
      guard let read = read(value) else { throw .malformed(rule: key, column: name) }
      return read
    }
    required = try rule("required") { $0.boolValue } ?? true
    type = try rule("type") { $0.stringValue.flatMap(ColumnType.init) }
    range = ColumnRange(min: try rule("min", ColumnLimit.init), max: try rule("max", ColumnLimit.init))
    values = try rule("values") { $0.arrayValue?.map(\.canonicalText) }
    unique = try rule("unique") { $0.boolValue } ?? false
    missing = try rule("missing") { $0.share }
    pattern = try rule("pattern") { $0.stringValue }
    if let pattern, (try? Regex(pattern)) == nil { throw .badPattern(pattern, column: name) }
  }
}

extension JSON {
  /// A limit of the number of rows.
  fileprivate func rowLimit(_ key: String) throws(ExpectationError) -> Double? {
    guard let value = self[key], !value.isNull else { return nil }
    guard let number = value.doubleValue else { throw .malformed(rule: key, column: "rows") }
    return number
  }

  /// A value as `Column.text` would write it.
  fileprivate var canonicalText: String {
    switch self {
    case .string(let text): text
    case .number(let value): ecmaScriptText(value)
    default: canonical
    }
  }

  /// A share from 0 to 1, or a percentage.
  fileprivate var share: Double? {
    if let text = stringValue, text.hasSuffix("%") {
      return Double(text.dropLast()).flatMap { (0...100).contains($0) ? $0 / 100 : nil }
    }
    return doubleValue.flatMap { (0...1).contains($0) ? $0 : nil }
  }
}
