/// HTML under construction. Whatever comes in as text is escaped, so that no name or value of a table can become markup.
struct HTML: Sendable {
  private(set) var markup: String

  private init(markup: String) { self.markup = markup }

  /// Text as it is to be read.
  static func text(_ text: String) -> HTML { HTML(markup: escaped(text)) }

  /// An element with its children; attributes are written in the order given.
  static func element(
    _ tag: StaticString, _ attributes: KeyValuePairs<StaticString, String> = [:], _ children: [HTML] = []
  ) -> HTML {
    let written = attributes.map { " \($0.key)=\"\(escaped($0.value))\"" }.joined()
    return HTML(markup: "<\(tag)\(written)>" + children.map(\.markup).joined() + "</\(tag)>")
  }

  /// An element that holds text alone.
  static func element(
    _ tag: StaticString, _ attributes: KeyValuePairs<StaticString, String> = [:], _ text: String
  ) -> HTML { element(tag, attributes, [.text(text)]) }

  /// An element without attributes that holds text alone.
  static func element(_ tag: StaticString, _ text: String) -> HTML { element(tag, [:], [.text(text)]) }

  /// A whole page in English that needs nothing from elsewhere: no script, no network.
  static func page(title: String, style: StaticString, _ body: [HTML]) -> String {
    """
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
    <title>\(escaped(title))</title>
    <style>
    \(style)
    </style>
    </head>
    <body>
    \(body.map(\.markup).joined(separator: "\n"))
    </body>
    </html>
    """
  }

  /// The five characters that mean something in HTML, and control characters, which are not allowed there.
  private static func escaped(_ text: String) -> String {
    var out = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": out += "&amp;"
      case "<": out += "&lt;"
      case ">": out += "&gt;"
      case "\"": out += "&quot;"
      case "'": out += "&#39;"
      default: out.unicodeScalars.append(scalar.isControl ? "\u{FFFD}" : scalar)
      }
    }
    return out
  }
}

extension Unicode.Scalar {
  /// Whether it would move a cursor rather than show: C0, DEL, C1, and marks that turn the direction of what follows.
  var isControl: Bool {
    value < 0x20 || (0x7F..<0xA0).contains(value) || (0x202A...0x202E).contains(value)
      || (0x2066...0x2069).contains(value)
  }
}
