import Basics
import Glibc
import ObjectStore
import Testing

@Suite struct ResultTests {
  private let test: TestWorkspace
  private let store: Store

  init() throws {
    test = try TestWorkspace()
    store = try test.open()
  }

  private func isHit(_ key: Digest) throws -> Bool {
    if case .hit = try store.lookUp(key) { true } else { false }
  }

  @Test func whatWasNeverDoneIsAMissWithoutReason() throws {
    #expect(try store.lookUp(Digest(of: "k")) == .miss(reason: nil))
  }

  @Test func doneActionIsAHit() throws {
    let data = try store.put(Array("data".utf8))
    let (key, record) = try perform("ingest", outputs: ["data": data], in: store)
    guard case .hit(let result, let found) = try store.lookUp(key) else { return #expect(Bool(false), "no hit") }
    #expect(found == record && result.kind == "ingest" && result.metrics["rows"] == 3)
    #expect(try test.open().lookUp(key) == .hit(result, record: record))
  }

  @Test func flippedByteIsAMissAndTheObjectCanBeMadeAgain() throws {
    let data = try store.put(Array("data".utf8))
    let (key, _) = try perform("ingest", outputs: ["data": data], in: store)
    try store.flipByte(data)
    #expect(try store.lookUp(key) == .miss(reason: "object \(data.short)… is damaged"))
    #expect(try store.put(Array("data".utf8)) == data)
    #expect(try store.read(data) == Array("data".utf8))
    #expect(try isHit(key))
  }

  @Test func flippedByteIsMendedByPutAlone() throws {
    let data = try store.put(Array("data".utf8))
    try perform("ingest", outputs: ["data": data], in: store)
    try store.flipByte(data)
    _ = try store.put(Array("data".utf8))
    #expect(try store.read(data) == Array("data".utf8))
  }

  @Test func truncatedObjectIsAMiss() throws {
    let data = try store.put(Array("data".utf8))
    let (key, _) = try perform("ingest", outputs: ["data": data], in: store)
    try store.cutShort(data)
    #expect(try store.lookUp(key) == .miss(reason: "object \(data.short)… is damaged"))
  }

  @Test func deletedObjectIsAMiss() throws {
    let data = try store.put(Array("data".utf8))
    let (key, _) = try perform("ingest", outputs: ["data": data], in: store)
    try store.backend.remove(data)
    #expect(try store.lookUp(key) == .miss(reason: "object \(data.short)… is gone"))
  }

  @Test func touchedObjectIsHashedAgainAndStaysAHit() throws {
    let data = try store.put(Array("data".utf8))
    let (key, _) = try perform("ingest", outputs: ["data": data], in: store)
    utimensat(AT_FDCWD, try store.path(of: data), nil, 0)
    #expect(try isHit(key))
    #expect(try isHit(key))
  }

  @Test func everyFileOfATreeCounts() throws {
    try test.write("in/a", "a")
    try test.write("in/b", "b")
    let tree = try store.putTree(folder: test.root + "/in")
    let output = ActionResult.Output(name: "model", type: "model", digest: tree.digest, size: tree.size, isTree: true)
    let key = Digest(of: "k")
    try store.putResult(ActionResult(key: key, action: [:], outputs: [output], seconds: 0))
    #expect(try isHit(key))
    try store.flipByte(tree.entries[1].digest)
    #expect(try store.lookUp(key) == .miss(reason: "object \(tree.entries[1].digest.short)… is damaged"))
  }

  @Test func damagedRecordIsAMissAndOutputsStay() throws {
    let data = try store.put(Array("data".utf8))
    let (key, record) = try perform("ingest", outputs: ["data": data], in: store)
    try store.flipByte(record)
    #expect(try store.lookUp(key) == .miss(reason: "object \(record.short)… is damaged"))
    #expect(try store.contains(data))
    try perform("ingest", outputs: ["data": data], in: store)
    #expect(try isHit(key))
  }

  @Test func laterResultCounts() throws {
    let (a, b) = (try store.put([1]), try store.put([2]))
    try perform("command", outputs: ["f": b], in: store, finished: Timestamp(milliseconds: 2000))
    let (key, _) = try perform("command", outputs: ["f": a], in: store, finished: Timestamp(milliseconds: 1000))
    for _ in 0..<2 {
      guard case .hit(let result, _) = try store.lookUp(key) else { return #expect(Bool(false), "no hit") }
      #expect(result.outputs[0].digest == b)
      try store.reindex()
    }
  }

  @Test func consumingADamagedObjectThrowsAndRemovesIt() throws {
    let data = try store.put(Array("data".utf8))
    try store.flipByte(data)
    #expect(throws: StoreError.damaged(data)) {
      try store.verifiedPath(of: data, cancellation: Cancellation())
    }
    #expect(try !store.contains(data))
  }

  @Test func writerHashesWhatPassesThrough() throws {
    var writer = try store.makeWriter()
    try writer.write(Array("ab".utf8))
    try writer.write(Array("c".utf8))
    #expect(writer.size == 3)
    let digest = try writer.finish()
    #expect(digest == Digest(of: "abc"))
    #expect(try store.read(digest) == Array("abc".utf8))
    #expect(try test.staged().isEmpty)
  }

  @Test func unfinishedWriterLeavesNothing() throws {
    func abandon() throws {
      var writer = try store.makeWriter()
      try writer.write([1])
    }
    try abandon()
    #expect(try test.staged().isEmpty)
  }
}
