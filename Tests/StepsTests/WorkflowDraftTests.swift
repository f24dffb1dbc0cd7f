import Basics
import Diagnostics
import Execution
import ObjectStore
import Tabular
import Testing
import Workflow

@testable import Steps

private func makeDraft(_ columns: [ColumnData], target: String? = nil, missing: [String] = []) throws -> WorkflowDraft?
{
  try WorkflowDraft(
    table: Table(columns: columns), source: "datasets/some.csv", missing: missing, name: "some", target: target)
}

private func parsed(_ draft: WorkflowDraft, bounds: [WorkflowDraft.Bound] = []) throws -> WorkflowDocument {
  try WorkflowParser(kinds: stepKinds.map(\.grammar)) { _ in nil }.parse(draft.yaml(bounds: bounds), file: "some.yaml")
    .get()
}

private let numbers = ColumnData("size", .numbers((0..<60).map { Double($0 * 37 % 60) / 4 }))
private let classes = ColumnData("species", .categories((0..<60).map { ["ape", "bee", "cat"][$0 % 3] }))

@Suite struct WorkflowDraftTests {
  @Test(
    arguments: [
      ([classes, numbers], "species", "multinomial"),
      ([numbers, ColumnData("Outcome", .booleans((0..<60).map { $0 % 2 == 0 }))], "Outcome", "logistic"),
      ([ColumnData("price", .numbers((0..<60).map(Double.init))), numbers], "price", "linear"),
      (
        [
          ColumnData("a", .integers((0..<60).map(Int64.init))),
          ColumnData("b", .integers((0..<60).map { Int64($0) * 3 })),
        ], "b", "linear"
      ),
      ([numbers, ColumnData("grade", .integers((0..<60).map { Int64($0 % 3) }))], "grade", "multinomial"),
    ] as [([ColumnData], String, String)])
  func targetAndObjectiveAreGuessed(_ columns: [ColumnData], _ target: String, _ objective: String) throws {
    let draft = try #require(try makeDraft(columns))
    #expect(draft.objective == objective)
    let document = try parsed(draft)
    #expect(document.step(named: "data")?.settings["target"]?.stringValue == target)
    #expect(document.step(named: "model")?.settings["objective"]?.stringValue == objective)
  }

  @Test func countsAreToldByNameOrByTheirSpread() throws {
    let visits = ColumnData("visits", .integers((0..<60).map { Int64($0 % 4) }))
    #expect(try makeDraft([numbers, visits])?.objective == "poisson")
    let tail = ColumnData("z", .integers((0..<60).map { Int64($0 % 10 == 0 ? 12 : $0 % 3) }))
    #expect(try makeDraft([numbers, tail])?.objective == "poisson")
    let signed = ColumnData("visits", .integers((0..<60).map { Int64($0 % 4) - 1 }))
    #expect(try makeDraft([numbers, signed])?.objective == "multinomial")
    let age = ColumnData("age", .integers((0..<60).map { Int64(18 + $0 % 60) }))
    #expect(try makeDraft([numbers, age])?.objective == "linear")
  }

  @Test func columnsThatTellTheTargetAloneAreDropped() throws {
    let target = (0..<60).map { Double($0 * 37 % 60) }
    let columns = [
      ColumnData("known_later", .numbers(target.map { 2 * $0 + 1 })),
      ColumnData("other", .numbers((0..<60).map { Double($0 % 7) })),
      ColumnData("price", .numbers(target)),
    ]
    let draft = try #require(try makeDraft(columns))
    #expect(try parsed(draft).step(named: "model")?.settings["features"]?["drop"] == ["known_later"])
    #expect(draft.yaml(bounds: []).contains("# known_later alone tells the target (a correlation of 1)"))
    // Where nothing else is left it stays.
    let only = try #require(try makeDraft([columns[0], columns[2]]))
    #expect(try parsed(only).step(named: "model")?.settings["features"]?["drop"]?.arrayValue?.isEmpty ?? true)
  }

  @Test func chosenTargetCounts() throws {
    let chosen = try #require(try makeDraft([classes, numbers], target: "size"))
    #expect(chosen.objective == "linear")
    #expect(try makeDraft([classes, numbers], target: "nothing") == nil)
    #expect(try makeDraft([ColumnData("text", .texts(["a", "b"]))]) == nil)
  }

  @Test func identifiersAreDropped() throws {
    let columns = [
      ColumnData("patient_id", .integers((0..<60).map { Int64($0 + 1000) })),
      ColumnData("name", .texts((0..<60).map { "n\($0)" })),
      numbers, classes,
    ]
    let document = try parsed(try #require(try makeDraft(columns)))
    #expect(document.step(named: "model")?.settings["features"]?["drop"] == ["patient_id", "name"])
    #expect(document.step(named: "quality")?.settings["columns"]?.objectValue?.keys.sorted() == ["size", "species"])
  }

  /// Classes that are written as numbers are no range.
  @Test func classesAreListed() throws {
    let grades = ColumnData("grade", .integers((0..<60).map { $0 == 7 ? nil : Int64(2 - $0 % 3) }))
    let draft = try #require(try makeDraft([numbers, grades], target: "grade"))
    let rules = try parsed(draft).step(named: "quality")?.settings["columns"]
    #expect(rules?["grade"]?["values"] == ["0", "1", "2"])
    #expect(rules?["grade"]?["max"] == nil)
    #expect(rules?["size"]?["max"] != nil)
  }

  @Test func timesSplitByTimeAndClassesByShare() throws {
    let days = ColumnData("day", .dates((0..<60).map { Int32($0) }))
    #expect(try parsed(#require(try makeDraft([days, classes]))).step(named: "parts")?.settings["time"] == "day")
    let byClass = try parsed(#require(try makeDraft([numbers, classes]))).step(named: "parts")
    #expect(byClass?.settings["stratify"] == "species")
    #expect(byClass?.settings["time"]?.stringValue == nil)
  }

  @Test func gapsInTheTargetAreDroppedAndMarkersNamed() throws {
    let gaps = ColumnData("species", .categories((0..<60).map { $0 == 5 ? nil : ["ape", "bee"][$0 % 2] }))
    let data = try parsed(#require(try makeDraft([numbers, gaps], missing: ["NA", "?", "-"]))).step(named: "data")
    #expect(data?.settings["missing_target"] == "drop")
    #expect(data?.settings["missing"] == ["NA", "?", "-"])
  }

  @Test func missingMarkersAreFoundInCategoriesAndTexts() {
    let table = Table(columns: [
      ColumnData("a", .categories(["x", "?", "NA"])), ColumnData("b", .texts(["null", "y", "NAN"])),
    ])
    #expect(WorkflowDraft.missingMarkers(in: table) == ["NA", "null", "?"])
  }

  /// Names that YAML or the grammar could take for something else.
  @Test(arguments: [
    "null", "true", "no", "~", "1", "1.5", "a: b", "a #b", "- a", "{a}", "*a", "&a", "!a", "\"q\"", "it's",
    "über größe", "x\ny", "a\\b", "$A",
    " lead", "Null", "<<", "=", "yes", "0x1F", "2024-01-01", "%a", "@a",
  ])
  func everyColumnNameSurvives(_ name: String) throws {
    let column = ColumnData(name, .categories((0..<60).map { ["a", "b"][$0 % 2] }))
    let identifier = ColumnData(name + "_id", .integers((0..<60).map(Int64.init)))
    let draft = try #require(try makeDraft([identifier, numbers, column], target: name))
    let document = try parsed(draft)
    #expect(document.step(named: "data")?.settings["target"]?.stringValue == name)
    #expect(document.step(named: "parts")?.settings["stratify"]?.stringValue == name)
    #expect(document.step(named: "quality")?.settings["columns"]?[name]?["type"] == "category")
    #expect(document.step(named: "model")?.settings["features"]?["drop"] == [.string(name + "_id")])
  }

  @Test(
    arguments: [
      (
        [classes, numbers], ["accuracy": 0.934, "log_loss": 0.211],
        ["accuracy >= 0.88", "log_loss <= 0.29", "log_loss <= champion.log_loss + 0.05"]
      ),
      ([classes, numbers], ["accuracy": 0.02], []),
      (
        [numbers, ColumnData("price", .numbers((0..<60).map(Double.init)))], ["r2": 0.507, "rmse": 12.5],
        ["r2 >= 0.4", "rmse <= 1.05 * champion.rmse"]
      ),
      ([numbers, ColumnData("price", .numbers((0..<60).map(Double.init)))], ["r2": -0.5], []),
      ([classes, numbers], [:], []),
    ] as [([ColumnData], [String: Double], [String])])
  func boundsLieALittleBelowTheFirstFit(_ columns: [ColumnData], _ reached: [String: Double], _ conditions: [String])
    throws
  {
    let draft = try #require(try makeDraft(columns))
    let bounds = draft.bounds(reached: reached)
    #expect(bounds.map(\.condition) == conditions)
    let gate = try parsed(draft, bounds: bounds).step(named: "bar")
    #expect(gate?.settings["require"]?.arrayValue?.compactMap(\.stringValue) == (conditions.isEmpty ? nil : conditions))
  }

  /// What a few rows could show by luck is not worth a release.
  @Test func littleOfFewRowsIsNotMoreThanChance() throws {
    func isWorthReleasing(rows: Int, _ loss: Double) throws -> Bool {
      let classes = ColumnData("kind", .categories((0..<rows).map { ["a", "b"][$0 % 2] }))
      let sizes = ColumnData("size", .numbers((0..<rows).map { Double($0 * 37 % 61) }))
      return try #require(try makeDraft([sizes, classes], target: "kind")).isWorthReleasing(["log_loss": loss])
    }
    // Chance reaches the logarithm of 2.
    #expect(try !isWorthReleasing(rows: 150, 0.66))
    #expect(try isWorthReleasing(rows: 150, 0.62))
    #expect(try isWorthReleasing(rows: 20_000, 0.66))
    #expect(try !isWorthReleasing(rows: 20_000, 0.685))
  }

  /// The workflow written for a file reads it, trains on it and passes what it found.
  @Test(arguments: [("kind", "multinomial"), ("ok", "logistic"), ("y", "linear")])
  func draftOfAFileTrains(_ target: String, _ objective: String) async throws {
    let bench = try StepBench()
    try bench.write("data.csv", mixedCSV)
    let data = try await bench.run("workflow: d\nsteps: { data: { ingest: { source: data.csv } } }")
    let digest = try #require(data.step("data")?.outputs.first?.digest)
    let table = try bench.store.openTable(digest, cancellation: Cancellation())
    let draft = try #require(
      try WorkflowDraft(table: table, source: "data.csv", missing: [], name: "mixed", target: target))
    #expect(draft.objective == objective)
    let first = try await bench.run(draft.yaml(bounds: []), until: "scores")
    let reached = try #require(first.metrics["test"])
    let second = try await bench.run(draft.yaml(bounds: draft.bounds(reached: reached)))
    #expect(second.failure == nil, "\(second.steps.flatMap(\.problems).map(\.message))")
    #expect(second.verdict == .pass)
    #expect(second.step("release")?.summary.hasPrefix("production now serves mixed version 1") == true)
  }
}
