import Basics
import Glibc
import ObjectStore
import Testing

@Suite struct TreeTests {
  private let test: TestWorkspace
  private let store: Store

  init() throws {
    test = try TestWorkspace()
    store = try test.open()
  }

  @Test func folderIsKeptAndLaidOutAgain() throws {
    try test.write("in/b.txt", "b")
    try test.write("in/a/c.txt", "c")
    let script = try test.write("in/run.sh", "run")
    try Files.setMode(script, 0o750)
    let tree = try store.putTree(folder: test.root + "/in")
    #expect(tree.entries.map(\.path) == ["a/c.txt", "b.txt", "run.sh"])
    #expect(tree.entry("run.sh")?.isExecutable == true)
    #expect(tree.size == 5)
    try store.materialise(tree, into: test.root + "/out")
    #expect(try Files.read(test.root + "/out/a/c.txt") == Array("c".utf8))
    #expect(try Files.status(test.root + "/out/run.sh")?.mode == 0o755)
    #expect(try store.putTree(folder: test.root + "/out").digest == tree.digest)
  }

  /// The text written out by hand after RFC 8785; the digests are those of FIPS 180-4 for "abc" and "".
  @Test func manifestIsCanonical() throws {
    let tree = try #require(
      Tree([
        .init(path: "b", digest: Digest(of: ""), size: 0, isExecutable: true),
        .init(path: "a/é", digest: Digest(of: "abc"), size: 3),
      ]))
    let text =
      #"{"$tree":"v1","entries":["#
      + #"{"digest":"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad","mode":"644","path":"a/é","size":3},"#
      + #"{"digest":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","mode":"755","path":"b","size":0}]}"#
    #expect(String(decoding: tree.bytes, as: UTF8.self) == text)
    #expect(Tree(bytes: tree.bytes) == tree)
    #expect(Tree(bytes: tree.bytes + [10]) == nil)
  }

  @Test(arguments: [
    ["../x"], ["/x"], ["a//b"], ["a/./b"], [""], ["a/.."], ["x", "x"], ["a", "a/b"], ["a/b/c", "a/b"],
  ])
  func unsafePathsAreRefused(_ paths: [String]) {
    #expect(Tree(paths.map { .init(path: $0, digest: Digest(of: ""), size: 0) }) == nil)
  }

  @Test func linksAreRefused() throws {
    try test.write("in/a", "a")
    symlink("a", test.root + "/in/l")
    #expect(throws: StoreError.notForTree(path: test.root + "/in/l", what: "a link")) {
      try store.putTree(folder: test.root + "/in")
    }
  }

  @Test func damagedFileIsNotLaidOut() throws {
    try test.write("in/a", "a")
    let tree = try store.putTree(folder: test.root + "/in")
    try store.flipByte(tree.entries[0].digest)
    #expect(throws: StoreError.damaged(tree.entries[0].digest)) { try store.verify(tree.digest) }
    #expect(throws: StoreError.missing(tree.entries[0].digest)) {
      try store.materialise(tree, into: test.root + "/out")
    }
  }

  @Test func bytesThatAreNoTreeAreSaidToBeNone() throws {
    let digest = try store.put(Array("x".utf8))
    #expect(throws: StoreError.malformed(digest, expected: "a tree")) { try store.tree(digest) }
  }
}
