/// A JSON value as everything that is persisted uses it. Integers and numbers are kept apart so that 64-bit counts
/// survive; `canonical` says how each is written.
package enum JSON: Sendable, Hashable {
  case null
  case bool(Bool)
  case integer(Int64)
  case number(Double)
  case string(String)
  case array([JSON])
  case object([String: JSON])
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
  package init(stringLiteral value: String) { self = .string(value) }
  package init(integerLiteral value: Int64) { self = .integer(value) }
  package init(floatLiteral value: Double) { self = .number(value) }
  package init(booleanLiteral value: Bool) { self = .bool(value) }
  package init(arrayLiteral elements: JSON...) { self = .array(elements) }
  package init(nilLiteral: ()) { self = .null }
  package init(dictionaryLiteral elements: (String, JSON)...) {
    self = .object(Dictionary(elements, uniquingKeysWith: { _, last in last }))
  }
}

extension JSON {
  package init(_ value: Int) { self = .integer(Int64(value)) }
  package init(_ value: Double) { self = .number(value) }
  package init(_ value: String) { self = .string(value) }
  package init(_ value: Bool) { self = .bool(value) }
  package init(_ value: Digest) { self = .string(value.hex) }
  package init(_ values: [String]) { self = .array(values.map(JSON.string)) }
  package init(_ values: [Double]) { self = .array(values.map(JSON.number)) }
  package init(_ values: [Int]) { self = .array(values.map { .integer(Int64($0)) }) }

  /// The value of a key of an object; nil when this is no object or has no such key.
  package subscript(key: String) -> JSON? {
    get {
      guard case .object(let members) = self else { return nil }
      return members[key]
    }
    set {
      guard case .object(var members) = self else { return }
      members[key] = newValue
      self = .object(members)
    }
  }

  package var stringValue: String? {
    guard case .string(let value) = self else { return nil }
    return value
  }

  package var boolValue: Bool? {
    guard case .bool(let value) = self else { return nil }
    return value
  }

  package var intValue: Int? {
    switch self {
    case .integer(let value): Int(exactly: value)
    case .number(let value): Int(exactly: value)
    case .string(let text): Int(text).flatMap { $0.magnitude > 1 << 53 ? $0 : nil }
    default: nil
    }
  }

  /// A number, also where `canonical` had to write it as a string (infinities, NaN, integers beyond 2⁵³).
  package var doubleValue: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    case .string("Infinity"): .infinity
    case .string("-Infinity"): -.infinity
    case .string("NaN"): .nan
    default: intValue.map(Double.init)
    }
  }

  package var arrayValue: [JSON]? {
    guard case .array(let values) = self else { return nil }
    return values
  }

  package var objectValue: [String: JSON]? {
    guard case .object(let members) = self else { return nil }
    return members
  }

  package var digestValue: Digest? { stringValue.flatMap(Digest.init(hex:)) }

  package var isNull: Bool { self == .null }
}
