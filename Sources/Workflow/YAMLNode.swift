import Diagnostics

/// One value of a YAML document with its place. Aliases are resolved: they share the node of their anchor.
struct YAMLNode: Sendable {
  indirect enum Content: Sendable {
    case scalar(YAMLScalar)
    case list([YAMLNode])
    case map([YAMLMember])
  }

  var content: Content
  var span: Span
  /// Values in it with aliases counted where they are used, itself included.
  var weight = 1
  /// Levels of lists and maps below it.
  var height = 0
  /// Why there is no value here although something is written, told where the value is wanted.
  var problem: Diagnostic?

  /// Nothing written at all, or YAML's `~` or `null`.
  var isNothing: Bool {
    guard case .scalar(let scalar) = content, scalar.isPlain else { return false }
    return scalar.text.isEmpty || scalar.text == "~" || scalar.text == "null"
  }

  var members: [YAMLMember]? {
    guard case .map(let members) = content else { return nil }
    return members
  }

  /// What it is, for messages: `a map`, `nothing`, `'abc'`.
  var words: String {
    switch content {
    case .map: "a map"
    case .list: "a list"
    case .scalar(let scalar): isNothing ? "nothing" : found(scalar.text)
    }
  }
}

struct YAMLScalar: Sendable {
  var text: String
  /// Written without quotes and not as a block.
  var isPlain: Bool
  /// The column where the text stands in the file letter by letter; nil where escapes or folding change it.
  var verbatimColumn: Int?
}

struct YAMLMember: Sendable {
  var key: String
  var keySpan: Span
  var value: YAMLNode
}

/// A scalar that was found where something else was expected: numbers as they are, other text in quotes.
func found(_ text: String) -> String {
  if text.isEmpty { return "empty text" }
  let isNumber = text.utf8.count <= 30 && text.utf8.allSatisfy { "+-.0123456789".utf8.contains($0) }
  return isNumber && Double(text) != nil ? text : quoted(text)
}

/// User's text in a message: in quotes, clipped to 60 characters.
func quoted(_ text: String) -> String {
  text.unicodeScalars.count <= 60
    ? "'\(text)'" : "'\(String(String.UnicodeScalarView(text.unicodeScalars.prefix(57))))…'"
}
