import Basics
import Glibc
import ModelRegistry
import ObjectStore
import Testing

@Suite struct ReleaseTests {
  private let test: TestRegistry

  init() throws { test = try TestRegistry() }

  @Test func releasedVersionIsCompleteAndReadOnly() throws {
    let version = try test.register("a")
    let move = try test.release(version)
    #expect(move.isMove && move.from == nil && move.number == 1)
    #expect(try Files.linkTarget(test.serving.path + "/production") == "versions/" + version.digest.hex)
    #expect(try Files.list(move.folder) == ["model.json", "profile.json", "release.json", "weights.safetensors"])
    #expect(try Files.status(move.folder)?.mode == 0o555)
    #expect(try Files.status(move.folder + "/model.json")?.mode == 0o444)
    #expect(try test.isWhole())
    #expect(try test.leftovers().isEmpty)
  }

  @Test func servingItAlreadyIsNoMove() throws {
    let version = try test.register("a")
    try test.release(version)
    #expect(try !test.release(version).isMove)
    #expect(try test.registry.history("penguins").entries.count == 1)
  }

  @Test func channelsMoveOnTheirOwn() throws {
    let (first, second) = (try test.register("a"), try test.register("b"))
    try test.release(first)
    try test.release(second, to: "staging")
    #expect(try test.serving.channels() == ["production": first.digest, "staging": second.digest])
    #expect(try test.registry.servedDigests() == [first.digest, second.digest].sorted())
  }

  @Test func damagedArtifactIsNotReleased() throws {
    let (first, second) = (try test.register("a"), try test.register("b"))
    try test.release(first)
    let file = try test.store.tree(second.digest).entries[2].digest
    try test.damage(try test.store.path(of: file))
    #expect(throws: StoreError.damaged(file)) { try test.release(second) }
    #expect(try test.served() == first.digest)
    #expect(try test.leftovers().isEmpty)
    #expect(try test.registry.history("penguins").entries.count == 1)
  }

  @Test func damagedFolderIsReplacedKeepingWhatLiesBeside() throws {
    let version = try test.register("a")
    let folder = try test.release(version).folder
    try test.damage(folder + "/weights.safetensors")
    #expect(try !test.isWhole())
    #expect(try !test.release(version).isMove)
    #expect(try test.isWhole())
    #expect(Files.exists(folder + "/release.json"))
    #expect(try test.leftovers().isEmpty)
  }

  @Test func rollbackGoesBackAndBarsWhatItLeaves() throws {
    let (first, second) = (try test.register("a"), try test.register("b"))
    try test.release(first)
    try test.release(second)
    let move = try test.rollback()
    #expect(move.from == second.digest && move.to == first.digest && move.number == 1)
    #expect(try test.served() == first.digest)
    #expect(throws: RegistryError.quarantined(model: "penguins", digest: second.digest)) { try test.release(second) }
    try test.release(second, lifting: true)
    #expect(try test.served() == second.digest)
    #expect(try test.registry.history("penguins").quarantined.isEmpty)
    #expect(
      try test.registry.history("penguins").entries.map(\.event)
        == [.release, .release, .rollback, .liftQuarantine, .release])
  }

  @Test func rollbackTwiceGoesBackTwice() throws {
    let versions = try ["a", "b", "c"].map { try test.register($0) }
    for version in versions { try test.release(version) }
    try test.rollback()
    #expect(try test.served() == versions[1].digest)
    try test.rollback()
    #expect(try test.served() == versions[0].digest)
    #expect(throws: RegistryError.noPrevious(model: "penguins", channel: "production")) { try test.rollback() }
    #expect(try test.served() == versions[0].digest)
    #expect(try test.registry.history("penguins").quarantined.count == 2)
  }

  @Test func rollbackMakesTheEarlierFolderAnew() throws {
    let (first, second) = (try test.register("a"), try test.register("b"))
    let folder = try test.release(first).folder
    try test.release(second)
    try Files.removeTree(folder)
    try test.rollback()
    #expect(try test.served() == first.digest)
    #expect(try test.isWhole())
  }

  @Test func rollbackOfNothingSaysSo() throws {
    _ = try test.register("a")
    #expect(throws: RegistryError.nothingServed(model: "penguins", channel: "production")) { try test.rollback() }
  }

  @Test func quarantineComesAndGoes() throws {
    let version = try test.register("a")
    func set(_ isBarred: Bool) throws -> Bool {
      try test.registry.setQuarantine(version, isBarred, actor: "me", reason: "why", cancellation: Cancellation())
    }
    #expect(try set(true))
    #expect(try !set(true))
    #expect(throws: RegistryError.quarantined(model: "penguins", digest: version.digest)) { try test.release(version) }
    #expect(try set(false))
    try test.release(version)
    #expect(try test.registry.history("penguins").entries.first?.reason == "why")
  }

  @Test func diskFullAtAnyOperationLeavesAWholeVersion() throws {
    let versions = try ["a", "b", "c"].map { try test.register($0) }
    try test.release(versions[0])
    let acts: [() throws -> Void] = [
      { try test.release(versions[1]) }, { try test.release(versions[2]) }, { try test.rollback() },
    ]
    for (step, act) in acts.enumerated() {
      let before = try test.served()
      var first = 1
      while true {
        do {
          try FaultPoint.withFullDisk(from: first) { try act() }
          break
        } catch let error as FileError {
          #expect(error.number == ENOSPC)
        }
        #expect(try test.isWhole(), "step \(step), operation \(first)")
        first += 1
        // A switch that was written is made by whoever takes the lock next.
        _ = try test.register("other")
        if try test.served() != before { break }
        #expect(try test.leftovers().isEmpty)
      }
      #expect(first >= 3)
      #expect(try test.served() != before)
    }
    #expect(try test.served() == versions[1].digest)
    #expect(try test.registry.history("penguins").entries.map(\.event) == [.release, .release, .release, .rollback])
  }

  @Test func manyMayReleaseAtOnce() throws {
    let workspace = test.workspace
    let versions = try (0..<4).map { try test.register("m\($0)") }
    try parallelFor(count: 8, threads: 8) { index in
      let registry = Registry(try Store.open(workspace))
      _ = try registry.release(versions[index % 4], to: "production", actor: "me", cancellation: Cancellation())
    }
    let history = try test.registry.history("penguins")
    #expect(try test.served() == history.served("production")?.to)
    #expect(try test.isWhole())
    for (entry, next) in zip(history.entries, history.entries.dropFirst()) { #expect(next.from == entry.to) }
  }
}
