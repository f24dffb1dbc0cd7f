import CYaml
import Diagnostics

/// What a workflow file may hold at most, so that hostile input costs bounded time and memory.
enum Limits {
  static let bytes = 1 << 20
  /// Values, with aliases counted where they are used.
  static let values = 100_000
  static let depth = 64
  static let steps = 1000
  /// Problems that are told at once.
  static let problems = 100
}

/// Builds the node tree of one YAML document from libyaml's events.
///
/// Events rather than Yams' ready nodes: `docs/decisions/0004-yaml-events.md`.
struct YAMLReader {
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private let source: SourceText
  private var anchors: [String: YAMLNode] = [:]
  /// Anchors of lists and maps that are still being read.
  private var openAnchors: Set<String> = []
  private var mergedMembers = 0
  private var problems: [Diagnostic] = []

  /// A problem that ends the reading.
  private struct Stop: Error { var problem: Diagnostic }

  /// The document's root, nil where there is none or reading had to stop, and everything wrong with its YAML.
  static func read(_ text: String, source: SourceText) -> (root: YAMLNode?, problems: [Diagnostic]) {
    let bytes = Array(text.utf8)
    let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
    defer { parser.deallocate() }
    guard yaml_parser_initialize(parser) == 1 else {
      return (nil, [.error("out-of-memory", "there is not enough memory to read the file")])
    }
    defer { yaml_parser_delete(parser) }
    return bytes.withUnsafeBufferPointer { buffer in
      yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
      yaml_parser_set_input_string(parser, buffer.baseAddress, buffer.count)
      var reader = YAMLReader(parser: parser, source: source)
      do throws(Stop) {
        return (try reader.document(), reader.problems)
      } catch {
        return (nil, reader.problems + [error.problem])
      }
    }
  }

  private init(parser: UnsafeMutablePointer<yaml_parser_t>, source: SourceText) {
    self.parser = parser
    self.source = source
  }

  private mutating func document() throws(Stop) -> YAMLNode? {
    _ = try next()  // the stream's start
    if try next().type == YAML_STREAM_END_EVENT { return nil }
    let root = try node(try next(), depth: 0)
    _ = try next()  // the document's end
    let after = try next()
    if after.type != YAML_STREAM_END_EVENT {
      problems.append(
        .error(
          "several-documents", "a second document begins here, a workflow is one document", at: after.start.place,
          help: ["keep each workflow in a file of its own"]))
    }
    return root
  }

  private mutating func node(_ event: YAMLEvent, depth: Int) throws(Stop) -> YAMLNode {
    if depth > Limits.depth { throw tooDeep(event.start) }
    switch event.type {
    case YAML_ALIAS_EVENT: return try alias(event, depth: depth)
    case YAML_SEQUENCE_START_EVENT: return try list(event, depth: depth)
    case YAML_MAPPING_START_EVENT: return try map(event, depth: depth)
    default:
      complainOfTag(event)
      let scalar = YAMLScalar(text: event.text, isPlain: event.isPlain, verbatimColumn: event.verbatimColumn)
      let node = YAMLNode(content: .scalar(scalar), span: event.span)
      if let anchor = event.anchor { anchors[anchor] = node }
      return node
    }
  }

  private mutating func alias(_ event: YAMLEvent, depth: Int) throws(Stop) -> YAMLNode {
    let name = event.anchor ?? ""
    if let node = anchors[name] {
      if depth + node.height > Limits.depth { throw tooDeep(event.span) }
      return node
    }
    let problem: Diagnostic =
      openAnchors.contains(name)
      ? .error("recursive-alias", "alias '*\(name)' stands inside the value that it names", at: event.span.place)
      : .error(
        "unknown-alias", "alias '*\(name)' has no anchor '&\(name)' before it", at: event.span.place,
        help: suggestion(name, among: anchors.keys.sorted()).map { ["did you mean '*\($0)'?"] } ?? [])
    problems.append(problem)
    return YAMLNode(content: .map([]), span: event.span, problem: problem)
  }

  private mutating func list(_ start: YAMLEvent, depth: Int) throws(Stop) -> YAMLNode {
    complainOfTag(start)
    if let anchor = start.anchor { openAnchors.insert(anchor) }
    var list = YAMLNode(content: .list([]), span: start.span)
    var items: [YAMLNode] = []
    var event = try next()
    while event.type != YAML_SEQUENCE_END_EVENT {
      let item = try node(event, depth: depth + 1)
      try count(item, into: &list, at: event.span)
      items.append(item)
      event = try next()
    }
    list.content = .list(items)
    close(&list, start, event)
    return list
  }

  private mutating func map(_ start: YAMLEvent, depth: Int) throws(Stop) -> YAMLNode {
    complainOfTag(start)
    if let anchor = start.anchor { openAnchors.insert(anchor) }
    var map = YAMLNode(content: .map([]), span: start.span)
    var members: [YAMLMember] = []
    var places: [String: Span] = [:]
    var merged: [YAMLNode] = []
    var event = try next()
    while event.type != YAML_MAPPING_END_EVENT {
      let key = try node(event, depth: depth + 1)
      let keySpan = event.span
      let valueEvent = try next()
      var value = try node(valueEvent, depth: depth + 1)
      try count(value, into: &map, at: valueEvent.span)
      event = try next()
      guard case .scalar(let scalar) = key.content else {
        problems.append(.error("bad-key", "a key must be text, found \(key.words)", at: keySpan.place))
        continue
      }
      if scalar.text == "<<", scalar.isPlain {
        merged.append(value)
        continue
      }
      if let first = places[scalar.text] {
        problems.append(
          .error(
            "duplicate-key", "\(quoted(scalar.text)) is written twice", at: keySpan.place,
            notes: [.init("it stands here first", at: first.place)]))
        continue
      }
      places[scalar.text] = keySpan
      if case .scalar(let text) = value.content, text.isPlain, text.text.isEmpty { value.span = keySpan }
      members.append(YAMLMember(key: scalar.text, keySpan: keySpan, value: value))
    }
    for source in merged { try merge(source, into: &members, &places, of: &map) }
    map.content = .map(members)
    if start.span.length == 0, let first = members.first?.keySpan { map.span = first }
    close(&map, start, event)
    return map
  }

  /// YAML's merge key: what is written wins over what is merged, earlier merges over later ones.
  private mutating func merge(
    _ merged: YAMLNode, into members: inout [YAMLMember], _ places: inout [String: Span], of map: inout YAMLNode
  ) throws(Stop) {
    let sources: [YAMLNode]
    if case .list(let items) = merged.content { sources = items } else { sources = [merged] }
    for source in sources {
      guard source.problem == nil else { continue }
      guard let added = source.members else {
        problems.append(
          .error("bad-merge", "'<<' takes a map or a list of maps, found \(source.words)", at: source.span.place))
        continue
      }
      mergedMembers += added.count
      if mergedMembers > Limits.values { throw tooMany(merged.span) }
      for member in added where places.updateValueIfAbsent(member.keySpan, forKey: member.key) {
        try count(member.value, into: &map, at: merged.span)
        members.append(member)
      }
    }
  }

  /// The end of a list or map: an underline for one that is written on one line, and its anchor.
  private mutating func close(_ node: inout YAMLNode, _ start: YAMLEvent, _ end: YAMLEvent) {
    if start.isFlow, end.end.line == start.start.line { node.span.length = end.end.column - start.start.column }
    if let anchor = start.anchor {
      openAnchors.remove(anchor)
      anchors[anchor] = node
    }
  }

  private func count(_ item: YAMLNode, into node: inout YAMLNode, at span: Span) throws(Stop) {
    node.weight += item.weight + 1
    node.height = max(node.height, item.height + 1)
    if node.weight > Limits.values { throw tooMany(span) }
  }

  private mutating func complainOfTag(_ event: YAMLEvent) {
    guard let tag = event.foreignTag else { return }
    problems.append(
      .error("unknown-tag", "tag \(quoted(tag)) means nothing in a workflow", at: event.start.place))
  }

  private func next() throws(Stop) -> YAMLEvent {
    guard let event = YAMLEvent(from: parser, source: source) else {
      throw Stop(problem: syntaxProblem(parser.pointee, source))
    }
    return event
  }

  private func tooDeep(_ span: Span) -> Stop {
    Stop(problem: tooDeepProblem(at: span))
  }

  private func tooMany(_ span: Span) -> Stop {
    Stop(
      problem: .error(
        "too-many-values", "the file holds more than \(Limits.values) values, aliases counted where they are used",
        at: span.place))
  }
}

extension Dictionary {
  /// False, and nothing changed, where the key is there already.
  fileprivate mutating func updateValueIfAbsent(_ value: Value, forKey key: Key) -> Bool {
    guard self[key] == nil else { return false }
    self[key] = value
    return true
  }
}
