import Basics

/// Reads the members of an object in a model file strictly: what is missing or of another type is damage, and the
/// message says where.
struct ModelReader {
  private let json: JSON
  private let path: String
  private let place: String

  init(_ json: JSON, path: String, place: String) {
    self.json = json
    self.path = path
    self.place = place
  }

  func damaged(_ what: String) -> InferenceError { .damagedModel(path, what) }

  func unknown(_ what: String) -> InferenceError { .unknownFormat(path, "\(what) in \(place) is not known") }

  func value(_ key: String) throws(InferenceError) -> JSON {
    guard let value = json[key] else { throw damaged("'\(key)' is missing in \(place)") }
    return value
  }

  /// A map that is kept as it is; empty where it is left out.
  func optionalValue(_ key: String) throws(InferenceError) -> JSON {
    json[key] == nil ? [:] : .object(try read(key, "a map", \.objectValue))
  }

  /// The value of a key by `body`; throws where that gives nil.
  private func read<Value>(_ key: String, _ expected: String, _ body: (JSON) -> Value?) throws(InferenceError) -> Value
  {
    guard let value = body(try value(key)) else { throw damaged("'\(key)' in \(place) is not \(expected)") }
    return value
  }

  func string(_ key: String) throws(InferenceError) -> String { try read(key, "text", \.stringValue) }

  func optionalString(_ key: String) throws(InferenceError) -> String? { json[key] == nil ? nil : try string(key) }

  func integer(_ key: String) throws(InferenceError) -> Int { try read(key, "an integer", \.intValue) }

  /// False where it is left out.
  func bool(_ key: String) throws(InferenceError) -> Bool {
    json[key] == nil ? false : try read(key, "true or false", \.boolValue)
  }

  /// A finite number.
  func number(_ key: String) throws(InferenceError) -> Double {
    try read(key, "a finite number") { $0.doubleValue.flatMap { $0.isFinite ? $0 : nil } }
  }

  func numbers(_ key: String) throws(InferenceError) -> [Double] {
    try read(key, "a list of finite numbers") { value in
      guard let entries = value.arrayValue else { return nil }
      let numbers = entries.compactMap(\.doubleValue).filter(\.isFinite)
      return numbers.count == entries.count ? numbers : nil
    }
  }

  func optionalObject(_ key: String) throws(InferenceError) -> ModelReader? {
    json[key] == nil ? nil : try object(key)
  }

  func optionalNumber(_ key: String) throws(InferenceError) -> Double? { json[key] == nil ? nil : try number(key) }

  func strings(_ key: String) throws(InferenceError) -> [String] {
    try read(key, "a list of texts") { value in
      guard let entries = value.arrayValue else { return nil }
      let strings = entries.compactMap(\.stringValue)
      return strings.count == entries.count ? strings : nil
    }
  }

  /// None where it is left out.
  func optionalStrings(_ key: String) throws(InferenceError) -> [String] { json[key] == nil ? [] : try strings(key) }

  func objects(_ key: String) throws(InferenceError) -> [ModelReader] {
    let entries = try read(key, "a list", \.arrayValue)
    return entries.map { ModelReader($0, path: path, place: "\(place).\(key)") }
  }

  func object(_ key: String) throws(InferenceError) -> ModelReader {
    _ = try read(key, "a map", \.objectValue)
    return ModelReader(try value(key), path: path, place: "\(place).\(key)")
  }
}
