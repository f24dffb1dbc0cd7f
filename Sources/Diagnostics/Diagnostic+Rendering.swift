extension Diagnostic {
  /// The diagnostic as compilers write it, without a newline at the end:
  ///
  /// ```
  /// workflows/churn.yaml:14:14: error: step 'evaluate' reads unknown step 'trian'
  ///    14 |       model: trian
  ///       |              ^~~~~
  /// help: did you mean 'train'?
  /// ```
  ///
  /// Control characters in any part are written as escapes, so that no text from a file can move a terminal's cursor.
  package func rendered(colour: Bool = false) -> String {
    let paint = Paint(isOn: colour)
    var lines = [headline(severity, message, place, paint)]
    lines += excerpt(place, paint, severity)
    for note in notes {
      lines.append(headline(.note, note.message, note.place, paint))
      lines += excerpt(note.place, paint, .note)
    }
    for line in help { lines.append("\(paint.help("help:")) \(printable(line))") }
    return lines.joined(separator: "\n")
  }

  /// Several diagnostics, an empty line between them.
  package static func rendered(_ diagnostics: [Diagnostic], colour: Bool = false) -> String {
    diagnostics.map { $0.rendered(colour: colour) }.joined(separator: "\n\n")
  }
}

private struct Paint {
  var isOn: Bool

  func severity(_ text: String, _ severity: Diagnostic.Severity) -> String {
    sgr(severity == .error ? "1;31" : severity == .warning ? "1;35" : "1;36", text)
  }
  func place(_ text: String) -> String { sgr("1", text) }
  func gutter(_ text: String) -> String { sgr("2", text) }
  func help(_ text: String) -> String { sgr("1;32", text) }

  private func sgr(_ code: String, _ text: String) -> String { isOn ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text }
}

private func headline(_ severity: Diagnostic.Severity, _ message: String, _ place: Place?, _ paint: Paint) -> String {
  var text = ""
  if let place {
    var position = printable(place.file)
    if let line = place.line {
      position += ":\(line)"
      if let column = place.column { position += ":\(column)" }
    }
    text = paint.place(position + ":") + " "
  }
  return text + paint.severity("\(severity.rawValue):", severity) + " " + printable(message)
}

/// The line of the file and the underline below it; nothing where the place has none.
private func excerpt(_ place: Place?, _ paint: Paint, _ severity: Diagnostic.Severity) -> [String] {
  guard let place, let line = place.excerpt, let column = place.column else { return [] }
  let window = Window(line, column: column, length: place.length)
  let number = place.line.map(String.init) ?? ""
  let gutter = String(repeating: " ", count: max(0, 5 - number.utf8.count)) + number
  let underline = "^" + String(repeating: "~", count: max(0, window.underlineWidth - 1))
  return [
    paint.gutter("\(gutter) |") + " " + window.text,
    paint.gutter(String(repeating: " ", count: max(5, number.utf8.count)) + " |") + " "
      + String(repeating: " ", count: window.underlineStart) + paint.severity(underline, severity),
  ]
}

/// The part of a line that is shown: all of it, or 120 characters around the place where the line is longer.
private struct Window {
  var text: String
  var underlineStart: Int
  var underlineWidth: Int

  init(_ line: String, column: Int, length: Int) {
    let size = 120
    let all = line.unicodeScalars
    let isLong = all.count > size
    let start = isLong ? max(0, min(column - 1 - size / 4, all.count - size)) : 0
    let shown = Array(all.dropFirst(start).prefix(size)).map { scalar -> Unicode.Scalar in
      isControl(scalar) ? scalar == "\t" ? " " : "\u{fffd}" : scalar
    }
    let from = min(max(0, column - 1 - start), shown.count)
    let to = min(from + max(1, length), shown.count)
    let lead = start > 0 ? "…" : ""
    let tail = start + size < all.count ? "…" : ""
    text = lead + String(String.UnicodeScalarView(shown)) + tail
    underlineStart = lead.unicodeScalars.count + width(shown[..<from])
    underlineWidth = max(1, width(shown[from..<to]))
  }
}

/// Columns of a terminal that scalars take: wide ones of East Asia and emoji two, combining marks none.
private func width(_ scalars: some Sequence<Unicode.Scalar>) -> Int {
  scalars.reduce(0) { sum, scalar in
    switch scalar.value {
    case 0x0300...0x036F, 0x200B...0x200F, 0xFE00...0xFE0F: sum
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
      0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
      sum + 2
    default: sum + 1
    }
  }
}

/// Control characters, and those that reorder text on a screen.
private func isControl(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.value {
  case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029, 0x202A...0x202E, 0x2066...0x2069: true
  default: false
  }
}

private func printable(_ text: String) -> String {
  guard text.unicodeScalars.contains(where: isControl) else { return text }
  return text.unicodeScalars.reduce(into: "") { out, scalar in
    switch scalar {
    case "\n": out += "\\n"
    case "\t": out += "\\t"
    case "\r": out += "\\r"
    default: out += isControl(scalar) ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
    }
  }
}
