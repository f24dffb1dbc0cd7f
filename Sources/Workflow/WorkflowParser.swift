package import Basics
package import Diagnostics

/// What became of a workflow file.
package struct ParseResult: Sendable {
  /// Nil when there is at least one error.
  package var document: WorkflowDocument?
  /// Everything wrong with the file, in one go, sorted by place.
  package var diagnostics: [Diagnostic]

  /// The document; throws `Problems` (bad input) where there are errors.
  package func get() throws(Problems) -> WorkflowDocument {
    guard let document else { throw Problems(diagnostics, failure: .badInput) }
    return document
  }
}

/// Reads workflow files: YAML with places, settings by the grammar of their kinds, wiring, checks.
package struct WorkflowParser: Sendable {
  let kinds: [KindGrammar]
  let environment: @Sendable (String) -> String?

  /// `environment` gives the value of an environment variable, nil where it is not set.
  package init(kinds: [KindGrammar], environment: @escaping @Sendable (String) -> String?) {
    self.kinds = kinds
    self.environment = environment
  }

  /// Reads the file at `path`; messages name it `shownAs`. Throws where it cannot be read at all. Reads at most 1 MiB.
  package func parse(
    file path: String, shownAs name: String? = nil, overrides: [String] = []
  ) throws(FileError) -> ParseResult {
    let handle = try FileHandle(reading: path)
    let name = name ?? path
    guard try handle.status().size <= Limits.bytes else { return tooLarge(name) }
    var bytes = [UInt8](repeating: 0, count: Limits.bytes + 1)
    var count = 0
    while count < bytes.count {
      let result = bytes.withUnsafeMutableBytes { buffer in
        Result { () throws(FileError) in
          try handle.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[count...]))
        }
      }
      let read = try result.get()
      if read == 0 { break }
      count += read
    }
    return parse(bytes: Array(bytes[..<count]), file: name, overrides: overrides)
  }

  /// Reads a workflow from its bytes. `overrides` are `path.to.key=VALUE` with VALUE in YAML, applied in order.
  package func parse(bytes: [UInt8], file: String, overrides: [String] = []) -> ParseResult {
    if bytes.count > Limits.bytes { return tooLarge(file) }
    let text: String
    switch decode(bytes, file: file) {
    case .success(let decoded): text = decoded
    case .failure(let problems): return ParseResult(document: nil, diagnostics: problems.diagnostics)
    }
    let source = SourceText(file: file, text: text)
    let (read, yamlProblems) = YAMLReader.read(text, source: source)
    guard var root = read else {
      let empty = Diagnostic.error(
        "empty-file", "the file holds no workflow", at: Place(file: file),
        help: ["write 'workflow: NAME' and 'steps:'; 'mlflowctl init DATA' writes a workflow for a data file"])
      return ParseResult(document: nil, diagnostics: yamlProblems.isEmpty ? [empty] : yamlProblems)
    }
    var builder = DocumentBuilder(parser: self, source: source)
    builder.problems = yamlProblems
    for override in overrides { builder.problems += root.apply(override: override) }
    return builder.build(root)
  }

  package func parse(_ text: String, file: String, overrides: [String] = []) -> ParseResult {
    parse(bytes: Array(text.utf8), file: file, overrides: overrides)
  }

  private func tooLarge(_ file: String) -> ParseResult {
    ParseResult(
      document: nil,
      diagnostics: [
        .error(
          "file-too-large", "a workflow may have at most 1 MiB, this file has more", at: Place(file: file),
          help: ["is it the data file? a workflow names its data under 'ingest: { source: … }'"])
      ])
  }
}

/// A byte-order mark is dropped; what is not UTF-8, or holds characters that YAML forbids, is refused with its place.
private func decode(_ bytes: [UInt8], file: String) -> Result<String, Problems> {
  let bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes[3...]) : bytes
  func problem(_ code: String, _ message: String, _ before: String, _ help: String) -> Result<String, Problems> {
    let lines = SourceText(file: file, text: before).lines
    let column = (lines.last?.unicodeScalars.count ?? 0) + 1
    let place = Place(file: file, line: lines.count, column: column)
    return .failure(Problems(.error(code, message, at: place, help: [help]), failure: .badInput))
  }
  guard let text = String(validating: bytes, as: UTF8.self) else {
    var iterator = bytes.makeIterator()
    var parser = Unicode.UTF8.ForwardParser()
    var before = String.UnicodeScalarView()
    while case .valid(let encoded) = parser.parseScalar(from: &iterator) {
      before.append(Unicode.UTF8.decode(encoded))
    }
    return problem("not-utf8", "the file is not UTF-8 text", String(before), "save it as UTF-8")
  }
  for index in text.unicodeScalars.indices where isForbidden(text.unicodeScalars[index]) {
    let scalar = text.unicodeScalars[index]
    let code = String(scalar.value, radix: 16, uppercase: true)
    let name = "U+" + String(repeating: "0", count: max(0, 4 - code.utf8.count)) + code
    return problem(
      "forbidden-character",
      scalar == "\0" ? "the file holds a NUL byte" : "the file holds the control character \(name)",
      String(text.unicodeScalars[..<index]), "remove it")
  }
  return .success(text)
}

/// What is outside YAML's printable characters.
private func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.value {
  case 0x09, 0x0A, 0x0D, 0x20...0x7E, 0x85: false
  case 0..<0xA0, 0xFEFF, 0xFFFE, 0xFFFF: true
  default: false
  }
}
