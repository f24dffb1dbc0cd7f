import CYaml

/// One event of libyaml, copied into Swift values.
struct YAMLEvent {
  let type: yaml_event_type_e
  /// Where it begins, of no length.
  let start: Span
  let end: Span
  /// The name of an anchor or, for an alias event, of the alias.
  let anchor: String?
  let text: String
  let isPlain: Bool
  /// A list in `[]` or a map in `{}`.
  let isFlow: Bool
  /// An explicit tag that is none of YAML's own.
  let foreignTag: String?
  private let hasTag: Bool

  /// The next event of `parser`; nil where it found the YAML wrong.
  init?(from parser: UnsafeMutablePointer<yaml_parser_t>, source: SourceText) {
    var event = yaml_event_t()
    guard yaml_parser_parse(parser, &event) == 1 else { return nil }
    defer { yaml_event_delete(&event) }
    type = event.type
    start = Span(source: source, event.start_mark)
    end = Span(source: source, event.end_mark)
    var tag: String?
    switch event.type {
    case YAML_SCALAR_EVENT:
      let scalar = event.data.scalar
      anchor = string(scalar.anchor)
      text = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
      isPlain = scalar.style == YAML_PLAIN_SCALAR_STYLE
      isFlow = false
      tag = string(scalar.tag)
    case YAML_SEQUENCE_START_EVENT:
      anchor = string(event.data.sequence_start.anchor)
      text = ""
      isPlain = false
      isFlow = event.data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE
      tag = string(event.data.sequence_start.tag)
    case YAML_MAPPING_START_EVENT:
      anchor = string(event.data.mapping_start.anchor)
      text = ""
      isPlain = false
      isFlow = event.data.mapping_start.style == YAML_FLOW_MAPPING_STYLE
      tag = string(event.data.mapping_start.tag)
    case YAML_ALIAS_EVENT:
      anchor = string(event.data.alias.anchor)
      text = ""
      isPlain = false
      isFlow = false
    default:
      anchor = nil
      text = ""
      isPlain = false
      isFlow = false
    }
    hasTag = tag != nil
    foreignTag = tag.flatMap { $0 == "!" || $0.hasPrefix("tag:yaml.org,2002:") ? nil : $0 }
  }

  /// From the start to the end, or to the end of the first line.
  var span: Span {
    var span = start
    if end.line == start.line {
      span.length = max(0, end.column - start.column)
    } else {
      span.length = max(0, start.source.line(start.line).unicodeScalars.count + 1 - start.column)
    }
    return span
  }

  /// The column where the scalar's text stands letter by letter; nil where lines are folded, escapes make it shorter than
  /// what is written, or an anchor or a tag stands before it.
  var verbatimColumn: Int? {
    guard start.line == end.line, anchor == nil, !hasTag else { return nil }
    let quotes = end.column - start.column - text.unicodeScalars.count
    return quotes == (isPlain ? 0 : 2) ? start.column + quotes / 2 : nil
  }
}

extension Span {
  /// A mark of libyaml, which counts from 0.
  init(source: SourceText, _ mark: yaml_mark_t) {
    self.init(source: source, line: mark.line + 1, column: mark.column + 1, length: 0)
  }
}

private func string(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
  pointer.map { String(cString: $0) }
}
