import Basics
import Foundation
import Testing

@Suite struct ProfileTests {
  private static let penguins = "datasets/penguins/penguins.csv"

  @Test func aFileNeedsNoWorkspace() throws {
    let sandbox = try Sandbox(examples: false)
    try sandbox.write("x,colour\n1,red\n2,blue\n,red\n", to: "data.csv")
    let ending = try sandbox.run("profile", "data.csv", "-C", "workflows")
    #expect(ending.code == 0, "\(ending.diagnostics)")
    #expect(
      ending.output == """
        data.csv  3 rows × 2 columns

        column  type      missing  distinct      min  median      max  type since
        x       integer     33.3%         2        1   1.500        2  –
        colour  category        –         2  3 chars       –  4 chars  line 2: red

        """)
    #expect(!sandbox.exists(".mlflowctl"))
  }

  @Test func jsonIsTheProfile() throws {
    let sandbox = try Sandbox()
    let ending = try sandbox.run(
      "profile", Self.penguins, "--missing", "NA", "--target", "species", "--format", "json")
    let json = try ending.json()
    #expect(json["version"] == 3)
    #expect(json["rows"]?.intValue == 344)
    let mass = try #require(json["columns"]?.arrayValue?.first { $0["name"] == "body_mass_g" })
    // pandas: min 2700, max 6300, mean 4201.754385964912, 2 missing.
    #expect((mass["min"]?.doubleValue, mass["max"]?.doubleValue, mass["missing"]?.intValue) == (2700, 6300, 2))
    #expect(abs(try #require(mass["mean"]?.doubleValue) - 4201.754385964912) < 1e-9)
    #expect(mass["association"]?["statistic"] == "correlation_ratio")
  }

  /// One file: nothing is loaded, nothing runs, and what a table holds cannot become markup.
  @Test func thePageStandsAlone() throws {
    let sandbox = try Sandbox(examples: false)
    let rows = (0..<40).map { "<b>\($0 % 3)&\"'</b>,\($0)\n" }.joined()
    try sandbox.write("<script>alert(1)</script>,n\n" + rows, to: "bad.csv")
    let page = try sandbox.run("profile", "bad.csv", "--format", "html").output
    #expect(page.hasPrefix("<!doctype html>\n<html lang=\"en\">"))
    for forbidden in ["<script", "<link", "<img", "src=", "://", "@import", "url(", "<b>"] {
      #expect(!page.contains(forbidden), "the page holds \(forbidden)")
    }
    for needed in [
      "prefers-color-scheme: dark", "<caption>", "scope=\"col\"", "scope=\"row\"",
      "role=\"img\" aria-label=\"Histogram of",
      "&lt;script&gt;", "&lt;b&gt;0&amp;&quot;&#39;&lt;/b&gt;",
    ] { #expect(page.contains(needed), "the page lacks \(needed)") }
  }

  /// The cell that made a column wider is named, of a file and of the table that was made of it.
  @Test func cellsThatForceTypesAreNamed() throws {
    let sandbox = try Sandbox(examples: false)
    let rows = (0..<30).map { "\($0 == 20 ? "n/a" : String($0)),\($0 == 12 ? "1.5" : "1"),\($0)\n" }.joined()
    try sandbox.write("a,b,c\n" + rows, to: "data.csv")
    try sandbox.write("workflow: w\nsteps:\n  data: { ingest: { source: data.csv } }\n", to: "workflows/w.yaml")
    let file = try sandbox.run("profile", "data.csv", "--format", "json").json()
    let found = try #require(file["inferences"]?.arrayValue)
    #expect(found.map { $0["column"]?.stringValue } == ["a", "b"])
    #expect(
      found[0]["steps"]?.arrayValue == [["from": "integer", "to": "text", "line": 22, "text": "n/a"]])
    #expect(found[1]["steps"]?.arrayValue == [["from": "integer", "to": "number", "line": 14, "text": "1.5"]])
    let run = try sandbox.run("train", "workflows/w.yaml", "--format", "json").json()
    let id = try #require(run["run"]?.stringValue)
    let stored = try sandbox.run("profile", "\(id):data", "--format", "json").json()
    #expect(stored["inferences"] == file["inferences"])
    #expect(stored["columns"] == file["columns"])
    let text = try sandbox.run("profile", "\(id):data").output
    #expect(text.contains("line 22: n/a"))
    let page = try sandbox.run("profile", "\(id):data", "--format", "html").output
    #expect(page.contains("text since line 22, which holds n/a, after integer"))
  }

  /// What is stored with a table is told without looking at the table.
  @Test func storedProfilesAreTaken() throws {
    let sandbox = try Sandbox()
    let run = try sandbox.run("train", "workflows/penguins.yaml", "--until", "data", "--format", "json").json()
    let outputs = try #require(run.step("data")?["outputs"]?.arrayValue)
    #expect(outputs.map { $0["name"]?.stringValue } == ["table", "profile"])
    let digest = try #require(outputs.first?["digest"]?.stringValue)
    let whole = try sandbox.run("profile", digest, "--format", "json").json()
    let path = ".mlflowctl/objects/\(digest.prefix(2))/\(digest.dropFirst(2))"
    try #require(sandbox.exists(path))
    try FileManager.default.removeItem(atPath: sandbox.folder + "/" + path)
    #expect(try sandbox.run("profile", digest, "--format", "json").json() == whole)
    #expect(try sandbox.run("profile", digest, "--target", "species").code != 0)
  }

  @Test func tablesOfRunsAndDigests() throws {
    let sandbox = try Sandbox()
    let run = try sandbox.run("train", "workflows/penguins.yaml", "--until", "data", "--format", "json").json()
    let id = try #require(run["run"]?.stringValue)
    let digest = try #require(run.step("data")?["outputs"]?.arrayValue?.first?["digest"]?.stringValue)
    let byRun = try sandbox.run("profile", "\(id.prefix(8)):data", "--format", "json").json()
    let byDigest = try sandbox.run("profile", String(digest.prefix(12)), "--format", "json").json()
    #expect(byRun["columns"] == byDigest["columns"])
    #expect(byRun["rows"]?.intValue == 344)
    let wrong = try sandbox.run("profile", "\(id.prefix(8)):date")
    #expect(wrong.code == 64)
    #expect(wrong.diagnostics.contains("did you mean 'data'?"))
  }

  @Test func whatIsNotThereIsTold() throws {
    let sandbox = try Sandbox()
    let missing = try sandbox.run("profile", "nothing.csv")
    #expect(missing.code == 65)
    #expect(missing.diagnostics.contains("cannot find 'nothing.csv'"))
    let column = try sandbox.run("profile", Self.penguins, "--target", "specie")
    #expect(column.code == 64)
    #expect(column.diagnostics.contains("did you mean 'species'?"))
  }

  @Test func suggestedExpectationsHoldForTheData() throws {
    let sandbox = try Sandbox()
    let rules = try sandbox.run("profile", Self.penguins, "--missing", "NA", "--expectations").output
    let indented = rules.split(separator: "\n").map { "      " + $0 }.joined(separator: "\n")
    try sandbox.write(
      """
      workflow: suggested
      steps:
        data: { ingest: { source: \(Self.penguins), missing: [NA] } }
        quality:
          validate:
      \(indented)
      """, to: "workflows/suggested.yaml")
    let ending = try sandbox.run("train", "workflows/suggested.yaml", "--format", "json")
    #expect(ending.code == 0, "\(ending.diagnostics)")
    let report = try ending.json().step("quality")
    #expect(report?["verdict"] == "pass")
  }
}
