import Basics
import Foundation
import Testing

@Suite struct ValidateTests {
  private func workflow(_ rules: String, _ more: String = "") -> String {
    """
    workflow: checked
    steps:
      data: { ingest: { source: data.csv, target: y } }
    \(more)  quality: { validate: { data: data, \(rules) } }
    """
  }

  private func sandbox(_ rules: String, rows: Range<Int> = 0..<40, more: String = "") throws -> Sandbox {
    let sandbox = try Sandbox(examples: false)
    try sandbox.write(workflow(rules, more), to: "workflows/w.yaml")
    try write(rows, sandbox)
    return sandbox
  }

  private func write(_ rows: Range<Int>, _ sandbox: Sandbox) throws {
    let lines = rows.map {
      "\($0),\($0 % 7),\($0 % 3 == 0 ? "a" : "b"),2024-01-\($0 % 28 < 9 ? "0" : "")\($0 % 28 + 1)\n"
    }
    try sandbox.write("id,y,c,day\n" + lines.joined(), to: "data.csv")
  }

  private func expectations(_ ending: Tool.Ending, _ sandbox: Sandbox) throws -> [JSON] {
    let run = try #require(try ending.json()["run"]?.stringValue)
    let shown = try sandbox.run("runs", "show", run, "--format", "json").json()
    return shown.step("quality")?["report"]?["expectations"]?.arrayValue ?? []
  }

  @Test func everyExpectationIsRecorded() throws {
    let sandbox = try sandbox(
      "rows: { min: 10, change: 50% }, keys: [id], columns: { id: { order: strictly_increasing }, y: { mean: { min: 5 }, severity: warn } }"
    )
    let ending = try sandbox.run("train", "workflows/w.yaml", "--format", "json")
    #expect(ending.code == 0, "\(ending.diagnostics)")
    #expect(ending.diagnostics.contains("column 'y' has the mean 2.875"))
    let found = try expectations(ending, sandbox)
    #expect(found.map { $0["rule"]?.stringValue } == ["rows", "change", "keys", "order", "mean"])
    #expect(found.map { $0["holds"]?.boolValue } == [true, true, true, true, false])
    #expect(found[0]["observed"]?.intValue == 40)
    let run = try #require(try ending.json()["run"]?.stringValue)
    let text = try sandbox.run("runs", "show", run).output
    #expect(text.contains("expectations of 'quality'"))
    #expect(text.contains("✗ warn"))
  }

  @Test func rowsAreHeldAgainstTheLastAcceptedOnes() throws {
    let sandbox = try sandbox("rows: { change: 20% }")
    #expect(try sandbox.run("train", "workflows/w.yaml").code == 0)
    // The same data again is found in the cache.
    #expect(
      try sandbox.run("train", "workflows/w.yaml", "--format", "json").json().step("quality")?["status"] == "cached")
    try write(0..<20, sandbox)
    let refused = try sandbox.run("train", "workflows/w.yaml")
    #expect(refused.code == 1)
    #expect(refused.diagnostics.contains("50% fewer than the 40 accepted last"))
    // What was refused is no reference.
    try write(0..<45, sandbox)
    #expect(try sandbox.run("train", "workflows/w.yaml").code == 0)
  }

  @Test func automaticExpectationsComeFromTheLastAcceptedData() throws {
    let sandbox = try sandbox("expectations: auto")
    let first = try sandbox.run("train", "workflows/w.yaml", "--format", "json")
    #expect(first.code == 0, "\(first.diagnostics)")
    let outputs = try first.json().step("quality")?["outputs"]?.arrayValue ?? []
    #expect(outputs.map { $0["name"]?.stringValue } == ["table", "expectations"])
    try write(0..<10, sandbox)
    let second = try sandbox.run("train", "workflows/w.yaml")
    #expect(second.code == 1)
    #expect(second.diagnostics.contains("the table has 10 rows, expected at least 20"))
  }

  @Test func bareAutoIsTheSame() throws {
    let sandbox = try Sandbox(examples: false)
    try write(0..<40, sandbox)
    try sandbox.write(
      "workflow: a\nsteps:\n  data: { ingest: { source: data.csv } }\n  quality: { validate: auto }\n",
      to: "workflows/w.yaml")
    #expect(try sandbox.run("train", "workflows/w.yaml").code == 0)
  }

  @Test func otherTablesAreNamed() throws {
    let sandbox = try sandbox(
      "tables: { codes: codes, parts: parts }, references: { c: codes.code }, shared_rows: { in: parts }, leakage: 0.9",
      more: "  codes: { ingest: { source: codes.csv } }\n  parts: { split: { data: data, test: 25% } }\n")
    try sandbox.write("code,name\na,x\nz,y\n", to: "codes.csv")
    let ending = try sandbox.run("train", "workflows/w.yaml")
    #expect(ending.code == 1, "\(ending.diagnostics)")
    #expect(ending.diagnostics.contains("column 'c' holds values that 'codes.code' does not in 26 rows (65%)"))
  }

  @Test func freshnessIsAskedAgainEveryHour() throws {
    let sandbox = try sandbox("columns: { day: { max_age: 2d } }")
    let ending = try sandbox.run("train", "workflows/w.yaml")
    #expect(ending.code == 1)
    #expect(ending.diagnostics.contains("the newest is 2024-01-28"))
    let plan = try sandbox.run("plan", "workflows/w.yaml", "--format", "json").json()
    #expect(plan["steps"]?.arrayValue?.last?["decision"]?.stringValue != nil)
  }

  @Test(arguments: [
    ("compare: [\"id <\"]", "expected a column or a number here"),
    ("references: { c: codes.code }", "'codes' is not among 'tables'"),
    ("references: { c: codes }", "'c' refers to no column of a table"),
    ("drift: { against: last }", "'last' is not among 'tables'"),
    ("columns: { id: { quantiles: { 150%: { min: 1 } } } }", "'150%' is no share from 0% to 100%"),
  ])
  func mistakesAreToldByCheck(rules: String, message: String) throws {
    let sandbox = try sandbox(rules)
    let ending = try sandbox.run("check", "workflows/w.yaml")
    #expect(ending.code == 65)
    #expect(ending.diagnostics.contains(message), "\(ending.diagnostics)")
  }

  /// New data is held against the rows that the released model was trained on.
  @Test func driftIsMeasuredFromAModel() throws {
    let sandbox = try Sandbox(examples: false)
    func write(shift: Int) throws {
      let rows = (0..<200).map { "\(($0 * 37 % 101) + shift),\($0 * 37 % 101 + $0 % 7)\n" }.joined()
      try sandbox.write("x,y\n" + rows, to: "data.csv")
    }
    try write(shift: 0)
    try sandbox.write(
      """
      workflow: price
      steps:
        data: { ingest: { source: data.csv, target: y } }
        model: { train: { objective: linear } }
        scores: { evaluate: {} }
        release: { deploy: { model: price, candidate: model } }
      """, to: "workflows/price.yaml")
    try sandbox.write(
      workflow("drift: { against: price@production, ks: 0.2, psi: 0.2 }"), to: "workflows/w.yaml")
    // Nothing is released yet, so there is nothing to hold the data against.
    let before = try sandbox.run("train", "workflows/w.yaml", "--format", "json")
    #expect(before.code == 0, "\(before.diagnostics)")
    #expect(try expectations(before, sandbox).isEmpty)
    let released = try sandbox.run("train", "workflows/price.yaml")
    #expect(released.code == 0, "\(released.diagnostics)")
    let same = try sandbox.run("train", "workflows/w.yaml", "--format", "json")
    #expect(same.code == 0, "\(same.diagnostics)")
    #expect(try expectations(same, sandbox).map { $0["holds"]?.boolValue } == [true, true, true, true])
    try write(shift: 60)
    let moved = try sandbox.run("train", "workflows/w.yaml")
    #expect(moved.code == 1)
    #expect(moved.diagnostics.contains("column 'x' has drifted: the Kolmogorov–Smirnov distance is"))
  }
}
