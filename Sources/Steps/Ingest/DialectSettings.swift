package import Basics
package import Tabular

/// How a text was read, as settings of `ingest` say it: what is not usual for its format, so that nothing is said of a usual
/// file. A model keeps it of the source that it was trained from, and reads new data in the same way.
extension CSVFormat {
  /// `delimiter`, `quote`, `escape`, `comment`, `decimal`, `thousands`, `header`, `trim`, `encoding` where they are not usual.
  package func dialectSettings(isTabbed: Bool) -> JSON {
    let usual = CSVDialect(delimiter: isTabbed ? 9 : UInt8(ascii: ","))
    var settings: JSON = [:]
    for (name, path) in dialectBytes where dialect[keyPath: path] != usual[keyPath: path] {
      settings[name] = .string(dialectWord(dialect[keyPath: path]))
    }
    if !hasHeader { settings["header"] = false }
    if trims { settings["trim"] = true }
    if let encoding, encoding != .utf8 { settings["encoding"] = .string(encoding.rawValue) }
    return settings
  }

  /// The format that such settings say, with all else as usual: nothing is told by the text but its byte order mark.
  package init(dialect settings: JSON, isTabbed: Bool, missing: [String] = []) {
    self.init(delimiter: isTabbed ? 9 : UInt8(ascii: ","), missing: missing)
    for (name, path) in dialectBytes {
      if let byte = settings[name]?.stringValue.flatMap(dialectByte) { dialect[keyPath: path] = byte }
    }
    hasHeader = settings["header"]?.boolValue ?? true
    trims = settings["trim"]?.boolValue ?? false
    encoding = settings["encoding"]?.stringValue.flatMap(TextEncoding.init(rawValue:))
  }

  /// The same with what another file was read differently in as usual.
  func agreeing(with other: CSVFormat, isTabbed: Bool) -> CSVFormat {
    let (mine, theirs) = (dialectSettings(isTabbed: isTabbed), other.dialectSettings(isTabbed: isTabbed))
    let both = (mine.objectValue ?? [:]).filter { theirs[$0.key] == $0.value }
    return CSVFormat(dialect: .object(both), isTabbed: isTabbed)
  }
}

private let dialectBytes: [(String, any WritableKeyPath<CSVDialect, UInt8> & Sendable)] = [
  ("delimiter", \.delimiter), ("quote", \.quote), ("escape", \.escape), ("comment", \.comment),
  ("decimal", \.decimal), ("thousands", \.thousands),
]

/// The word that means a byte.
private func dialectWord(_ byte: UInt8) -> String {
  switch byte {
  case 0: "none"
  case 9: "tab"
  case UInt8(ascii: " "): "space"
  default: String(UnicodeScalar(byte))
  }
}
