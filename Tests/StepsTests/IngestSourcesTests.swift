import Basics
import Diagnostics
import Execution
import ObjectStore
import Tabular
import Testing
import Workflow

@testable import Steps

/// What `ingest` makes of files, folders and patterns.
@Suite struct IngestSourcesTests {
  private func table(_ report: RunReport, _ bench: StepBench) throws -> Table {
    let step = try #require(report.steps.first)
    let problems = step.problems.map { $0.rendered() }.joined(separator: "\n")
    let output = try #require(step.outputs.first, "\(problems)")
    return try Table.open(bench.store.path(of: output.digest))
  }

  private func rows(_ table: Table) -> [String] {
    (0..<table.rowCount).map { row in
      table.schema.fields.indices.map { table.column($0).text(row) ?? "-" }.joined(separator: " ")
    }
  }

  private func yaml(_ settings: String) -> String { "workflow: w\nsteps:\n  data: { ingest: { \(settings) } }\n" }

  private func message(_ settings: String, in bench: StepBench) async throws -> String {
    let report = try await bench.run(yaml(settings))
    return report.steps.flatMap(\.problems).map { $0.rendered() }.joined(separator: "\n")
  }

  private func partitioned() throws -> StepBench {
    let bench = try StepBench()
    for (path, text) in [
      ("sales/year=2024/b.csv", "id,what\n3,x\n4,y\n"), ("sales/year=2023/a.csv", "id,what\n1,x\n2,y\n"),
      ("sales/year=__HIVE_DEFAULT_PARTITION__/c.csv", "what,id\nx,5\n"), ("sales/_SUCCESS", ""),
    ] {
      let folder = try #require(Files.parentFolder(of: path))
      try Files.makeFolder(bench.workspace.root + "/" + folder)
      try bench.write(path, text)
    }
    return bench
  }

  @Test(arguments: ["sales", "sales/", "sales/**/*.csv", "sales/year=*/*"])
  func partitionedFilesMakeOneTable(source: String) async throws {
    let bench = try partitioned()
    let report = try await bench.run(yaml("source: '\(source)'"))
    let table = try table(report, bench)
    #expect(table.schema.fields.map { "\($0.name) \($0.type)" } == ["id integer", "what category", "year integer"])
    #expect(rows(table) == ["1 x 2023", "2 y 2023", "3 x 2024", "4 y 2024", "5 x -"])
    let files = report.steps[0].report["files"]?.arrayValue ?? []
    #expect(
      files.compactMap { $0["name"]?.stringValue }.map { $0.split(separator: "/").last } == ["a.csv", "b.csv", "c.csv"])
    #expect(files.allSatisfy { $0["sha256"]?.stringValue?.utf8.count == 64 })
  }

  @Test func aPatternIsReadAgainWhenAFileChangesOrComes() async throws {
    let bench = try partitioned()
    let text = yaml("source: 'sales/*/*.csv'")
    #expect(try await bench.run(text).steps[0].status == .done)
    #expect(try await bench.run(text).steps[0].status == .cached)
    try bench.write("sales/year=2024/d.csv", "id,what\n6,z\n")
    let report = try await bench.run(text)
    #expect(report.steps[0].status == .done)
    #expect(try table(report, bench).rowCount == 6)
  }

  @Test func typesAreInferredOverAllFiles() async throws {
    let bench = try StepBench()
    try Files.makeFolder(bench.workspace.root + "/d")
    try bench.write("d/a.csv", "n,mixed,flag,empty,code\n1,5.0,True,,007\n2,6.50,FALSE,,008\n")
    try bench.write("d/b.csv", "n,mixed,flag,empty,code\n1.5,x,maybe,4,9\n")
    let table = try table(try await bench.run(yaml("source: 'd/*.csv'")), bench)
    #expect(table.schema.fields.map(\.type) == [.number, .category, .category, .integer, .category])
    #expect(rows(table) == ["1 5.0 True - 007", "2 6.50 FALSE - 008", "1.5 x maybe 4 9"])
  }

  @Test func filesThatDifferAreTold() async throws {
    let bench = try StepBench()
    try Files.makeFolder(bench.workspace.root + "/d/y=1")
    try Files.makeFolder(bench.workspace.root + "/d/z=1")
    try bench.write("d/a.csv", "n,m\n1,2\n")
    try bench.write("d/b.csv", "n\n1\n")
    try bench.write("d/y=1/c.csv", "n,y\n1,1\n")
    try bench.write("d/z=1/c.csv", "n,y\n1,1\n")
    try bench.write("d/one.svm", "1 1:2\n")
    #expect(
      try await message("source: 'd/[ab].csv'", in: bench) == """
        d/b.csv: error: there is no column 'm', which is in 'd/a.csv'
        help: declare its type under ingest.columns to take it as missing there, or leave that file out
        """)
    let table = try table(
      try await bench.run(yaml("source: 'd/[ab].csv', columns: { m: number }")), bench)
    #expect(rows(table) == ["1 2", "1 -"])
    #expect(
      try await message("source: 'd/y=1/*'", in: bench) == """
        d/y=1/c.csv: error: column 'y' is in the file and in its path
        help: rename one of them
        """)
    #expect(
      try await message("source: 'd/?=1/*'", in: bench).contains(
        "the path of 'd/z=1/c.csv' names 'z', but that of 'd/y=1/c.csv' names 'y'"))
    #expect(
      try await message("source: 'd/*[ae]*.[cs][sv]*'", in: bench).contains(
        "'d/one.svm' is a libsvm file, but 'd/a.csv' is a CSV file"))
    #expect(try await message("source: 'x/*.csv'", in: bench).contains("no file matches 'x/*.csv'"))
    #expect(try await message("source: 'd/one.svm', format: parquet", in: bench).contains("error"))
  }

  /// `1.234` alone may be either; another file tells.
  @Test func numbersAreWrittenAsAllFilesTogetherTell() async throws {
    let bench = try StepBench()
    try Files.makeFolder(bench.workspace.root + "/d")
    try bench.write("d/a.csv", "x;y\n1.234;1\n")
    try bench.write("d/b.csv", "x;y\n1.234,50;1\n")
    let settled = try table(try await bench.run(yaml("source: 'd/*.csv'")), bench)
    #expect(rows(settled) == ["1234 1", "1234.5 1"])

    // What contradicts is no number.
    try bench.write("d/c.csv", "x;y\n1,234.5;1\n")
    let contradicting = try table(try await bench.run(yaml("source: 'd/*.csv'")), bench)
    #expect(rows(contradicting) == ["1.234 1", "1.234,50 1", "1,234.5 1"])

    // Files with another delimiter come from elsewhere.
    try Files.remove(bench.workspace.root + "/d/c.csv")
    try bench.write("d/c.csv", "x,y\n1.5,2\n")
    let mixed = try table(try await bench.run(yaml("source: 'd/*.csv'")), bench)
    #expect(rows(mixed) == ["1234 1", "1234.5 1", "1.5 2"])
  }

  @Test func aFileWithoutRowsIsTakenAmongOthers() async throws {
    let bench = try StepBench()
    try Files.makeFolder(bench.workspace.root + "/d")
    for (name, text) in [("a", "n,t\n1,x\n"), ("b", "n,t\n"), ("c", "t,n\ny,2\n")] {
      try bench.write("d/\(name).csv", text)
    }
    let table = try table(try await bench.run(yaml("source: 'd/*.csv'")), bench)
    #expect(table.schema.fields.map(\.type) == [.integer, .category])
    #expect(rows(table) == ["1 x", "2 y"])
    try bench.write("d/a.csv", "n,t\n")
    try bench.write("d/c.csv", "t,n\n")
    #expect(
      try await message("source: 'd/*.csv'", in: bench).contains("d/a.csv: error: none of the 3 files has a row"))
  }

  @Test func integersThatOtherFilesMakeRoundedAreTold() async throws {
    let bench = try StepBench()
    try Files.makeFolder(bench.workspace.root + "/d")
    try bench.write("d/a.csv", "n,m\n9007199254740993,1\n")
    try bench.write("d/b.csv", "n,m\n0.5,0.5\n")
    let report = try await bench.run(yaml("source: 'd/*.csv'"))
    #expect(
      report.steps[0].warnings.map { $0.rendered() }.filter { $0.contains("rounded") } == [
        """
        d/a.csv: note: column 'n' holds integers beyond 2^53 here and numbers with fractions elsewhere, so that they are rounded
        help: to keep them as they are, declare it: columns: { n: text }
        """
      ])
  }

  @Test func settingsOfOtherFormatsAreToldToDoNothing() throws {
    let bench = try StepBench()
    let step = try #require(
      try bench.document(yaml("source: d.parquet, bad_rows: quarantine, delimiter: ';'")).steps.first)
    #expect(
      checkIngest(step).map(\.message) == [
        "'delimiter' does nothing: the source is a Parquet file",
        "'bad_rows' does nothing: the source is a Parquet file",
      ])
    let lines = try #require(
      try bench.document(yaml("source: d.jsonl, bad_rows: quarantine, header: false")).steps.first)
    #expect(checkIngest(lines).map(\.message) == ["'header' does nothing: the source is a JSON Lines file"])
  }

  @Test func addressesThatAreNotReadAreTold() async throws {
    let bench = try StepBench()
    let message = try await message("source: 's3://bucket/rows.csv'", in: bench)
    #expect(message.contains("addresses that begin with 's3://' are not read"), "\(message)")
  }

  @Test func tabsSeparateWhereTheNameSaysSo() async throws {
    let bench = try StepBench()
    try bench.write("d.tsv", "a\tb\n1,5\tx\n")
    let table = try table(try await bench.run(yaml("source: d.tsv")), bench)
    // A comma that parts no three digits is a decimal one.
    #expect(rows(table) == ["1.5 x"])
  }

  /// A large file is read while it is hashed, where there are threads for it.
  @Test func aLargeFileGivesTheSameTableWhetherItIsHashedBeforeOrMeanwhile() async throws {
    var text = "id,x,what\n"
    for row in 0..<500_000 { text += "\(row),\(row % 1000).\(row % 7)25,some longer text \(row % 50)\n" }
    #expect(text.utf8.count > 16 << 20)
    var results: [[Digest]] = []
    for threads in [1, 3] {
      let bench = try StepBench()
      try bench.write("big.csv", text)
      let report = try await bench.run(yaml("source: big.csv, target: x"), threads: threads)
      results.append(report.steps[0].outputs.map(\.digest))
      #expect(report.steps[0].report["source_sha256"]?.digestValue == Digest(of: text))
      #expect(try Files.list(bench.workspace.temporaryFolder).isEmpty)
    }
    #expect(results[0].count == 2 && results[0] == results[1])
  }

  @Test func whatIsWrongWithALargeFileIsToldAsOfASmallOne() async throws {
    let bench = try StepBench()
    var text = "id,what\n"
    for row in 0..<600_000 { text += "\(row),some longer text \(row % 50)\n" }
    try bench.write("big.csv", text + "1,2,3\n")
    let report = try await bench.run(yaml("source: big.csv"), threads: 2)
    let message = report.steps.flatMap(\.problems).map { $0.rendered() }.joined(separator: "\n")
    #expect(message.contains("big.csv:600002"), "\(message)")
    #expect(try Files.list(bench.workspace.temporaryFolder).isEmpty)
  }
}
