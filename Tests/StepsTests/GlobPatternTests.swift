import Testing

@testable import Steps

@Suite struct GlobPatternTests {
  @Test(arguments: [
    ("*.csv", "a.csv", true), ("*.csv", ".a.csv", false), (".*", ".a", true), ("a?c", "abc", true),
    ("a?c", "ac", false), ("[a-c]x", "bx", true), ("[!a-c]x", "bx", false), ("[^a-c]x", "dx", true),
    ("[]]x", "]x", true), ("[x", "[x", true), ("*a*b*", "xxaxxbxx", true), ("*a*b*", "xxbxxaxx", false),
    ("a*", "a", true), ("", "", true), ("?", "", false), ("[a-]", "-", true), ("ü*", "über", true),
  ])
  func oneNameMatches(pattern: String, name: String, matches: Bool) {
    #expect(GlobPattern.matches(Array(pattern.utf8)[...], Array(name.utf8)[...]) == matches)
  }

  @Test func manyStarsTakeNoTimeForever() {
    let pattern = String(repeating: "*a", count: 40) + "b"
    #expect(!GlobPattern.matches(Array(pattern.utf8)[...], Array(String(repeating: "a", count: 400).utf8)[...]))
  }

  /// A folder tree as names, folders with a slash behind them.
  private func list(_ tree: [String], _ folder: String) -> [(name: String, isFolder: Bool)] {
    let prefix = folder.isEmpty ? "" : folder + "/"
    var seen: [String: Bool] = [:]
    for path in tree where ("/root/" + path).hasPrefix(prefix) {
      let rest = ("/root/" + path).dropFirst(prefix.utf8.count)
      if let slash = rest.firstIndex(of: "/") {
        seen[String(rest[..<slash])] = true
      } else {
        seen[String(rest)] = false
      }
    }
    return seen.sorted { $0.key < $1.key }.map { (name: $0.key, isFolder: $0.value) }
  }

  @Test(arguments: [
    ("sales/*.csv", ["sales/b.csv", "sales/c.csv"]),
    ("sales/**/*.csv", ["sales/b.csv", "sales/c.csv", "sales/y=1/a.csv", "sales/y=1/m=2/a.csv", "sales/y=2/a.csv"]),
    ("sales/y=*/a.csv", ["sales/y=1/a.csv", "sales/y=2/a.csv"]),
    ("**/a.csv", ["sales/y=1/a.csv", "sales/y=1/m=2/a.csv", "sales/y=2/a.csv"]),
    ("sales/y=1/**", ["sales/y=1/a.csv", "sales/y=1/m=2/a.csv"]),
    ("./sales/[bc].c*", ["sales/b.csv", "sales/c.csv"]), ("none/*", []),
  ])
  func pathsComeInByteOrder(pattern: String, expected: [String]) {
    let tree = [
      "sales/b.csv", "sales/c.csv", "sales/y=2/a.csv", "sales/y=1/a.csv", "sales/y=1/m=2/a.csv", "sales/.hidden/a.csv",
      "sales/c.txt", "readme",
    ]
    let found = GlobPattern(pattern).matches(below: "/root") { list(tree, $0) }
    #expect(found == expected)
  }
}

@Suite struct PartitionValuesTests {
  @Test(arguments: [
    ("sales/year=2024/month=01/a.csv", ["year=2024", "month=01"]),
    ("sales/name=a%20b%2Fc/a.csv", ["name=a b/c"]),
    ("sales/x=__HIVE_DEFAULT_PARTITION__/y=/a.csv", ["x", "y"]),
    ("sales/=1/plain/a=b.csv", []), ("a%3Db=%zz/f", ["a=b=%zz"]), ("x=%ff/f", ["x=%ff"]),
  ])
  func pathsNameValues(path: String, expected: [String]) {
    #expect(PartitionValues(path).values.map { $0.name + ($0.text.map { "=\($0)" } ?? "") } == expected)
  }
}
