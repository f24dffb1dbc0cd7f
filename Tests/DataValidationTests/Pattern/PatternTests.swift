import Basics
import Testing

@testable import DataValidation

/// Texts are matched as a whole, in time that grows with their length.
@Suite struct PatternTests {
  @Test(
    arguments: [
      ("a|bc*", ["a", "b", "bccc"], ["", "ac", "abc", "cb"]),
      ("[A-Z]{2}\\d{3,5}", ["AB123", "XY12345"], ["A123", "AB12", "AB123456", "ab123"]),
      ("(?:ab)?c{2}", ["cc", "abcc"], ["c", "ccc", "abc"]),
      ("a{,2}b", ["b", "ab", "aab"], ["aaab"]),
      ("[^,\\s]+@[\\w.-]+\\.(de|com)", ["a.b@c-d.com", "ü@x.de"], ["a b@c.de", "a@b.org", "@x.de"]),
      ("^\\d+$", ["1", "42"], ["", "4 2"]),
      ("(?i)jä|[n-p]", ["JÄ", "jä", "N", "o"], ["j", "ja", "Q"]),
      (".", ["a", "日", "\u{301}"], ["", "ab", "\n"]),
      ("(?s).", ["\n"], [""]),
      ("\\p{Lu}\\p{Ll}*", ["Ab", "Öl", "Ж"], ["ab", "1"]),
      ("\\P{L}+", ["1 2"], ["a"]),
      ("[[:alpha:]_]+", ["a_b"], ["a1"]),
      ("\\x41\\u{1F600}\\t", ["A😀\t"], ["A"]),
      ("\\bcat\\b.*", ["cat", "cat!", "cat dog"], ["cats"]),
      ("a\\Bb", ["ab"], ["a"]),
      ("\\Qa.b*\\E", ["a.b*"], ["aab"]),
      ("[]a-]+", ["]", "a-"], ["b"]),
      ("(?<year>\\d{4})-(0[1-9]|1[0-2])", ["2024-01", "1999-12"], ["2024-13", "24-01"]),
      ("", [""], ["a"]),
      ("(|a)+", ["", "aaa"], ["b"]),
      ("a{", ["a{"], ["a"]),
    ] as [(String, [String], [String])])
  func textsMatchAsAWhole(_ pattern: String, _ matches: [String], _ others: [String]) throws {
    let pattern = try Pattern(pattern)
    for text in matches { #expect(try pattern.matches(text), "\(text.debugDescription)") }
    for text in others { #expect(try !pattern.matches(text), "\(text.debugDescription)") }
  }

  /// Against Swift's own engine, which is another one.
  @Test(arguments: 0..<8) func anotherEngineAgrees(_ seed: UInt64) throws {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1
    func pick(_ count: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % count
    }
    func make(_ depth: Int) -> String {
      switch depth == 0 ? pick(4) : pick(9) {
      case 0: return "a"
      case 1: return "b"
      case 2: return "[ab]"
      case 3: return "[^a]"
      case 4: return make(depth - 1) + make(depth - 1)
      case 5: return "(?:\(make(depth - 1))|\(make(depth - 1)))"
      case 6: return "(\(make(depth - 1)))*"
      case 7: return "(\(make(depth - 1)))+?"
      default: return "(\(make(depth - 1))){\(pick(2)),\(1 + pick(3))}"
      }
    }
    for _ in 0..<40 {
      let text = make(3)
      let (pattern, regex) = (try Pattern(text), try Regex(text))
      let matcher = pattern.matcher()
      for length in 0...6 {
        for _ in 0..<4 {
          let word = String((0..<length).map { _ in ["a", "b", "c"][pick(3)] }.joined())
          #expect(
            try matcher.matches(word) == (try regex.wholeMatch(in: word) != nil), "seed \(seed): \(text) on \(word)")
        }
      }
    }
  }

  /// What takes an engine that tries one way after the other longer than there is time.
  @Test(.timeLimit(.minutes(1)), arguments: ["(a+)+b", "(a|a)*b", "(a*)*b", "(.*.*.*.*.*)*x", "((a{1,9}){1,9}){1,9}b"])
  func noPatternTakesLong(_ text: String) throws {
    let matcher = try Pattern(text).matcher()
    #expect(try !matcher.matches(String(repeating: "a", count: 200_000)))
    #expect(
      try matcher.matches(String(repeating: "a", count: 40) + text.suffix(1).replacing("*", with: "x"))
        == !text.hasSuffix("*"))
  }

  @Test func manySetsOfNodesAreForgotten() throws {
    let matcher = try Pattern("(a|b)*a(a|b){14}").matcher()
    var state: UInt64 = 5
    var word = ""
    for _ in 0..<20_000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      word += state >> 63 == 0 ? "a" : "b"
    }
    #expect(try matcher.matches(word + "a" + String(repeating: "b", count: 14)))
    #expect(try !matcher.matches(word + "b" + String(repeating: "b", count: 14)))
  }

  @Test(
    arguments: [
      ("[A-Z", 0, 4, "this set is not closed"), ("(\\d{5}", 0, 6, "this group is not closed"),
      ("*.csv", 0, 1, "there is nothing before '*' to be repeated"), ("ab)", 2, 1, "a ')' closes no group"),
      ("a(?=b)", 1, 3, "look-ahead cannot be matched in time that grows with the text alone, and is not read"),
      ("(a)\\1", 3, 2, "back references cannot be matched in time that grows with the text alone, and are not read"),
      ("a++", 0, 3, "possessive quantifiers are not read"), ("ü\\y", 2, 2, "'\\y' means nothing"),
      ("x{3,1}", 1, 5, "the first number is above the second"),
      ("[z-a]", 2, 2, "the first character is behind the second"),
      ("((a{100}){100}){100}", 0, 1, "written out, it has more than 10000 parts; use smaller numbers in {…}"),
      ("\\p{Greek}", 0, 9, "'Greek' is no category of characters, such as L, Lu or Nd"),
    ] as [(String, Int, Int, String)])
  func whatCannotBeReadIsTold(_ text: String, _ offset: Int, _ length: Int, _ message: String) {
    let problem = #expect(throws: PatternProblem.self) { try Pattern(text) }
    #expect(problem == PatternProblem(offset: offset, length: length, message: message))
  }
}
