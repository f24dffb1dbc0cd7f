import Glibc
import Testing

/// What pyarrow, polars and DuckDB write in all their ways gives the cells that went into it.
@Suite struct PeerSourceTests {
  static let python = getenv("MLFLOWCTL_PYTHON").map { String(cString: $0) }

  @Test(.enabled(if: python != nil, "set MLFLOWCTL_PYTHON to a python that has pyarrow, polars and duckdb"))
  func everyFileOfEveryWriterGivesItsCells() throws {
    let python = try #require(Self.python)
    let scratch = try Scratch()
    let made = try runProgram(
      [python, fixture("peers/make_sources.py"), scratch.path], output: scratch.path + "/made.txt")
    try #require(made.code == 0, "\(made.text)")
    try WrittenSources(scratch.path).check()
  }

  @Test func filesOfTheCorpusGiveTheirCells() throws {
    try WrittenSources(fixture("corpus")).check()
  }
}
