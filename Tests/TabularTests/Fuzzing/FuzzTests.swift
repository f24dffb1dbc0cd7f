import Basics
import Diagnostics
import Glibc
import Synchronization
import Testing

@testable import Tabular

/// Readers are given files that were changed at random: each must be read or refused with a diagnostic, in bounded time and
/// memory, without a crash.
///
/// A short run is part of the tests. `make fuzz READER=parquet SECONDS=600` runs longer, with other seeds. The file at hand
/// stays in `/tmp/mlflowctl-fuzz-READER-PID` after a crash; what is found goes into the corpus.
@Suite(.serialized) struct FuzzTests {
  private static func setting(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
  private static let seconds = setting("MLFLOWCTL_FUZZ_SECONDS").flatMap(Double.init)
  private static let readers = setting("MLFLOWCTL_FUZZ_READER").map { $0.split(separator: ",").map(String.init) }
  private static let seed = setting("MLFLOWCTL_FUZZ_SEED").flatMap(UInt64.init) ?? 1

  /// The most memory of the process.
  private static let mostMemory = 3 << 30

  @Test(arguments: FuzzTarget.all.filter { readers?.contains($0.name) ?? true })
  func damagedFilesAreReadOrRefused(target: FuzzTarget) throws {
    let folder = fixture(target.corpus)
    let corpus = try Files.list(folder).sorted()
      .filter { name in target.suffixes.contains { name.hasSuffix($0) } }
      .map { try Files.read("\(folder)/\($0)") }
    try #require(!corpus.isEmpty)
    let path = "/tmp/mlflowctl-fuzz-\(target.name)-\(getpid())"
    let watch = FuzzWatch(path)
    defer {
      watch.stop()
      unlink(path)
    }
    let stopwatch = Stopwatch()
    let seconds = Self.seconds ?? 2
    var rounds = 0
    var read = 0
    while stopwatch.seconds < seconds {
      let seed = Self.seed &* 1_000_003 &+ UInt64(rounds)
      var mutation = Mutation(seed: seed, others: corpus)
      let bytes = mutation.mutated(corpus[rounds % corpus.count])
      unlink(path)
      try FileHandle(creating: path).write(bytes)
      watch.begin()
      do {
        try target.read(path, Cancellation(timeout: .seconds(1)))
        read += 1
      } catch let error as any Diagnosable {
        // Words can be made of it.
        #expect(error.diagnostics.allSatisfy { !$0.message.isEmpty })
      } catch is Cancelled {
        // A file may hold a great many rows.
      } catch {
        Issue.record("seed \(seed): \(error) is no diagnostic; \(keep(path))")
      }
      watch.end()
      rounds += 1
      let memory = residentMemory()
      if memory > Self.mostMemory {
        Issue.record("seed \(seed): \(memory >> 20) MiB of memory are in use; \(keep(path))")
        return
      }
    }
    #expect(rounds > 0)
    if Self.seconds != nil {
      print("\(target.name): \(rounds) files in \(Int(stopwatch.seconds)) s, \(read) of them read to the end")
    }
  }
}

/// Puts a file aside that was read badly, and says where.
private func keep(_ path: String) -> String {
  rename(path, path + ".kept")
  return "the file is \(path).kept"
}

/// Ends the process where a file takes more than a minute. Seconds are counted by sleeping, so that a process that is stopped
/// from outside and goes on is not blamed.
private final class FuzzWatch: Sendable {
  private let seconds = Atomic<Int>(0)
  private let isOver = Atomic<Bool>(false)

  init(_ path: String) {
    let watched = self
    _ = OwnThread {
      while !watched.isOver.load(ordering: .relaxed) {
        sleep(1)
        if watched.seconds.add(1, ordering: .relaxed).newValue > 60 {
          fatalError("reading \(path) takes more than a minute")
        }
      }
    }
  }

  func begin() { seconds.store(0, ordering: .relaxed) }
  func end() { seconds.store(0, ordering: .relaxed) }
  func stop() { isOver.store(true, ordering: .relaxed) }
}

private func residentMemory() -> Int {
  guard let text = try? String(decoding: Files.read("/proc/self/statm"), as: UTF8.self) else { return 0 }
  let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
  return pages * Int(getpagesize())
}
