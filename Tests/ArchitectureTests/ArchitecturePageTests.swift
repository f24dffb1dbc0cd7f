import Testing

/// Everything that `docs/ARCHITECTURE.md` names in backticks is there.
@Suite struct ArchitecturePageTests {
  private let architecture: Architecture
  private let words: [String]

  init() throws {
    architecture = try Architecture()
    // Fences would make every second word the wrong one.
    let prose = architecture.page.split(separator: "```", omittingEmptySubsequences: false).enumerated()
      .filter { $0.offset % 2 == 0 }.map(\.element)
    words = prose.flatMap { Architecture.words(in: $0) }
  }

  @Test func everyPathOfThePageExists() {
    let files = Architecture.files(under: "Sources") + Architecture.files(under: "Tests")
    for word in words where word.hasSuffix(".swift") || word.contains("/") && !word.contains(" ") {
      let exists = Architecture.exists(word) || files.contains { $0.hasSuffix("/" + word) }
      #expect(exists, "'\(word)' is not there")
    }
  }

  @Test func everyTypeOfThePageIsDeclared() {
    let declaration = /\b(?:struct|enum|class|protocol|typealias) (\w+)/
    let declared = Set(architecture.sources.flatMap { $0.text.matches(of: declaration).map { String($0.1) } })
    let known = declared.union(architecture.modules.keys).union(architecture.modules.values.flatMap(\.libraries))
    // `Name`, `Name.member` and `Name.member(label:)`
    let type = /([A-Z]\w+)(?:\.[a-z]\w*(?:\([\w:]*\))?)?/
    let types = words.filter { !$0.hasSuffix(".swift") }.compactMap { $0.wholeMatch(of: type).map { String($0.1) } }
    #expect(types.count > 30)
    #expect(Set(types).subtracting(known).sorted() == [])
  }
}
