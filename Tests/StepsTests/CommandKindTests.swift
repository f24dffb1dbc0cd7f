import Basics
import Diagnostics
import Execution
import ObjectStore
import Steps
import Testing
import Workflow

@Suite struct CommandKindTests {
  @Test func folderThatOneCommandMakesIsAFolderForTheNext() async throws {
    let bench = try StepBench()
    let report = try await bench.run(
      """
      workflow: test
      steps:
        make: { command: { command: "mkdir -p out/in && echo one > out/a && echo two > out/in/b", outputs: { all: out } } }
        use: { command: { command: "cat given/a given/in/b > both", inputs: { given: make.all }, outputs: { both: both } } }
      """)
    #expect(report.failure == nil, "\(report.steps.flatMap(\.problems).map(\.message))")
    let digest = try #require(report.step("use")?.outputs.first?.digest)
    #expect(try bench.store.read(digest) == Array("one\ntwo\n".utf8))
  }

  @Test func folderIsNoCSVFile() async throws {
    let report = try await StepBench().run(
      """
      workflow: test
      steps:
        make: { command: { command: "mkdir out && echo a > out/a", outputs: { all: out } } }
        data: { ingest: { file: make.all } }
      """)
    #expect(report.failure == .badInput)
    #expect(report.step("data")?.problems.first?.message == "'make.all' is a folder, expected a file")
  }

  @Test func changedOutputFolderRunsWhatReadsIt() async throws {
    let bench = try StepBench()
    func workflow(_ text: String) -> String {
      """
      workflow: test
      steps:
        make: { command: { command: "mkdir out && echo \(text) > out/a", outputs: { all: out } } }
        use: { command: { command: "cp given/a b", inputs: { given: make.all }, outputs: { b: b } } }
      """
    }
    _ = try await bench.run(workflow("one"))
    let second = try await bench.run(workflow("two"))
    #expect(second.steps.map(\.status) == [.done, .done])
    let digest = try #require(second.step("use")?.outputs.first?.digest)
    #expect(try bench.store.read(digest) == Array("two\n".utf8))
  }

  @Test(arguments: [
    ("command: []", "there is no command in the list"),
    ("command: ls, outputs: { a: ../a }", "output '../a' lies outside of the folder that the command runs in"),
    ("command: ls, outputs: { a: /etc/a }", "output '/etc/a' lies outside of the folder that the command runs in"),
    ("command: ls, files: [../a]", "file '../a' lies outside of the workspace"),
    ("command: ls, inputs: { ../a: data }", "input '../a' lies outside of the folder that the command runs in"),
    ("command: ls, inputs: { /a: data }", "input '/a' lies outside of the folder that the command runs in"),
  ])
  func pathsStayInsideTheFolder(_ settings: String, _ message: String) throws {
    let yaml = """
      workflow: test
      steps:
        data: { ingest: { source: data.csv } }
        run: { command: { \(settings) } }
      """
    let result = WorkflowParser(kinds: stepKinds.map(\.grammar)) { _ in nil }.parse(yaml, file: "test.yaml")
    #expect(result.diagnostics.map(\.message) == [message])
    #expect(result.diagnostics.first?.place?.line == 4)
  }

  @Test func failureShowsTheLastLines() async throws {
    let report = try await StepBench().run(
      "workflow: test\nsteps: { run: { command: { command: 'echo one; echo two >&2; exit 7' } } }")
    #expect(report.failure == .stepFailed)
    let problem = try #require(report.step("run")?.problems.first)
    #expect(problem.message == "the command ended with exit code 7")
    #expect(problem.notes.map(\.message) == ["one", "two"])
  }
}
