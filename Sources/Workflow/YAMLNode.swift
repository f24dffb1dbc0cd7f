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
    case .scalar(let scalar): isNothing ? "nothing" : scalar.text.isEmpty ? "empty text" : quoted(scalar.text)
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

/// User's text in a message: in quotes, clipped to 60 characters.
func quoted(_ text: String) -> String {
  text.unicodeScalars.count <= 60
    ? "'\(text)'" : "'\(String(String.UnicodeScalarView(text.unicodeScalars.prefix(57))))…'"
}
