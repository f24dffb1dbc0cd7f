import Basics
import Foundation
import Testing

/// Sources of every kind through the built binary.
@Suite struct SourcesTests {
  private func workflow(_ ingest: String) -> String {
    """
    workflow: sources
    seed: 3
    steps:
      data: { ingest: { \(ingest) } }
      parts: { split: { test: 25% } }
      model: { train: { objective: linear, penalty: none } }
      scores: { evaluate: {} }
    """
  }

  /// The report of the ingest step, and what became of it.
  private func ingest(
    _ sandbox: Sandbox, _ settings: String, input: String? = nil
  ) throws -> (code: Int32, step: JSON, diagnostics: String) {
    try sandbox.write(workflow(settings), to: "workflows/sources.yaml")
    let run = try sandbox.run("train", "workflows/sources.yaml", "--format", "json", input: input)
    let document = try run.json()
    return (run.code, document["steps"]?.arrayValue?.first ?? [:], run.diagnostics)
  }

  private func lines(_ range: Range<Int>) -> String {
    range.map { "{\"x\": \($0), \"at\": {\"day\": \"2024-01-0\(1 + $0 % 9)\"}, \"y\": \(2 * $0 + $0 % 3)}\n" }.joined()
  }

  @Test func jsonLinesInPartitionsAreTrainedAndCached() throws {
    let sandbox = try Sandbox(examples: false)
    try sandbox.write(lines(0..<50), to: "datasets/d/part=a/1.jsonl")
    try sandbox.write(lines(50..<100), to: "datasets/d/part=b/2.jsonl")
    let first = try ingest(sandbox, "source: 'datasets/d/**/*.jsonl', target: y")
    #expect(first.code == 0, "\(first.diagnostics)")
    #expect(first.step["report"]?["rows"]?.intValue == 100)
    let names = first.step["report"]?["columns"]?.arrayValue?.compactMap { $0["name"]?.stringValue }
    #expect(names == ["x", "at.day", "y", "part"])
    let again = try ingest(sandbox, "source: 'datasets/d/**/*.jsonl', target: y")
    #expect(again.step["status"]?.stringValue == "cached")
  }

  @Test func standardInputIsKeptAndCached() throws {
    let sandbox = try Sandbox(examples: false)
    let rows = lines(0..<60)
    let first = try ingest(sandbox, "source: '-', target: y", input: rows)
    #expect(first.code == 0, "\(first.diagnostics)")
    #expect(first.step["report"]?["source"]?.stringValue == "standard input")
    let again = try ingest(sandbox, "source: '-', target: y", input: rows)
    #expect(again.step["status"]?.stringValue == "cached")
    let other = try ingest(sandbox, "source: '-', target: y", input: rows + lines(60..<61))
    #expect(other.step["status"]?.stringValue == "done")
  }

  @Test func anSQLiteDatabaseIsReadAndItsRowsPinned() throws {
    let sandbox = try Sandbox(examples: false)
    let path = sandbox.folder + "/datasets/rows.db"
    try sandbox.write("", to: "datasets/.keep")
    func sql(_ text: String) throws {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/sqlite3")
      process.arguments = [path, text]
      try process.run()
      process.waitUntilExit()
      #expect(process.terminationStatus == 0)
    }
    guard FileManager.default.isExecutableFile(atPath: "/usr/bin/sqlite3") else { return }
    try sql(
      """
      CREATE TABLE sales(x INTEGER, shop TEXT, y REAL); CREATE TABLE other(a);
      WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 99)
      INSERT INTO sales SELECT i, 's' || i % 4, 2 * i + i % 3 FROM n;
      """)
    let settings = "source: datasets/rows.db, table: sales, target: y"
    let first = try ingest(sandbox, settings)
    #expect(first.code == 0, "\(first.diagnostics)")
    #expect(first.step["report"]?["rows"]?.intValue == 100)
    try sql("INSERT INTO other VALUES(1)")
    #expect(try ingest(sandbox, settings).step["status"]?.stringValue == "cached")
    try sql("UPDATE sales SET y = 0 WHERE x = 5")
    #expect(try ingest(sandbox, settings).step["status"]?.stringValue == "done")
    let wrong = try ingest(sandbox, "source: datasets/rows.db, table: slaes, target: y")
    #expect(wrong.code == 65)
    #expect(
      wrong.step["problems"]?.arrayValue?.first?["help"]?.arrayValue?.first?.stringValue == "did you mean 'sales'?")
  }

  @Test func otherFormatsAreStartedFromAndScored() throws {
    let sandbox = try Sandbox(examples: false)
    try sandbox.write(lines(0..<200), to: "datasets/rows.jsonl")
    let begun = try sandbox.run("init", "datasets/rows.jsonl", "--target", "y", "--name", "begun")
    #expect(begun.code == 0, "\(begun.diagnostics)")
    let trained = try sandbox.run("train", "workflows/begun.yaml")
    #expect(trained.code == 0, "\(trained.diagnostics)")
    let scored = try sandbox.run("predict", "begun", "datasets/rows.jsonl", "--keep", "x")
    #expect(scored.code == 0, "\(scored.diagnostics)")
    let csv = "x,at.day,y\n" + (0..<200).map { "\($0),2024-01-0\(1 + $0 % 9),\(2 * $0 + $0 % 3)\n" }.joined()
    #expect(try sandbox.run("predict", "begun", "--keep", "x", input: csv).output == scored.output)
    #expect(scored.output.split(separator: "\n").count == 201)
    let explained = try sandbox.run("explain", "begun", "datasets/rows.jsonl", "--row", "3")
    #expect(explained.code == 0, "\(explained.diagnostics)")
    try sandbox.write("{\"y\": 1}\n", to: "datasets/few.jsonl")
    let few = try sandbox.run("predict", "begun", "datasets/few.jsonl")
    #expect(few.code == 65)
    #expect(few.diagnostics.contains("there is no column 'x', which is an input of the model"))
  }

  @Test func standardInputIsScoredInAnyFormat() throws {
    let sandbox = try Sandbox(examples: false)
    try sandbox.write(lines(0..<200), to: "datasets/rows.jsonl")
    #expect(try sandbox.run("init", "datasets/rows.jsonl", "--target", "y", "--name", "begun").code == 0)
    let trained = try sandbox.run("train", "workflows/begun.yaml", "--format", "json")
    #expect(trained.code == 0, "\(trained.diagnostics)")
    let fromFile = try sandbox.run("predict", "begun", "datasets/rows.jsonl", "--keep", "x")
    #expect(fromFile.code == 0, "\(fromFile.diagnostics)")
    #expect(try sandbox.run("predict", "begun", "--keep", "x", input: lines(0..<200)).output == fromFile.output)
    // The table of the run is an Arrow file.
    let table = try #require(try trained.json()["steps"]?.arrayValue?.first?["outputs"]?.arrayValue?.first)
    let digest = try #require(table["digest"]?.stringValue)
    let object = "\(sandbox.folder)/.mlflowctl/objects/\(digest.prefix(2))/\(digest.dropFirst(2))"
    for filter in ["cat", "gzip -c"] {
      for file in [object, "\(sandbox.folder)/datasets/rows.jsonl"] {
        let piped = try Child(
          ["predict", "begun", "-", "--keep", "x"], in: sandbox.folder,
          through: ["sh", "-c", "\(filter) '\(file)' | \"$@\"", "sh"]
        ).wait()
        #expect(piped.output == fromFile.output, "\(filter) \(file): \(piped.diagnostics)")
      }
    }
    let row = try sandbox.run("explain", "begun", "-", "--row", "1", input: lines(0..<3))
    #expect(row.code == 0, "\(row.diagnostics)")
    let broken = try sandbox.run("predict", "begun", input: lines(0..<2) + "{\"x\": 1\n")
    #expect(broken.code == 65)
    #expect(broken.diagnostics.contains("standard input:3:8: error: the line ends before its object does"))
    let few = try sandbox.run("predict", "begun", input: "{\"y\": 1}\n")
    #expect(few.code == 65)
    #expect(few.diagnostics.contains("there is no column 'x'"))
  }

  @Test func badLinesOfJSONAreKeptApartAndCounted() throws {
    let sandbox = try Sandbox(examples: false)
    let broken = "{\"x\": 1, \"y\": }\n[1]\n{\"x\": \"some\", \"y\": 2}\n"
    try sandbox.write(lines(0..<100) + broken + lines(100..<300), to: "datasets/rows.jsonl")
    let settings = "source: datasets/rows.jsonl, target: y, columns: { x: integer }"
    let failed = try ingest(sandbox, settings)
    #expect(failed.code == 65)
    #expect(failed.diagnostics.contains("rows.jsonl:101:15: error: this is no JSON, expected a value"))
    let tooMany = try ingest(sandbox, settings + ", bad_rows: quarantine")
    #expect(tooMany.code != 0)
    #expect(tooMany.diagnostics.contains("3 of 303 records cannot be rows, at most 0.1% may be left out"))
    let kept = try ingest(sandbox, settings + ", bad_rows: quarantine, max_bad: 2%")
    #expect(kept.code == 0, "\(kept.diagnostics)")
    #expect(kept.step["report"]?["rows"]?.intValue == 300)
    #expect(kept.step["report"]?["bad_rows"]?.intValue == 3)
    let outputs = kept.step["outputs"]?.arrayValue ?? []
    let digest = try #require(outputs.first { $0["name"]?.stringValue == "bad_rows" }?["digest"]?.stringValue)
    #expect(
      try sandbox.read(".mlflowctl/objects/\(digest.prefix(2))/\(digest.dropFirst(2))") == #"""
        file,line,reason,column,record
        datasets/rows.jsonl,101,"no JSON, expected a value",,"{""x"": 1, ""y"": }"
        datasets/rows.jsonl,102,a list where an object should be,,"[1]"
        datasets/rows.jsonl,103,text,x,"{""x"": ""some"", ""y"": 2}"

        """#)
  }

  @Test func compressedFilesAreReadAsTheyAre() throws {
    let sandbox = try Sandbox(examples: false)
    try sandbox.write(lines(0..<60), to: "datasets/rows.jsonl")
    try sandbox.write("x,y\n" + (0..<60).map { "\($0),\(3 * $0)\n" }.joined(), to: "datasets/rows.csv")
    for name in ["rows.jsonl", "rows.csv"] {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/bin/gzip")
      process.arguments = [sandbox.folder + "/datasets/" + name]
      try process.run()
      process.waitUntilExit()
      let result = try ingest(sandbox, "source: datasets/\(name).gz, target: y")
      #expect(result.code == 0, "\(result.diagnostics)")
      #expect(result.step["report"]?["rows"]?.intValue == 60)
    }
  }

  /// Runs the script that keeps a server for tests.
  private func server(_ arguments: String..., input: String = "") throws -> Int32 {
    // Not by `Process`: it waits until the server, too, has closed what it inherits.
    let path = "/tmp/mlflowctl-sql-\(UUID().uuidString)"
    try Data(input.utf8).write(to: URL(fileURLWithPath: path))
    defer { unlink(path) }
    let words = [Tool.root + "/Tests/Support/postgres.sh"] + arguments
    let command = words.map { "'\($0)'" }.joined(separator: " ") + " < \(path)"
    return system(command) >> 8
  }

  @Test func aPasswordInTheAddressIsRefusedWithoutBeingShown() throws {
    let sandbox = try Sandbox(examples: false)
    for (address, column) in [
      ("postgresql://me:hunter2@db/shop", 67), ("postgres://me@db/shop?password=hunter2", 82),
      ("postgresql://${secret:A}:hunter2@db/shop", 76),
    ] {
      try sandbox.write(workflow("target: y, table: t, source: '\(address)'"), to: "workflows/sources.yaml")
      let run = try sandbox.run("check", "workflows/sources.yaml")
      #expect(run.code == 65)
      #expect(
        run.diagnostics.contains("workflows/sources.yaml:4:\(column): error: a password stands in the address"),
        "\(run.diagnostics)")
      #expect(!(run.diagnostics + run.output).contains("hunter2"))
    }
    try sandbox.write(
      workflow("target: y, table: t, source: 'postgresql://me:${secret:A}@db/shop?sslmode=require'"),
      to: "workflows/sources.yaml")
    #expect(try sandbox.run("check", "workflows/sources.yaml").code == 0)
    try sandbox.write(workflow("target: y, source: 'postgresql://db/shop'"), to: "workflows/sources.yaml")
    #expect(try sandbox.run("check", "workflows/sources.yaml").diagnostics.contains("needs one of 'query' and 'table'"))
  }

  @Test func aPostgreSQLDatabaseIsReadAndItsSecretIsNowhere() throws {
    let folder = "/tmp/mlflowctl-pg-\(UUID().uuidString)"
    let (port, secret) = (String(Int.random(in: 40_000..<60_000)), "s3cr3t@/x")
    defer { _ = try? server("stop", folder) }
    // Skipped where no server is installed: apt-get install postgresql libpq5.
    let status = try server("start", folder, port, secret)
    if status == 9 { return }
    try #require(status == 0)
    let sql =
      "CREATE TABLE sales AS SELECT i AS x, 's' || i % 4 AS shop, 2 * i + i % 3 AS y FROM generate_series(0, 99) i;"
    try #require(try server("sql", folder, port, secret, input: sql) == 0)

    let sandbox = try Sandbox(examples: false)
    let address = "postgresql://tester:${secret:SALES_PASSWORD}@127.0.0.1:\(port)/tester"
    try sandbox.write(
      workflow("source: '\(address)', query: 'SELECT * FROM sales ORDER BY x', target: y"), to: "workflows/sources.yaml"
    )
    func train(_ password: String?) throws -> Tool.Ending {
      try sandbox.run(
        "train", "workflows/sources.yaml", "--format", "json",
        environment: password.map { ["SALES_PASSWORD": $0] } ?? [:])
    }
    let first = try train(secret)
    #expect(first.code == 0, "\(first.diagnostics)")
    let report = try first.json()["steps"]?.arrayValue?.first?["report"]
    #expect(report?["rows"]?.intValue == 100)
    #expect(report?["source"]?.stringValue == "postgresql://127.0.0.1:\(port)/tester")
    #expect(report?["query"]?.stringValue == "SELECT * FROM sales ORDER BY x")
    #expect(try train(secret).json()["steps"]?.arrayValue?.first?["status"]?.stringValue == "cached")
    try #require(try server("sql", folder, port, secret, input: "UPDATE sales SET y = 0 WHERE x = 7") == 0)
    #expect(try train(secret).json()["steps"]?.arrayValue?.first?["status"]?.stringValue == "done")

    let wrong = try train("wr0ng@secret")
    #expect(wrong.code == 69)
    #expect((wrong.output + wrong.diagnostics).contains("password authentication failed"))
    let unset = try train(nil)
    #expect(unset.code == 65)
    #expect((unset.output + unset.diagnostics).contains("secret 'SALES_PASSWORD' is not set"))
    for text in [secret, "s3cr3t", "wr0ng"] {
      #expect(!(first.output + first.diagnostics + wrong.output + wrong.diagnostics).contains(text))
      let grep = Process()
      grep.executableURL = URL(fileURLWithPath: "/bin/grep")
      grep.arguments = ["-rqF", text, sandbox.folder]
      try grep.run()
      grep.waitUntilExit()
      #expect(grep.terminationStatus == 1, "the secret stands in a file of the workspace")
    }
  }
}
