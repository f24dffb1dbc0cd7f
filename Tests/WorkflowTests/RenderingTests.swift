import Diagnostics
import Testing

@Suite struct RenderingTests {
  private func place(_ excerpt: String, _ column: Int, _ length: Int) -> Place {
    Place(file: "a.yaml", line: 14, column: column, length: length, excerpt: excerpt)
  }

  @Test func diagnosticLooksAsTheDesignShowsIt() {
    let diagnostic = Diagnostic.error(
      "unknown-step", "step 'evaluate' reads unknown step 'trian'", at: place("      model: trian", 14, 5),
      help: ["did you mean 'train'?"])
    #expect(
      diagnostic.rendered() == """
        a.yaml:14:14: error: step 'evaluate' reads unknown step 'trian'
           14 |       model: trian
              |              ^~~~~
        help: did you mean 'train'?
        """)
  }

  @Test func placelessDiagnosticIsOneLine() {
    #expect(Diagnostic.warning("x", "nothing to do").rendered() == "warning: nothing to do")
    #expect(Diagnostic.error("x", "bad", at: Place(file: "a.csv", line: 3)).rendered() == "a.csv:3: error: bad")
  }

  @Test func wideCharactersMoveTheUnderline() {
    let diagnostic = Diagnostic.error("x", "bad", at: place("年齢: é e\u{301}x", 9, 1))
    #expect(diagnostic.rendered().split(separator: "\n").last == "      |          ^")
  }

  @Test func controlCharactersCannotReachTheTerminal() {
    let diagnostic = Diagnostic.error(
      "x", "bad '\u{1b}[2J\n'", at: place("\ta\u{202e}b\u{7}c", 5, 9), help: ["\u{9b}31m"])
    #expect(
      diagnostic.rendered() == """
        a.yaml:14:5: error: bad '\\u{1b}[2J\\n'
           14 |  a\u{fffd}b\u{fffd}c
              |     ^~
        help: \\u{9b}31m
        """)
  }

  @Test func longLineIsCutAroundThePlace() {
    let line = String(repeating: "a", count: 500) + "HERE" + String(repeating: "b", count: 500)
    let lines = Diagnostic.error("x", "bad", at: place(line, 501, 4)).rendered().split(separator: "\n")
    #expect(lines[1].unicodeScalars.count == 8 + 122)
    let start = lines[1].firstIndex(of: "H")
    #expect(
      start.map { lines[1].distance(from: lines[1].startIndex, to: $0) }
        == lines[2].firstIndex(of: "^").map { lines[2].distance(from: lines[2].startIndex, to: $0) })
    #expect(lines[2].hasSuffix("^~~~"))
  }

  @Test func colourIsAddedOnlyWhenAskedFor() {
    let diagnostic = Diagnostic.error("x", "bad", at: place("ab", 1, 2), notes: [.init("so")])
    #expect(!diagnostic.rendered().contains("\u{1b}"))
    #expect(
      diagnostic.rendered(colour: true) == """
        \u{1b}[1ma.yaml:14:1:\u{1b}[0m \u{1b}[1;31merror:\u{1b}[0m bad
        \u{1b}[2m   14 |\u{1b}[0m ab
        \u{1b}[2m      |\u{1b}[0m \u{1b}[1;31m^~\u{1b}[0m
        \u{1b}[1;36mnote:\u{1b}[0m so
        """)
  }
}
