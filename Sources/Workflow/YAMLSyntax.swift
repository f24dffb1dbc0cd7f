import CYaml
import Diagnostics

/// What libyaml found wrong, in our words.
func syntaxProblem(_ parser: yaml_parser_t, _ source: SourceText) -> Diagnostic {
  let found = parser.problem.map { String(cString: $0) } ?? "the YAML cannot be read"
  var span = Span(source: source, parser.problem_mark)
  span.length = 1
  let context = parser.context.map { String(cString: $0) }
  var start = Span(source: source, parser.context_mark)
  start.length = 1
  if span.text == "\t", found == "found character that cannot start any token" {
    return .error("yaml-tab", "a tab stands where YAML wants spaces", at: span.place, help: ["indent with spaces"])
  }
  // libyaml looks ahead, and may meet its own limit before we meet ours.
  if found.hasPrefix("Maximum nesting level") { return tooDeepProblem(at: span) }
  let known = syntaxWords[found]
  // An override has one line only, what ends too early ends with it.
  if !source.isFile, span.line > 1 { (span.line, span.column) = (1, source.line(1).unicodeScalars.count + 1) }
  // libyaml notices a missing colon on the line after; the line that lacks it is the better place.
  if found == "could not find expected ':'" || found == "found unexpected end of stream" { span = start }
  var notes: [Diagnostic.Note] = []
  if let context, start.line != span.line, let opened = openedWords[context] {
    notes = [.init(opened, at: start.place)]
  }
  return .error(
    "yaml-syntax", known?.message ?? "the YAML cannot be read: \(found)", at: span.place,
    help: known.map { [$0.help] } ?? [], notes: notes)
}

func tooDeepProblem(at span: Span) -> Diagnostic {
  .error("too-deep", "lists and maps are nested more than \(Limits.depth) levels deep here", at: span.place)
}

private let syntaxWords: [String: (message: String, help: String)] = [
  "found character that cannot start any token": (
    "no value can start with this character", "put the text in quotes"
  ),
  "mapping values are not allowed in this context": (
    "a ':' stands where no key can be",
    "put text that holds ': ' in quotes; see that the line before ends its key with ':'"
  ),
  "block sequence entries are not allowed in this context": (
    "a list item stands where none can be", "write the list on the lines below its key"
  ),
  "mapping keys are not allowed in this context": (
    "a key stands where none can be", "write the map on the lines below its key"
  ),
  "could not find expected ':'": ("this line has no ':'", "write 'key: value'"),
  "did not find expected key": (
    "a key was expected here", "indent the line as its neighbours are; put text that holds quotes or ':' in quotes"
  ),
  "did not find expected '-' indicator": (
    "a list item was expected here", "begin each item with '- ', all with the same indentation"
  ),
  "did not find expected ',' or ']'": ("the list is not closed by ']'", "separate items by ',' and end with ']'"),
  "did not find expected ',' or '}'": ("the map is not closed by '}'", "separate members by ',' and end with '}'"),
  "did not find expected node content": ("a value was expected here", "remove the extra ',' or write the value"),
  "found unexpected end of stream": ("these quotes are never closed", "close them"),
  "found unexpected document indicator": ("the document ends inside a text in quotes", "close the quotes"),
  "did not find expected alphabetic or numeric character": (
    "an anchor or alias needs a name", "put text that begins with '*' or '&' in quotes"
  ),
  "found unknown escape character": (
    "'\\' begins no known escape here", "use single quotes, in which '\\' means itself"
  ),
  "did not find expected <document start>": (
    "the document has ended before this line", "indent the line as its neighbours are"
  ),
]

private let openedWords: [String: String] = [
  "while parsing a block mapping": "the map begins here",
  "while parsing a block collection": "the list begins here",
  "while parsing a flow mapping": "the map begins here",
  "while parsing a flow sequence": "the list begins here",
  "while scanning a quoted scalar": "the quotes open here",
]
