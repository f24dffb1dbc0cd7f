import Basics
import Glibc
import Testing

@testable import ObjectStore

@Suite struct StatCacheTests {
  private let test: TestWorkspace
  private let store: Store

  init() throws {
    test = try TestWorkspace()
    store = try test.open()
  }

  /// The digest of a file, and how many bytes had to be read for it.
  private func digest(_ path: String) throws -> (Digest, Int) {
    var read = 0
    let digest = try store.digest(ofFile: path, progress: { read += $0 }, cancellation: Cancellation())
    return (digest, read)
  }

  @Test func unchangedFileIsNotReadAgain() throws {
    let path = try test.write("data.csv", "abc")
    usleep(40_000)
    #expect(try digest(path) == (Digest(of: "abc"), 3))
    #expect(try digest(path) == (Digest(of: "abc"), 0))
  }

  @Test func fileWrittenInTheSameTickIsReadAgain() throws {
    let path = try test.write("data.csv", "abc")
    _ = try digest(path)
    #expect(try digest(path).1 == 3)
  }

  @Test func touchedFileHasTheSameDigest() throws {
    let path = try test.write("data.csv", "abc")
    usleep(40_000)
    _ = try digest(path)
    utimensat(AT_FDCWD, path, nil, 0)
    #expect(try digest(path) == (Digest(of: "abc"), 3))
  }

  @Test func contentChangedUnderAnOldTimeIsNoticed() throws {
    let path = try test.write("data.csv", "abc")
    usleep(40_000)
    _ = try digest(path)
    let time = try #require(try Files.status(path)).modified
    try test.write("data.csv", "abd")
    try Files.setModified(path, time)
    #expect(try digest(path) == (Digest(of: "abd"), 3))
  }

  @Test func missingFileIsNamed() throws {
    #expect(throws: FileError.self) { try digest(test.root + "/none") }
  }

  @Test func aTickMustHavePassed() {
    let now: Int64 = 1_795_485_382_123_456_789
    #expect(isSettled(now - 21_000_000, now - 30_000_000, at: now))
    #expect(!isSettled(now - 30_000_000, now - 19_000_000, at: now))
    #expect(!isSettled(now + 5, 0, at: now))
    // Whole seconds: the file system has nothing finer.
    #expect(!isSettled(1_795_485_381_000_000_000, 0, at: now))
  }
}
