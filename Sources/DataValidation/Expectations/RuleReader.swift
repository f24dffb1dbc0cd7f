import Basics

/// Reads rules from settings, and says which one has a value that it cannot have.
struct RuleReader {
  private let json: JSON
  private let column: String?

  init(_ json: JSON, column: String?) {
    self.json = json
    self.column = column
  }

  /// Nil where the rule is left out; throws `ExpectationError.malformed` where `read` makes nothing of it.
  func read<Value>(_ key: String, _ read: (JSON) -> Value?) throws(ExpectationError) -> Value? {
    guard let value = json[key], !value.isNull else { return nil }
    guard let read = read(value) else { throw .malformed(rule: key, column: column) }
    return read
  }

  func bounds(_ key: String, _ read: (JSON) -> Double?) throws(ExpectationError) -> Expectations.Bounds {
    let reader = RuleReader(json[key] ?? [:], column: column)
    return Expectations.Bounds(min: try reader.read("min", read), max: try reader.read("max", read))
  }
}

extension JSON {
  /// The texts of a list; none where this is no list.
  var texts: [String] { (arrayValue ?? []).compactMap(\.stringValue) }

  /// A value as `Column.text` would write it.
  var canonicalText: String {
    switch self {
    case .string(let text): text
    case .number(let value): ecmaScriptText(value)
    default: canonical
    }
  }

  /// A share from 0 to 1, or a percentage.
  var share: Double? {
    if let text = stringValue, text.hasSuffix("%") {
      return Double(text.dropLast()).flatMap { (0...100).contains($0) ? $0 / 100 : nil }
    }
    return doubleValue.flatMap { (0...1).contains($0) ? $0 : nil }
  }
}
