import Diagnostics

/// A workflow file's text, cut into lines once, shared by every place in it.
final class SourceText: Sendable {
  let file: String
  let lines: [String]
  /// False for a `--set` argument, which has no line numbers.
  let isFile: Bool

  /// Lines end where libyaml ends them, so that its line numbers are ours: CR, LF, CRLF, NEL, LS, PS.
  init(file: String, text: String, isFile: Bool = true) {
    self.file = file
    self.isFile = isFile
    var lines: [String] = []
    var line = String.UnicodeScalarView()
    var afterReturn = false
    for scalar in text.unicodeScalars {
      defer { afterReturn = scalar == "\r" }
      if afterReturn, scalar == "\n" { continue }
      switch scalar {
      case "\r", "\n", "\u{85}", "\u{2028}", "\u{2029}":
        lines.append(String(line))
        line = String.UnicodeScalarView()
      default: line.append(scalar)
      }
    }
    lines.append(String(line))
    self.lines = lines
  }

  /// The text of a line that counts from 1; empty beyond the last.
  func line(_ number: Int) -> String { number >= 1 && number <= lines.count ? lines[number - 1] : "" }
}

/// A stretch of one line of a source. Line and column count from 1, in Unicode scalars.
struct Span: Sendable {
  var source: SourceText
  var line: Int
  var column: Int
  var length: Int

  var place: Place {
    Place(
      file: source.file, line: source.isFile ? line : nil, column: column, length: max(1, length),
      excerpt: source.line(line))
  }

  /// The text under the span.
  var text: String {
    String(String.UnicodeScalarView(source.line(line).unicodeScalars.dropFirst(column - 1).prefix(length)))
  }
}
