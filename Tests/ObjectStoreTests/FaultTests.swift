import Basics
import Diagnostics
import Glibc
import ObjectStore
import Testing

@Suite struct FaultTests {
  private let test: TestWorkspace

  init() throws { test = try TestWorkspace() }

  private func work(_ store: Store) throws {
    let data = try store.put(Array("data".utf8))
    try perform("ingest", outputs: ["data": data], in: store)
    let active = try store.beginRun(RunStart(workflow: "w", file: "w.yaml"))
    var writer = try store.makeWriter()
    try writer.write(Array("more".utf8))
    _ = try writer.finish()
    _ = try store.putTree(folder: test.root + "/in")
    try store.endRun(active, RunEnd(status: .done, steps: []))
  }

  @Test func diskFullAtAnyOperationLeavesACleanStore() throws {
    try test.write("in/a", "a")
    var first = 1
    while true {
      let store = try test.open()
      do {
        try FaultPoint.withFullDisk(from: first) { try work(store) }
        break
      } catch let error as FileError {
        #expect(error.number == ENOSPC && error.failure == .inputOutput)
      }
      #expect(try test.staged().isEmpty, "operation \(first)")
      let found = try store.verify(threads: 1, cancellation: Cancellation())
      #expect(found.damaged.isEmpty && found.missing.isEmpty, "operation \(first)")
      try Files.removeTree(test.workspace.storeFolder)
      first += 1
    }
    #expect(first > 20)
    #expect(try test.open().runs().map(\.status) == [.done])
  }

  @Test func deathAfterTheIndexIsWrittenLosesOnlyTheUnfinished() throws {
    let store = try test.open()
    _ = try store.runs()
    // The first operation is the transaction; everything after it fails.
    #expect(throws: FileError.self) {
      try FaultPoint.withFullDisk(from: 2) { try store.putRecord("note", ["subject": "n"]) }
    }
    #expect(try store.records(ofType: "note").isEmpty)
    try store.putRecord("note", ["subject": "n"])
    #expect(try store.records(ofType: "note").count == 1)
  }

  /// Root may write anywhere, so this says something for other users only.
  @Test(.enabled(if: geteuid() != 0)) func readOnlyFolderIsNamed() throws {
    try test.workspace.prepare()
    let store = try test.open()
    _ = try store.runs()
    chmod(test.workspace.temporaryFolder, 0o555)
    defer { chmod(test.workspace.temporaryFolder, 0o755) }
    #expect(throws: FileError.self) { try store.put([1]) }
  }

  @Test func everyErrorTellsItself() {
    let digest = Digest(of: "x")
    let errors: [StoreError] = [
      .unknown(prefix: "ab"), .ambiguous(prefix: "a", candidates: [digest]), .notADigest("x"), .missing(digest),
      .damaged(digest), .malformed(digest, expected: "a tree"), .unknownRun(prefix: "a"),
      .ambiguousRun(prefix: "a", candidates: ["ab"]), .notForTree(path: "p", what: "a link"),
      .collectionUnsafe([digest]), .indexNewer(path: "p"), .indexBusy(path: "p"), .index(path: "p", message: "m"),
    ]
    for error in errors {
      let first = error.diagnostics[0]
      #expect(!first.message.hasSuffix(".") && !first.message.isEmpty && first.severity == .error)
    }
  }
}
