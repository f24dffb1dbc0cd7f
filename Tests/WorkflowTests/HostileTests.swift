import Basics
import Diagnostics
import Glibc
import Testing
import Workflow

/// Input that is meant to cost time or memory. Each must be answered at once and in plain words.
@Suite struct HostileTests {
  private func codes(_ text: String) -> [String] {
    var codes: [String] = []
    let elapsed = ContinuousClock().measure { codes = Sample.parse(text).diagnostics.map(\.code) }
    #expect(elapsed < .seconds(10))
    return codes
  }

  private func text(_ part: String, upTo bytes: Int = 1 << 20) -> String {
    String(repeating: part, count: bytes / part.utf8.count)
  }

  @Test func largeFileIsRefusedBeforeItIsRead() throws {
    let path = "/tmp/workflow-large-\(uniqueSuffix()).yaml"
    defer { unlink(path) }
    try durableWrite(path, bytes: [UInt8(ascii: "#")])
    // A sparse file: 100 MB that no disk holds.
    #expect(truncate(path, 100_000_000) == 0)
    let elapsed = try ContinuousClock().measure {
      let result = try Sample.parser.parse(file: path, shownAs: "large.yaml")
      #expect(result.diagnostics.map(\.message) == ["a workflow may have at most 1 MiB, this file has more"])
    }
    #expect(elapsed < .seconds(1))
    #expect(Sample.parse(text("#", upTo: (1 << 20) + 1)).diagnostics.map(\.code) == ["file-too-large"])
  }

  @Test func endlessFileIsReadNoFurtherThanTheLimit() throws {
    let result = try Sample.parser.parse(file: "/dev/zero")
    #expect(result.diagnostics.map(\.code) == ["file-too-large"])
  }

  @Test func missingFileAndFolderAreFileErrors() {
    #expect(throws: FileError.self) { try Sample.parser.parse(file: "/nowhere/a.yaml") }
    #expect(throws: FileError.self) { try Sample.parser.parse(file: "/tmp") }
  }

  @Test(arguments: ["[", "{", "- ", "? ", "a: {", "[{"])
  func deepNestingIsRefused(opening: String) {
    #expect(codes("workflow: a\nx-deep:\n  " + text(opening, upTo: 1_000_000)) == ["too-deep"])
  }

  @Test func aliasesCannotNestDeeperThanTheLimit() {
    let chain = (1...80).map { "x-\($0): &a\($0) [*a\($0 - 1)]\n" }.joined()
    #expect(codes("workflow: a\nx-0: &a0 []\n\(chain)") == ["too-deep"])
  }

  @Test func aliasBombInMergesAndKeysIsRefused() {
    let merges = (1...9).map { level in
      let copies = (0...9).map { "k\($0): *m\(level - 1)" }.joined(separator: ", ")
      return "x-\(level): &m\(level) { <<: *m0, \(copies) }\n"
    }.joined()
    #expect(codes("workflow: a\nx-0: &m0 { a: 1 }\n\(merges)") == ["too-many-values"])
    let lists = (1...9).map { level in
      "x-\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 5).joined(separator: ", "))]\n"
    }.joined()
    #expect(codes("workflow: a\nx-0: &a0 [1, 2]\n\(lists)x-k: { ? *a6 : 1 }\n").contains("too-many-values"))
  }

  @Test func manyMergesOfOneLargeMapAreRefused() {
    let members = (0..<2000).map { "k\($0): 1" }.joined(separator: ", ")
    let merges = (0..<2000).map { "x-\($0): { <<: *large }\n" }.joined()
    #expect(codes("workflow: a\nx-large: &large { \(members) }\n\(merges)") == ["too-many-values"])
  }

  @Test func tooManyStepsAreRefused() {
    let steps = (0...1000).map { "  s\($0): { ingest: a\($0).csv }\n" }.joined()
    #expect(codes("workflow: a\nsteps:\n" + steps) == ["too-many-steps"])
  }

  @Test func longTextsAndManyProblemsAreToldInBoundedTime() {
    #expect(codes("workflow: " + text("a", upTo: 1_000_000)).sorted() == ["bad-name", "missing-setting"])
    let keys = (0..<20_000).map { "unknown\($0): 1\n" }.joined()
    let told = codes("workflow: a\nsteps:\n  data: { ingest: a.csv }\n" + keys)
    #expect(told == Array(repeating: "unknown-setting", count: 100) + ["more-problems"])
    let items = text("{}, ", upTo: 150_000)
    #expect(codes("workflow: a\nsteps:\n  data: { gate: { require: [\(items)] } }\n").count == 101)
  }

  @Test(arguments: ["&a ", "*a ", "!!str ", "\"", "'", "%", "|\n", "\n- ", ": ", "#", "\u{2028}", "`", ",", "\r"])
  func repeatedCharactersAreAnsweredInBoundedTime(part: String) {
    _ = codes(text(part, upTo: 200_000))
    _ = codes("workflow: " + text(part, upTo: 200_000))
  }

  @Test func randomDamageNeverCrashes() throws {
    let sound = Array(Sample.chain.utf8)
    var state: UInt64 = 2026
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    for _ in 0..<300 {
      var bytes = sound
      for _ in 0...next(4) {
        let position = next(bytes.count)
        switch next(3) {
        case 0: bytes[position] = UInt8(next(256))
        case 1: bytes.remove(at: position)
        default:
          bytes.insert(contentsOf: bytes[position..<min(bytes.count, position + next(20))], at: next(bytes.count))
        }
      }
      let result = Sample.parser.parse(bytes: bytes, file: "damaged.yaml")
      let isTold = result.document != nil || result.diagnostics.contains { $0.severity == .error }
      #expect(isTold)
      _ = Diagnostic.rendered(result.diagnostics)
    }
  }
}
