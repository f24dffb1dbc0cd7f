import Basics
import Diagnostics
import ModelRegistry
import ObjectStore
import Testing

@Suite struct HistoryTests {
  private let test: TestRegistry
  private let versions: [ModelVersion]

  init() throws {
    let test = try TestRegistry()
    versions = try ["a", "b", "c"].map { try test.register($0) }
    for version in versions { try test.release(version) }
    self.test = test
  }

  private var path: String { get throws { try test.serving.historyPath } }

  private func lines() throws -> [String] {
    String(decoding: try Files.read(path), as: UTF8.self).split(separator: "\n").map(String.init)
  }

  private func rewrite(_ lines: [String]) throws {
    try durableWrite(path, bytes: Array((lines.joined(separator: "\n") + "\n").utf8))
  }

  private func broken(_ line: Int, _ reason: String) -> RegistryError {
    .historyBroken(model: "penguins", line: line, reason: reason)
  }

  @Test func everyLineHoldsTheDigestOfTheOneBefore() throws {
    let lines = try lines()
    #expect(lines.count == 3)
    #expect(lines[0].contains(#""previous":null"#))
    #expect(lines[1].contains(#""previous":"\#(Digest(of: lines[0]).hex)""#))
    #expect(try test.registry.history("penguins").head == Digest(of: lines[2]))
    #expect(try test.registry.history("penguins").entries.map(\.number) == [1, 2, 3])
  }

  @Test func changedLineIsDetected() throws {
    var lines = try lines()
    lines[0] = lines[0].replacing(#""actor":"me""#, with: #""actor":"it""#)
    try rewrite(lines)
    #expect(throws: broken(2, "it does not follow the line before")) { try test.registry.history("penguins") }
    #expect(throws: broken(2, "it does not follow the line before")) { try test.release(versions[0]) }
    #expect(try test.served() == versions[2].digest)
  }

  @Test func removedAndSwappedLinesAreDetected() throws {
    let lines = try lines()
    try rewrite([lines[1], lines[2]])
    #expect(throws: broken(1, "it does not follow the line before")) { try test.registry.history("penguins") }
    try rewrite([lines[0], lines[2]])
    #expect(throws: broken(2, "it does not follow the line before")) { try test.registry.history("penguins") }
    try rewrite([lines[0], lines[0], lines[1]])
    #expect(throws: broken(2, "it does not follow the line before")) { try test.registry.history("penguins") }
    try rewrite([lines[0], "garbage"])
    #expect(throws: broken(2, "it is not an entry")) { try test.registry.history("penguins") }
  }

  @Test func tornTailIsLeftOutAndCutByTheNextWriter() throws {
    let whole = try Files.read(path)
    try durableWrite(path, bytes: whole + Array(#"{"actor":"m"#.utf8))
    #expect(try test.registry.history("penguins").entries.count == 3)
    try test.rollback()
    #expect(try lines().count == 4)
    #expect(try Files.read(path).starts(with: whole))
    #expect(try test.registry.history("penguins").entries.last?.event == .rollback)
  }

  @Test func writtenSwitchThatWasNotMadeIsMade() throws {
    let link = try test.serving.path + "/production"
    try Files.remove(link)
    try Files.makeLink(link, to: "versions/" + versions[1].digest.hex)
    _ = try test.register("a")
    #expect(try test.served() == versions[2].digest)
  }

  @Test func linkSetByHandIsLeftAlone() throws {
    let link = try test.serving.path + "/production"
    try Files.remove(link)
    try Files.makeLink(link, to: "versions/" + versions[0].digest.hex)
    _ = try test.register("a")
    #expect(try test.served() == versions[0].digest)
  }

  @Test func leftoversOfTheDeadAreClearedAway() throws {
    try Files.makeFolder(test.serving.path + "/versions/.staging-dead/x")
    try Files.makeLink(test.serving.path + "/.production.dead", to: "versions/x")
    _ = try test.register("a")
    #expect(try test.leftovers().isEmpty)
  }

  @Test func everyErrorTellsItself() {
    let digest = Digest(of: "x")
    let errors: [RegistryError] = [
      .badName("x"), .badChannel("x"), .unknownModel("a", known: ["b"]),
      .unknownVersion(model: "m", version: "3", known: ["2"]),
      .ambiguousVersion(model: "m", version: "3", candidates: [digest]), .nothingServed(model: "m", channel: "c"),
      .notAModel(digest), .quarantined(model: "m", digest: digest), .noPrevious(model: "m", channel: "c"),
      .deploymentDamaged(path: "p"), .historyBroken(model: "m", line: 1, reason: "it is not an entry"),
    ]
    for error in errors {
      let first = error.diagnostics[0]
      #expect(!first.message.hasSuffix(".") && first.severity == .error)
    }
    #expect(
      RegistryError.unknownModel("pinguins", known: ["penguins"]).diagnostics[0].help == ["did you mean 'penguins'?"])
  }
}
