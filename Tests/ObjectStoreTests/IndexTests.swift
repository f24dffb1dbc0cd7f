import Basics
import Glibc
import ObjectStore
import Synchronization
import Testing

@Suite struct IndexTests {
  private let test: TestWorkspace

  init() throws { test = try TestWorkspace() }

  /// Everything the index answers, for comparing before and after.
  private struct Answers: Equatable {
    var runs: [Run]
    var result: CachedResult
    var versions: [StoredRecord]
    var lineage: Lineage
    var last: Digest?
  }

  private func answers(_ store: Store, _ key: Digest, _ data: Digest) throws -> Answers {
    Answers(
      runs: try store.runs(), result: try store.lookUp(key),
      versions: try store.records(ofType: "model-version", subject: "m"), lineage: try store.lineage(of: data, .up),
      last: try store.lastResult(ofStep: "data", workflow: "w")?.record)
  }

  private func fill(_ store: Store) throws -> (Digest, Digest) {
    let data = try store.put(Array("data".utf8))
    let (key, record) = try perform("ingest", inputs: ["source": Digest(of: "csv")], outputs: ["data": data], in: store)
    let active = try store.beginRun(RunStart(workflow: "w", file: "w.yaml"))
    let step = RunStep(name: "data", kind: "ingest", status: "done", key: key, result: record, seconds: 1)
    let metric = RunMetric(key: "test.auc", step: "data", value: 0.5)
    try store.endRun(active, RunEnd(status: .done, steps: [step], metrics: [metric]))
    try store.putRecord("model-version", ["subject": "m", "number": 1])
    try store.putRecord("model-version", ["subject": "n", "number": 1])
    return (key, data)
  }

  enum Damage: String, CaseIterable { case deleted, empty, garbage, cutShort, overwritten }

  @Test(arguments: Damage.allCases, [true, false])
  func damagedIndexIsRebuiltAndNothingIsLost(_ damage: Damage, _ reopening: Bool) throws {
    var store = try test.open()
    let (key, data) = try fill(store)
    let before = try answers(store, key, data)
    #expect(before.versions.count == 1)
    if reopening { store = try test.open() }
    let path = test.workspace.indexPath
    switch damage {
    case .deleted: for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) }
    case .empty:
      for suffix in ["-wal", "-shm"] { unlink(path + suffix) }
      try durableWrite(path, bytes: [])
    case .garbage:
      for suffix in ["-wal", "-shm"] { unlink(path + suffix) }
      try durableWrite(path, bytes: [UInt8](repeating: 7, count: 5000))
    case .cutShort:
      for suffix in ["-wal", "-shm"] { unlink(path + suffix) }
      try durableWrite(path, bytes: Array(try Files.read(path).prefix(5000)))
    case .overwritten:
      for suffix in ["-wal", "-shm"] { unlink(path + suffix) }
      var bytes = try Files.read(path)
      for at in bytes.indices.dropFirst(100) { bytes[at] = 0xAA }
      try durableWrite(path, bytes: bytes)
    }
    #expect(try answers(store, key, data) == before)
    let problems = try store.indexProblems()
    #expect(problems == [])
  }

  @Test func reindexGivesTheSameAnswers() throws {
    let store = try test.open()
    let (key, data) = try fill(store)
    let before = try answers(store, key, data)
    try store.reindex()
    #expect(try answers(store, key, data) == before)
  }

  @Test func otherOpenStoresGoOnAfterARebuild() throws {
    let (first, second) = (try test.open(), try test.open())
    let (key, data) = try fill(first)
    let before = try answers(second, key, data)
    try first.reindex()
    try second.putRecord("model-version", ["subject": "m", "number": 2])
    #expect(try first.records(ofType: "model-version", subject: "m").count == 2)
    #expect(try answers(second, key, data).runs == before.runs)
  }

  @Test func newerIndexIsLeftAlone() throws {
    let store = try test.open()
    _ = try fill(store)
    try setVersion(99)
    let path = test.workspace.indexPath
    #expect(throws: StoreError.indexNewer(path: path)) { try test.open().runs() }
  }

  /// `user_version` is the big-endian number at offset 60 of an SQLite file.
  private func setVersion(_ version: UInt8) throws {
    let path = test.workspace.indexPath
    for suffix in ["-wal", "-shm"] { unlink(path + suffix) }
    var bytes = try Files.read(path)
    bytes[63] = version
    try durableWrite(path, bytes: bytes)
  }

  @Test func manyMayOpenAndWriteAtOnce() throws {
    let workspace = test.workspace
    try parallelFor(count: 8, threads: 8) { index in
      let store = try Store.open(workspace)
      for round in 0..<5 {
        try store.putRecord("note", ["subject": .string("n"), "index": JSON(index), "round": JSON(round)])
      }
      if index == 3 { try store.reindex() }
    }
    #expect(try test.open().records(ofType: "note", subject: "n").count == 40)
  }

  @Test func forgedAndDamagedRecordsAreNotIndexed() throws {
    let store = try test.open()
    let good = try store.putRecord("note", ["subject": "n"])
    let bad = try store.putRecord("note", ["subject": "n", "x": 1])
    _ = try store.put(Array(#"{"$record":"note/v1", "subject":"n"}"#.utf8))
    try store.flipByte(bad)
    try store.reindex()
    #expect(try store.records(ofType: "note").map(\.digest) == [good])
    #expect(try store.subjects(ofType: "note") == ["n"])
  }
}
