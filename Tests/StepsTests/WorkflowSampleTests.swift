import Basics
import Diagnostics
import Execution
import Testing
import Workflow

@testable import Steps

/// Workflows under `Fixtures`, read in the source tree so that missing expectations can be recorded.
enum Samples {
  static let folder = "\(#filePath)".split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 } + "/Fixtures"

  /// The examples of the repository.
  static let examples = "\(#filePath)".split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 } + "/workflows"

  /// The real kinds, in the environment of all samples.
  static let parser = WorkflowParser(kinds: stepKinds.map(\.grammar)) { name in
    ["DATA": "datasets", "EMPTY": ""][name]
  }

  /// The names of the workflows in a folder, without `.yaml`.
  static func names(in folder: String) -> [String] {
    let files = (try? Files.list(folder)) ?? []
    return files.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }
  }
}

@Suite struct WorkflowSampleTests {
  /// `# schema: passes` in the first line is for the schema's check, `# set: …` lines hold overrides.
  @Test(arguments: Samples.names(in: Samples.folder + "/broken"))
  func brokenWorkflowIsToldExactly(name: String) throws {
    let path = "\(Samples.folder)/broken/\(name)"
    let bytes = try Files.read(path + ".yaml")
    let overrides = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
      .filter { $0.hasPrefix("# set: ") }.map { String($0.dropFirst(7)) }
    let result = Samples.parser.parse(bytes: bytes, file: "\(name).yaml", overrides: overrides)
    #expect(result.document == nil)
    let told = Diagnostic.rendered(result.diagnostics) + "\n"
    guard Files.exists(path + ".txt") else {
      try durableWrite(path + ".txt", bytes: Array(told.utf8))
      Issue.record("recorded \(name).txt: read it, then run again")
      return
    }
    #expect(told == String(decoding: try Files.read(path + ".txt"), as: UTF8.self))
  }

  /// What can run, and does not do all that it says.
  @Test(arguments: Samples.names(in: Samples.folder + "/doubtful"))
  func doubtfulWorkflowIsWarnedAbout(name: String) throws {
    let path = "\(Samples.folder)/doubtful/\(name)"
    let result = Samples.parser.parse(bytes: try Files.read(path + ".yaml"), file: "\(name).yaml")
    #expect(result.document != nil)
    let told = Diagnostic.rendered(result.diagnostics) + "\n"
    guard Files.exists(path + ".txt") else {
      try durableWrite(path + ".txt", bytes: Array(told.utf8))
      Issue.record("recorded \(name).txt: read it, then run again")
      return
    }
    #expect(told == String(decoding: try Files.read(path + ".txt"), as: UTF8.self))
  }

  /// A penalty that is tried once leaves `tune` in the file without effect, and that is no fault of the file.
  @Test func whatAnOverrideLeavesIdleIsNotWarnedAbout() throws {
    let text = """
      workflow: test
      steps:
        data: { ingest: { source: a.csv, target: y } }
        model: { train: { objective: linear, tune: { folds: 4 } } }
      """
    func codes(_ override: String) -> [String] {
      Samples.parser.parse(text, file: "test.yaml", overrides: [override]).diagnostics.map(\.code)
    }
    #expect(codes("steps.model.train.penalty.l2=0.5") == [])
    #expect(codes("steps.model.train.inference.robust=hc1") == ["setting-without-effect"])
  }

  @Test func thereAreEnoughBrokenWorkflows() {
    #expect(Samples.names(in: Samples.folder + "/broken").count >= 80)
  }

  @Test(arguments: [Samples.folder + "/valid", Samples.examples])
  func validWorkflowsAndExamplesAreSound(folder: String) throws {
    let names = Samples.names(in: folder)
    #expect(names.count >= 4)
    for name in names {
      let result = try Samples.parser.parse(file: "\(folder)/\(name).yaml", shownAs: "\(name).yaml")
      #expect(Diagnostic.rendered(result.diagnostics) == "")
      #expect(result.document != nil)
    }
  }

  @Test func designExampleIsReadAsItsAuthorMeansIt() throws {
    let path = "\(Samples.folder)/valid/penguins.yaml"
    let document = try Samples.parser.parse(file: path).get()
    #expect(document.name == "penguins")
    #expect(document.description == "Tell the species of a penguin from its measurements.")
    #expect(document.seed == 7)
    #expect(document.file == path)
    #expect(document.steps.map(\.kind) == ["ingest", "validate", "split", "train", "evaluate", "gate", "deploy"])
    #expect(
      document.steps.map { step in step.inputs.mapValues { $0.map(\.text).joined() } } == [
        [:], ["data": "data"], ["data": "quality"], ["data": "parts"], ["model": "model", "data": "parts"],
        ["scores": "scores"], ["candidate": "model"],
      ])
    #expect(document.step(named: "release")?.after == ["scores", "bar"])
    #expect(document.step(named: "parts")?.settings.canonical == #"{"stratify":"species","test":0.25}"#)
    #expect(
      document.step(named: "data")?.settings.canonical
        == #"{"bad_rows":"fail","columns":{},"max_bad":0.001,"missing":["NA"],"missing_target":"fail","#
        + #""source":"datasets/penguins/penguins.csv","target":"species"}"#)
  }

  @Test func evaluationTellsTheTargetOfItsModel() throws {
    let text = """
      workflow: two-targets
      steps:
        data: { ingest: { source: a.csv, target: first } }
        model: { train: { objective: linear, target: second } }
        scores: { evaluate: }
      """
    let document = try Samples.parser.parse(text, file: "test.yaml").get()
    #expect(try TargetRole(for: #require(document.step(named: "scores")), in: document).name == "second")
    #expect(try TargetRole(for: #require(document.step(named: "model")), in: document).name == "second")
  }
}
