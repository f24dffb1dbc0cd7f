import Basics
import ObjectStore
import Testing

/// The conformance suite: every backend passes it.
@Suite struct BackendConformanceTests {
  enum Subject: String, CaseIterable { case file, memory }

  private let test: TestWorkspace

  init() throws {
    test = try TestWorkspace()
    try test.workspace.prepare()
  }

  private func make(_ subject: Subject) -> any ObjectBackend {
    switch subject {
    case .file: FileBackend(folder: test.workspace.objectsFolder, staging: test.workspace.temporaryFolder)
    case .memory: MemoryBackend(folder: test.root)
    }
  }

  private let bytes = Array("some content".utf8)

  @Test(arguments: Subject.allCases) func whatIsPutIsRead(_ subject: Subject) throws {
    let backend = make(subject)
    let digest = Digest(of: bytes)
    #expect(try !backend.contains(digest))
    try backend.put(bytes, as: digest)
    #expect(try backend.contains(digest))
    #expect(try backend.read(digest) == bytes)
    #expect(try Files.read(try backend.localPath(of: digest)) == bytes)
    #expect(try backend.stamp(of: digest)?.size == bytes.count)
  }

  @Test(arguments: Subject.allCases) func emptyContentIsAnObject(_ subject: Subject) throws {
    let backend = make(subject)
    try backend.put([], as: Digest(of: ""))
    #expect(try backend.read(Digest(of: "")) == [])
    #expect(try backend.stamp(of: Digest(of: ""))?.size == 0)
  }

  @Test(arguments: Subject.allCases) func adoptedFileIsTakenAway(_ subject: Subject) throws {
    let backend = make(subject)
    let staged = test.workspace.temporaryFolder + "/staged"
    try durableWrite(staged, bytes: bytes)
    try backend.adopt(staged, as: Digest(of: bytes))
    #expect(!Files.exists(staged))
    #expect(try backend.read(Digest(of: bytes)) == bytes)
  }

  @Test(arguments: Subject.allCases) func adoptingNothingThrows(_ subject: Subject) throws {
    let backend = make(subject)
    #expect(throws: FileError.self) { try backend.adopt(test.root + "/none", as: Digest(of: bytes)) }
    #expect(try backend.list(prefix: "").isEmpty)
  }

  @Test(arguments: Subject.allCases) func missingObjectIsSaidToBeMissing(_ subject: Subject) throws {
    let backend = make(subject)
    let digest = Digest(of: "nothing")
    #expect(throws: StoreError.missing(digest)) { try backend.read(digest) }
    #expect(throws: StoreError.missing(digest)) { try backend.localPath(of: digest) }
    #expect(try backend.stamp(of: digest) == nil)
    try backend.remove(digest)
    #expect(try !backend.removeIfDamaged(digest))
  }

  @Test(arguments: Subject.allCases) func putReplacesAndStampChanges(_ subject: Subject) throws {
    let backend = make(subject)
    let digest = Digest(of: bytes)
    try backend.put(Array("wrong".utf8), as: digest)
    let before = try backend.stamp(of: digest)
    try backend.put(bytes, as: digest)
    #expect(try backend.stamp(of: digest) != before)
    #expect(try backend.read(digest) == bytes)
  }

  @Test(arguments: Subject.allCases) func listIsSortedAndByPrefix(_ subject: Subject) throws {
    let backend = make(subject)
    let digests = (0..<40).map { Digest(of: "object \($0)") }
    for (index, digest) in digests.enumerated() { try backend.put(Array("object \(index)".utf8), as: digest) }
    #expect(try backend.list(prefix: "") == digests.sorted())
    for length in [1, 2, 3, 64] {
      let prefix = String(digests[7].hex.prefix(length))
      #expect(try backend.list(prefix: prefix) == digests.filter { $0.hex.hasPrefix(prefix) }.sorted())
    }
    try backend.remove(digests[0])
    #expect(try !backend.list(prefix: "").contains(digests[0]))
  }

  @Test(arguments: Subject.allCases) func onlyDamagedObjectsAreRemovedAsDamaged(_ subject: Subject) throws {
    let backend = make(subject)
    let digest = Digest(of: bytes)
    try backend.put(bytes, as: digest)
    #expect(try !backend.removeIfDamaged(digest))
    #expect(try backend.read(digest) == bytes)
    try backend.put(Array("wrong".utf8), as: digest)
    #expect(try backend.removeIfDamaged(digest))
    #expect(try !backend.contains(digest))
    #expect(try test.staged().isEmpty)
  }

  @Test(arguments: Subject.allCases) func storeWorksOverIt(_ subject: Subject) throws {
    let store = try Store.open(test.workspace, backend: make(subject))
    let digest = try store.put(bytes)
    let (key, record) = try perform("ingest", outputs: ["data": digest], in: store)
    guard case .hit(let result, let found) = try store.lookUp(key) else { return #expect(Bool(false), "no hit") }
    #expect(found == record)
    #expect(result.output(named: "data")?.digest == digest)
    try store.reindex()
    #expect(try store.lookUp(key) == .hit(result, record: record))
    try store.backend.remove(digest)
    #expect(try store.lookUp(key) == .miss(reason: "object \(digest.short)… is gone"))
  }

  @Test func filesAreReadOnlyUnderTheirDigest() throws {
    let backend = make(.file)
    let digest = Digest(of: bytes)
    try backend.put(bytes, as: digest)
    let path = "\(test.workspace.objectsFolder)/\(digest.hex.prefix(2))/\(digest.hex.dropFirst(2))"
    #expect(try Files.status(path)?.mode == 0o444)
  }
}
