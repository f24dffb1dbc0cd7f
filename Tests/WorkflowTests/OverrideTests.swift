import Basics
import Diagnostics
import Testing
import Workflow

@Suite struct OverrideTests {
  private let text = """
    workflow: test
    steps:
      data: { ingest: { source: a.csv, missing: [NA, none] } }
      quality: { validate: }
      model: { train: { objective: linear } }
    """

  private func step(_ name: String, _ overrides: String...) throws -> JSON {
    try #require(try Sample.document(text, overrides: overrides).step(named: name)).settings
  }

  @Test func valueIsReplacedOrAdded() throws {
    #expect(try step("data", "steps.data.ingest.source=b.csv")["source"] == "b.csv")
    #expect(try step("model", "steps.model.train.penalty={l2: 0.5}")["penalty"] == ["l2": 0.5])
    #expect(try step("model", "steps.model.train.penalty.l2=0.5")["penalty"] == ["l2": 0.5])
    #expect(try Sample.document(text, overrides: ["seed=9"]).seed == 9)
  }

  @Test func mapsOnTheWayAreMadeAndItemsAreNumbered() throws {
    #expect(try step("quality", "steps.quality.validate.rows.min=5")["rows"] == ["min": 5])
    #expect(try step("data", "steps.data.ingest.missing.1=no")["missing"] == ["NA", "no"])
  }

  @Test func quotesProtectDots() throws {
    let settings = try step("quality", #"steps.quality.validate.columns."a.b=c".min=1"#)
    #expect(settings["columns"]?["a.b=c"]?["min"] == 1.0)
  }

  @Test func theLastOneWinsAndItsPlaceIsTheArgument() throws {
    let overrides = ["steps.model.train.intercept=false", "steps.model.train.intercept=true"]
    let model = try #require(try Sample.document(text, overrides: overrides).step(named: "model"))
    #expect(model.settings["intercept"] == true)
    let place = model.place(of: "intercept")
    #expect(place.file == "--set")
    #expect(place.line == nil)
    #expect(place.column == 29)
    #expect(place.excerpt == "steps.model.train.intercept=true")
  }
}
