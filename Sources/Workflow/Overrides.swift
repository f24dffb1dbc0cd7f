import Diagnostics

extension YAMLNode {
  /// Sets one value: `path.to.key=VALUE` with VALUE in YAML. A part of the path that holds a `.` or a `=` stands in double
  /// quotes, an item of a list is its number from 0. Maps on the way are made where they are missing.
  mutating func apply(override: String) -> [Diagnostic] {
    let source = SourceText(file: "--set", text: override, isFile: false)
    guard let (path, valueColumn) = overridePath(override, source) else {
      return [
        .error(
          "bad-override", "\(quoted(override)) is no override", at: Place(file: "--set"),
          help: ["write --set path.to.key=VALUE, for example --set seed=7"])
      ]
    }
    // Blanks in place of the path make the columns of the value those of the argument.
    let blanks = String(repeating: " ", count: valueColumn - 1)
    let value = blanks + String(String.UnicodeScalarView(override.unicodeScalars.dropFirst(valueColumn - 1)))
    let (read, problems) = YAMLReader.read(value, source: source)
    if !problems.isEmpty { return problems }
    let last = path[path.count - 1]
    let nothing = YAMLNode(content: .scalar(YAMLScalar(text: "", isPlain: true, verbatimColumn: nil)), span: last.span)
    return set(path[...], to: read ?? nothing)
  }

  private mutating func set(_ path: ArraySlice<OverridePart>, to value: YAMLNode) -> [Diagnostic] {
    guard let part = path.first else {
      self = value
      return []
    }
    switch content {
    case .map(var members):
      var problems: [Diagnostic]
      if let index = members.firstIndex(where: { $0.key == part.name }) {
        problems = members[index].value.set(path.dropFirst(), to: value)
        members[index].keySpan = part.span
      } else {
        var node = YAMLNode(content: .map([]), span: part.span)
        problems = node.set(path.dropFirst(), to: value)
        members.append(YAMLMember(key: part.name, keySpan: part.span, value: node))
      }
      content = .map(members)
      return problems
    case .list(var items):
      guard let index = Int(part.name), items.indices.contains(index) else {
        return [
          .error(
            "bad-override", "\(quoted(part.name)) is no item of a list of \(items.count)", at: part.span.place,
            help: ["items are numbered from 0"])
        ]
      }
      let problems = items[index].set(path.dropFirst(), to: value)
      content = .list(items)
      return problems
    case .scalar:
      guard isNothing else {
        return [
          .error(
            "bad-override", "nothing can be set inside \(words), which is no map", at: part.span.place)
        ]
      }
      content = .map([])
      return set(path, to: value)
    }
  }
}

private struct OverridePart {
  var name: String
  var span: Span
}

/// The path before the first `=`, and the column (from 1) behind it; nil where there is no such path.
private func overridePath(_ text: String, _ source: SourceText) -> (path: [OverridePart], valueColumn: Int)? {
  var parts: [OverridePart] = []
  var name = String.UnicodeScalarView()
  var start = 1
  var isQuoted = false
  for (offset, scalar) in text.unicodeScalars.enumerated() {
    switch scalar {
    case "\"": isQuoted.toggle()
    case ".", "=":
      if isQuoted { fallthrough }
      if name.isEmpty { return nil }
      let span = Span(source: source, line: 1, column: start, length: offset + 1 - start)
      parts.append(OverridePart(name: String(name), span: span))
      if scalar == "=" { return (parts, offset + 2) }
      name = String.UnicodeScalarView()
      start = offset + 2
    default: name.append(scalar)
    }
  }
  return nil
}
