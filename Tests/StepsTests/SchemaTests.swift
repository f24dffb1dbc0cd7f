import Basics
import Execution
import Glibc
import Steps
import Testing
import Workflow

@Suite struct SchemaTests {
  /// The reference is Python's `jsonschema`, on the examples and the samples that the parser is held against too.
  @Test func schemaAgreesWithTheParserOnEverySampleAndExample() throws {
    let path = "/tmp/workflow-schema-\(uniqueSuffix()).json"
    defer { unlink(path) }
    try durableWrite(path, bytes: Array(workflowSchema(kinds: stepKinds.map(\.grammar)).pretty.utf8))
    let (status, output) = run("python3 '\(Samples.folder)/check_schema.py' '\(path)' '\(Samples.examples)'")
    // 77: no jsonschema or yaml there; 127: no python3.
    if status != 77, status != 127 { #expect(status == 0, "\(output)") }
  }

  private func run(_ command: String) -> (status: Int32, output: String) {
    guard let pipe = popen(command + " 2>&1", "r") else { return (127, "") }
    var output: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while case let count = fread(&buffer, 1, buffer.count, pipe), count > 0 { output += buffer[..<count] }
    let status = pclose(pipe)
    return (status >> 8 & 0xFF, String(decoding: output, as: UTF8.self))
  }
}
