import Basics
import ModelRegistry
import ObjectStore
import Testing

@Suite struct VersionTests {
  private let test: TestRegistry

  init() throws { test = try TestRegistry() }

  @Test func numbersCountUpAndADigestKeepsItsNumber() throws {
    let (first, second) = (try test.register("a"), try test.register("b"))
    #expect((first.number, second.number) == (1, 2))
    #expect(try test.register("a") == first)
    #expect(try test.registry.versions(of: "penguins") == [first, second])
    #expect(try test.register("a", model: "whales").number == 1)
    #expect(try test.registry.models() == ["penguins", "whales"])
  }

  @Test func newVerdictIsRecordedUnderTheSameNumber() throws {
    let refused = try test.register("a", verdict: "refuse")
    let passed = try test.register("a", verdict: "pass")
    #expect(passed.number == refused.number)
    #expect(try test.registry.versions(of: "penguins").map(\.verdict) == ["pass"])
  }

  @Test func refusedCandidateHasNoFolder() throws {
    let version = try test.register("a", verdict: "refuse")
    #expect(try !Files.exists(test.serving.folder(of: version.digest)))
    #expect(try test.registry.resolve("penguins@1") == version)
  }

  @Test func versionsSurviveTheLossOfTheIndex() throws {
    let version = try test.register("a")
    for suffix in ["", "-wal", "-shm"] { try Files.remove(test.workspace.indexPath + suffix) }
    #expect(try test.registry.versions(of: "penguins") == [version])
    #expect(try test.register("b").number == 2)
  }

  @Test func numbersGoOnFromTheHistoryWhenTheStoreIsLost() throws {
    _ = try test.register("a")
    let second = try test.register("b")
    try test.release(second)
    try Files.removeTree(test.workspace.objectsFolder)
    try Files.makeFolder(test.workspace.objectsFolder)
    #expect(try test.registry.resolve("penguins").digest == second.digest)
    #expect(try test.register("c").number == 3)
  }

  @Test func everyWayOfNamingAVersionWorks() throws {
    let (first, second) = (try test.register("a"), try test.register("b"))
    try test.release(first)
    try test.release(second, to: "staging")
    let registry = test.registry
    #expect(try registry.resolve("penguins") == first)
    #expect(try registry.resolve("penguins@production") == first)
    #expect(try registry.resolve("penguins@staging") == second)
    #expect(try registry.resolve("penguins@2") == second)
    #expect(try registry.resolve("penguins@" + second.digest.hex.prefix(12)) == second)
    #expect(try registry.latest("penguins") == second)
  }

  @Test func wrongNamesAreToldApart() throws {
    let registry = test.registry
    _ = try test.register("a")
    #expect(throws: RegistryError.unknownModel("pinguins", known: ["penguins"])) { try registry.resolve("pinguins") }
    #expect(throws: RegistryError.nothingServed(model: "penguins", channel: "production")) {
      try registry.resolve("penguins")
    }
    for wanted in ["7", "stagin", ""] {
      #expect(throws: RegistryError.unknownVersion(model: "penguins", version: wanted, known: ["1"])) {
        try registry.resolve("penguins@" + wanted)
      }
    }
  }

  @Test(arguments: ["", "..", "../x", "a/b", ".hidden", "-x", "a b", "ä", String(repeating: "a", count: 101)])
  func namesThatPlayTricksAreRefused(_ name: String) throws {
    #expect(throws: RegistryError.badName(name)) { try test.registry.serving(name) }
    let version = try test.register("a")
    #expect(throws: RegistryError.badChannel(name)) { try test.release(version, to: name) }
  }

  @Test(arguments: ["versions", "history.jsonl", "3"]) func channelsDoNotTakeOtherNames(_ name: String) throws {
    let version = try test.register("a")
    #expect(throws: RegistryError.badChannel(name)) { try test.release(version, to: name) }
  }

  @Test func onlyThreeFilesAreAModel() throws {
    let bytes = try test.store.put([1])
    let tree = try test.store.putTree([.init(path: "model.json", digest: bytes, size: 1)])
    #expect(throws: RegistryError.notAModel(tree.digest)) {
      try test.registry.register(model: "m", artifact: tree.digest, verdict: nil, cancellation: Cancellation())
    }
  }

  @Test func manyMayRegisterAtOnce() throws {
    let workspace = test.workspace
    let artifacts = try (0..<8).map { try test.artifact("model \($0 / 2)") }
    try parallelFor(count: 8, threads: 8) { index in
      let registry = Registry(try Store.open(workspace))
      _ = try registry.register(
        model: "m", artifact: artifacts[index], verdict: "pass", cancellation: Cancellation())
    }
    #expect(try test.registry.versions(of: "m").map(\.number) == [1, 2, 3, 4])
  }
}
