extension Shape {
  /// What it takes, for messages: `an integer from 2 to 100`.
  var words: String {
    switch self {
    case .text, .secret: "text"
    case .path: "a path"
    case .boolean: "true or false"
    case .integer(let range):
      "an integer" + bounds(range, isOpenBelow: range.lowerBound == .min, range.upperBound == .max)
    case .number(let range):
      range.lowerBound == .leastNonzeroMagnitude
        ? range.upperBound == .infinity ? "a number above 0" : "a number above 0, at most \(plain(range.upperBound))"
        : "a number"
          + bounds(range, isOpenBelow: range.lowerBound == -.infinity, range.upperBound == .infinity, plain)
    case .share: "a share such as 5% or 0.05"
    case .shareOrCount: "a share such as 25% or 0.25, or a number of rows"
    case .duration: "a duration such as 30s, 5m or 2h"
    case .choice(let words): alternatives(words)
    case .list: "a list"
    case .map, .record: "a map"
    case .anyOf(let shapes):
      alternatives(
        distinct(
          shapes.flatMap { shape -> [String] in if case .choice(let words) = shape { words } else { [shape.words] } }))
    case .artifact(let types): "the name of a step that makes \(alternatives(types.map { withArticle($0.rawValue) }))"
    case .scalar: "a value"
    case .checked(let name, _): withArticle(name)
    }
  }

  /// Whether a node is of the kind (scalar, list, map) that the shape takes.
  func admits(_ node: YAMLNode) -> Bool {
    switch self {
    case .list:
      if case .list = node.content { true } else { false }
    case .map, .record: node.members != nil
    case .anyOf(let shapes): shapes.contains { $0.admits(node) }
    default:
      if case .scalar(let scalar) = node.content {
        if case .scalar = self { !scalar.text.isEmpty || !scalar.isPlain } else { !node.isNothing }
      } else {
        false
      }
    }
  }
}

private func distinct(_ words: [String]) -> [String] {
  words.enumerated().filter { words.firstIndex(of: $1) == $0 }.map(\.element)
}

/// Whole numbers without a fraction.
private func plain(_ value: Double) -> String { Int(exactly: value).map(String.init) ?? "\(value)" }

private func bounds<Value>(
  _ range: ClosedRange<Value>, isOpenBelow: Bool, _ isOpenAbove: Bool, _ text: (Value) -> String = { "\($0)" }
) -> String {
  switch (isOpenBelow, isOpenAbove) {
  case (true, true): ""
  case (false, true): " of at least \(text(range.lowerBound))"
  case (true, false): " of at most \(text(range.upperBound))"
  case (false, false): " from \(text(range.lowerBound)) to \(text(range.upperBound))"
  }
}
