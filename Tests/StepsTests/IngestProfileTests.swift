import Basics
import DataValidation
import Execution
import ObjectStore
import Tabular
import Testing

@testable import Steps

/// The profile that an `ingest` step leaves is that of its table, however the rows came.
@Suite struct IngestProfileTests {
  private func ingested(
    _ bench: StepBench, _ name: String, _ text: String?, settings: String = "", threads: Int = 2
  ) async throws -> StepReport {
    if let text { try bench.write(name, text) }
    let report = try await bench.run(
      "workflow: w\nsteps:\n  data: { ingest: { source: '\(name)'\(settings) } }\n", threads: threads)
    return try #require(report.step("data"))
  }

  /// The stored profile, and one made of the stored table.
  private func profiles(_ bench: StepBench, _ step: StepReport) throws -> (stored: TableProfile, made: TableProfile) {
    let table = try #require(step.outputs.first { $0.type == "table" }).digest
    let opened = try bench.store.openTable(table, cancellation: Cancellation())
    let stored = try #require(try bench.store.profile(ofTable: table))
    let named = try #require(step.outputs.first { $0.name == "profile" })
    #expect(TableProfile(json: try bench.store.readJSON(named.digest)) == stored)
    return (stored, try TableProfile(opened, threads: 2, cancellation: Cancellation()))
  }

  /// 150,000 rows in several groups. `late` is a number to the last row, `few` a category, `many` has too many levels for one,
  /// `gaps` is often missing.
  private static let long: String = {
    var lines = ["late,few,many,gaps,day,n"]
    for row in 0..<150_000 {
      let late = row == 149_000 ? "n/a" : String(row % 977)
      let whole = row < 100_000 ? String(row % 50) : String(row % 50) + ".5"
      lines.append(
        "\(late),\(["a", "b", "", "d"][row * 7 % 4]),t\(row % 3001),\(row % 3 == 0 ? "" : String(row)),2024-01-0\(1 + row % 9),\(whole)"
      )
    }
    return lines.joined(separator: "\n") + "\n"
  }()

  @Test(arguments: [1, 2]) func columnsThatAreWidenedLateAreProfiledAsTheyAre(threads: Int) async throws {
    let bench = try StepBench()
    let step = try await ingested(bench, "long.csv", Self.long, threads: threads)
    let (stored, made) = try profiles(bench, step)
    #expect(stored == made)
    #expect(stored.json.canonical == made.json.canonical)
    #expect(stored.columns.map(\.type) == [.category, .category, .text, .integer, .date, .number])
    let found = ColumnInference.list(step.report["inferences"])
    #expect(found.first { $0.column == "late" }?.steps.last?.line == 149_002)
    #expect(found.first { $0.column == "late" }?.steps.last?.text == "n/a")
    #expect(found.first { $0.column == "late" }?.steps.last?.from == .integer)
    let widened = found.first { $0.column == "n" }?.steps.last
    #expect(widened?.line == 100_002)
    #expect(widened?.text == "0.5")
    #expect((widened?.from, widened?.to) == (.integer, .number))
    #expect(!found.contains { $0.column == "gaps" })
  }

  @Test func rowsThatAreLeftOutAreNotProfiled() async throws {
    let bench = try StepBench()
    let text =
      "x,c\n"
      + (0..<3000).map { $0 == 1500 ? "1,a,b" : "\($0 % 7).5,\($0 % 2 == 0 ? "u" : "v")" }.joined(separator: "\n")
    let step = try await ingested(bench, "bad.csv", text, settings: ", bad_rows: quarantine, max_bad: 1%")
    let (stored, made) = try profiles(bench, step)
    #expect(stored == made)
    #expect(stored.rowCount == 2999)
  }

  @Test func otherSourcesAreProfiledToo() async throws {
    let bench = try StepBench()
    let json = (0..<4000).map { row in
      row == 3000
        ? #"{"x": "none", "y": 1.5, "c": "a"}"#
        : #"{"x": \#(row), "y": \#(row % 3), "c": "\#(row % 2)", "d": "2024-02-03"}"#
    }.joined(separator: "\n")
    let lines = try await ingested(bench, "rows.jsonl", json)
    let (stored, made) = try profiles(bench, lines)
    #expect(stored == made)
    let sparse = (0..<2000).map { "\($0 % 2) 1:\($0) 7:0.5 \(10 + $0):1" }.joined(separator: "\n") + "\n"
    let svm = try profiles(bench, try await ingested(bench, "rows.svm", sparse))
    #expect(svm.stored == svm.made)
    #expect(svm.stored.columns[1].entries?.count == 6000)

    try Files.makeFolder(bench.workspace.root + "/parts")
    try bench.write("parts/a.csv", "x,c\n1,u\n2,v\n3,u\n")
    try bench.write("parts/b.csv", "x,c\n4.5,w\n5,v\n6,\n")
    let folder = try profiles(bench, try await ingested(bench, "parts/*.csv", nil))
    #expect(folder.stored == folder.made)
    #expect(folder.stored.rowCount == 6)
  }
}
