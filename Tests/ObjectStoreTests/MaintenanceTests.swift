import Basics
import Glibc
import ObjectStore
import Synchronization
import Testing

@Suite struct MaintenanceTests {
  private let test: TestWorkspace
  private let store: Store

  init() throws {
    test = try TestWorkspace()
    store = try test.open()
  }

  private func verify(removing: Bool = false) throws -> Verification {
    try store.verify(threads: 2, removing: removing, cancellation: Cancellation())
  }

  private func collect(_ settings: GarbageSettings) throws -> CollectedGarbage {
    try store.collectGarbage(settings, cancellation: Cancellation())
  }

  @Test func cleanStoreVerifies() throws {
    let data = try store.put(Array("data".utf8))
    try perform("ingest", outputs: ["data": data], in: store)
    let told = Atomic<Int>(0)
    let found = try store.verify(
      threads: 2, progress: { done, _ in told.max(done, ordering: .relaxed) }, cancellation: Cancellation())
    #expect(found.objects == 2 && found.damaged.isEmpty && found.missing.isEmpty)
    #expect(told.load(ordering: .relaxed) == found.bytes)
  }

  @Test func damageIsNamedWithWhatRefersToIt() throws {
    try test.write("in/model.json", "{}")
    let tree = try store.putTree(folder: test.root + "/in")
    let data = try store.put(Array("data".utf8))
    try perform("train", inputs: ["data": data], outputs: ["model": tree.digest], in: store)
    let file = tree.entries[0].digest
    try store.flipByte(file)
    try store.cutShort(data)
    let found = try verify()
    #expect(found.damaged.map(\.digest) == [file, data].sorted())
    let uses = Dictionary(uniqueKeysWithValues: found.damaged.map { ($0.digest, $0.uses) })
    #expect(uses[file] == ["file 'model.json' of tree \(tree.digest.short)…"])
    #expect(uses[data] == ["input 'data' of train"])
    _ = try verify(removing: true)
    let after = try verify()
    #expect(after.damaged.isEmpty)
    #expect(after.missing.map(\.digest) == [file])
  }

  @Test func verifyingStopsWhenCancelled() throws {
    _ = try store.put([1])
    let cancellation = Cancellation()
    cancellation.cancel()
    #expect(throws: Cancelled.asked) { try store.verify(threads: 1, cancellation: cancellation) }
  }

  /// A run that used a result, a result nobody used, and a version.
  private func fill() throws -> (kept: Set<Digest>, lost: Set<Digest>) {
    let data = try store.put(Array("data".utf8))
    let (key, record) = try perform("ingest", outputs: ["data": data], in: store)
    let active = try store.beginRun(RunStart(workflow: "w", file: "w.yaml"))
    try store.endRun(
      active,
      RunEnd(status: .done, steps: [RunStep(name: "d", kind: "ingest", status: "done", key: key, result: record)]))
    try test.write("in/model.json", "{}")
    let tree = try store.putTree(folder: test.root + "/in")
    let version = try store.putRecord("model-version", ["subject": "m", "digest": JSON(tree.digest)])
    let stray = try store.put(Array("stray".utf8))
    let (_, unused) = try perform("command", inputs: ["d": data], outputs: ["f": stray], in: store)
    let all = Set(try store.backend.list(prefix: ""))
    #expect(all.isSuperset(of: [data, record, tree.digest, tree.entries[0].digest, version]))
    return (all.subtracting([stray, unused]), [stray, unused])
  }

  @Test func garbageIsWhatNoRunAndNoVersionReaches() throws {
    let (kept, lost) = try fill()
    let dry = try collect(GarbageSettings(isDryRun: true, grace: .zero))
    #expect(Set(dry.removed) == lost && dry.removedBytes > 5)
    #expect(Set(try store.backend.list(prefix: "")) == kept.union(lost))
    let wet = try collect(GarbageSettings(grace: .zero))
    #expect(wet == dry && wet.kept == kept.count)
    #expect(Set(try store.backend.list(prefix: "")) == kept)
    #expect(try verify().missing.isEmpty)
    #expect(try collect(GarbageSettings(grace: .zero)).removed.isEmpty)
  }

  @Test func youngObjectsAndGivenRootsStay() throws {
    let (_, lost) = try fill()
    #expect(try collect(GarbageSettings()).removed.isEmpty)
    let unused = try #require(lost.first { (try? store.record($0)) != nil })
    #expect(try collect(GarbageSettings(grace: .zero, roots: [unused])).removed.isEmpty)
  }

  @Test func nothingIsCollectedWhileARecordIsDamaged() throws {
    let version = try store.putRecord("model-version", ["subject": "m", "digest": JSON(try store.put([7]))])
    try store.flipByte(version)
    #expect(throws: StoreError.collectionUnsafe([version])) { try collect(GarbageSettings(grace: .zero)) }
    #expect(try store.contains(Digest(of: [7])))
  }

  @Test func locksOfTheDeadGo() throws {
    func die() throws { _ = try store.beginRun(RunStart(workflow: "w", file: "f")) }
    try die()
    _ = try collect(GarbageSettings())
    #expect(try Files.list(test.workspace.locksFolder) == ["index.lock", "store.lock"])
  }

  @Test func lineageGoesBothWays() throws {
    let csv = Digest(of: "csv")
    let (data, other, model) = (try store.put([1]), try store.put([2]), try store.put([3]))
    try perform("ingest", inputs: ["source": csv], outputs: ["data": data], in: store)
    // Passes its table on, so it makes what it read.
    try perform("validate", inputs: ["data": data], outputs: ["data": data], in: store)
    try perform("command", outputs: ["extra": other], in: store)
    try perform("train", inputs: ["data": data, "extra": other], outputs: ["model": model], in: store)
    let up = try store.lineage(of: model, .up)
    #expect(up.actions.first?.kind == "train")
    #expect(Set(up.actions.map(\.kind)) == ["train", "ingest", "validate", "command"])
    #expect(up.ends == [csv])
    let down = try store.lineage(of: csv, .down)
    #expect(down.actions.first?.kind == "ingest")
    #expect(Set(down.actions.map(\.kind)) == ["ingest", "validate", "train"])
    #expect(down.ends == [model])
  }

  @Test func prefixesAreResolved() throws {
    let data = try store.put([1])
    let csv = Digest(of: "csv")
    try perform("ingest", inputs: ["source": csv], outputs: ["data": data], in: store)
    #expect(try store.resolve(data.hex) == data)
    #expect(try store.resolve(String(data.hex.prefix(20)).uppercased()) == data)
    #expect(try store.resolve(String(csv.hex.prefix(20))) == csv)
    #expect(throws: StoreError.unknown(prefix: "abcdef0123456789")) { try store.resolve("abcdef0123456789") }
    for text in ["", "xyz", "../etc", String(repeating: "a", count: 65)] {
      #expect(throws: StoreError.notADigest(text)) { try store.resolve(text) }
    }
    var candidates: [Digest] = []
    for number in 0..<40 { candidates.append(try store.put(Array("\(number)".utf8))) }
    let digit = try #require(candidates.first).hex.prefix(1)
    #expect(throws: StoreError.self) { try store.resolve(String(digit)) }
  }

  @Test func describingSaysWhatItIs() throws {
    let data = try store.put([1])
    let (_, record) = try perform("ingest", outputs: ["data": data], in: store)
    #expect(try store.describe(data).form == .bytes)
    #expect(try store.describe(data).uses.map(\.text) == ["output 'data' of ingest"])
    guard case .record(let found) = try store.describe(record).form else { return #expect(Bool(false), "no record") }
    #expect(found.type == "action-result")
    #expect(try store.describe(Digest(of: "csv")).form == .absent)
  }
}
