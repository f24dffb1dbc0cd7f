import Diagnostics
import Testing
import Workflow

@Suite struct WiringTests {
  private func inputs(_ text: String, _ step: String) throws -> [String: [String]] {
    let document = try Samples.document("workflow: test\nsteps:\n" + text)
    return try #require(document.step(named: step)).inputs.mapValues { $0.map(\.text) }
  }

  @Test func chainNeedsNoWiring() throws {
    let document = try Samples.parser.parse(file: "\(Samples.folder)/valid/penguins.yaml").get()
    let read = document.steps.map { step in step.inputs.mapValues { $0.map(\.text).joined() } }
    #expect(
      read == [
        [:], ["data": "data"], ["data": "quality"], ["data": "parts"], ["model": "model", "data": "parts"],
        ["scores": "scores"], ["candidate": "model"],
      ])
  }

  @Test func deployWaitsForGatesAndValidations() throws {
    let document = try Samples.parser.parse(file: "\(Samples.folder)/valid/penguins.yaml").get()
    #expect(document.step(named: "release")?.after == ["quality", "bar"])
    #expect(document.dependencies(of: "release") == ["quality", "model", "bar"])
    #expect(document.lineage(of: "scores") == ["data", "quality", "parts", "model"])
  }

  @Test func interleavedBranchesTakeTheirOwn() throws {
    let text = """
        data: { ingest: a.csv }
        parts: { split: 20% }
        a: { train: { objective: logistic } }
        a-scores: { evaluate: }
        b: { train: { objective: logistic, intercept: false } }
        b-scores: { evaluate: }
      """
    #expect(try inputs(text, "a-scores") == ["model": ["a"], "data": ["parts"]])
    #expect(try inputs(text, "b") == ["data": ["parts"]])
    #expect(try inputs(text, "b-scores") == ["model": ["b"], "data": ["parts"]])
  }

  @Test func anEarlierTableThatNobodyTookDoesNotWinOverTheOneThatIsInUse() {
    let result = Samples.parse(
      """
      workflow: test
      steps:
        extra: { ingest: b.csv }
        data: { ingest: a.csv }
        parts: { split: { data: data, test: 20% } }
        a: { train: { data: parts, objective: logistic } }
        b: { train: { objective: linear } }
      """)
    #expect(result.diagnostics.map(\.code) == ["ambiguous-wiring"])
  }

  @Test func evaluationReadsWhatItsModelWasTrainedOn() throws {
    let text = """
        one: { ingest: a.csv }
        two: { ingest: b.csv }
        one-parts: { split: { data: one, test: 20% } }
        two-parts: { split: { data: two, test: 20% } }
        model: { train: { data: one-parts, objective: logistic } }
        scores: { evaluate: }
      """
    #expect(try inputs(text, "scores") == ["model": ["model"], "data": ["one-parts"]])
  }

  @Test func namesMayPointForward() throws {
    let document = try Samples.parser.parse(file: "\(Samples.folder)/valid/forward.yaml").get()
    #expect(document.step(named: "scores")?.input("data")?.text == "parts")
    #expect(document.executionOrder.map(\.name) == ["data", "parts", "model", "release", "scores"])
  }

  @Test func orderIsThatOfTheDocumentWhereNothingElseDecides() throws {
    let document = try Samples.parser.parse(file: "\(Samples.folder)/valid/graph.yaml").get()
    #expect(document.executionOrder.map(\.name) == document.steps.map(\.name))
  }

  @Test func unknownKindHidesNoOtherProblemAndCausesNone() {
    let result = Samples.parse(
      "workflow: a\nsteps:\n  data: { ingets: a.csv }\n  parts: { split: 20% }\n  m: { train: { data: data, objective: x } }\n"
    )
    #expect(result.diagnostics.map(\.code) == ["unknown-kind", "wrong-type"])
  }

  @Test func graphIsDrawnAsMermaidAndDOT() throws {
    let document = try Samples.document(
      """
      workflow: small
      steps:
        data: { ingest: a.csv }
        quality: { validate: }
        model: { train: { objective: linear } }
        release: { deploy: { model: m } }
      """)
    #expect(
      document.mermaid == """
        flowchart TD
          s1["data<br/><i>ingest</i>"]
          s2["quality<br/><i>validate</i>"]
          s3["model<br/><i>train</i>"]
          s4["release<br/><i>deploy</i>"]
          s1 -->|table| s2
          s2 -->|table| s3
          s2 -.-> s4
          s3 -->|model| s4

        """)
    #expect(
      document.dot == """
        digraph "small" {
          rankdir=TB;
          node [shape=box, fontname="sans-serif"];
          "data" [label="data\\ningest"];
          "quality" [label="quality\\nvalidate"];
          "model" [label="model\\ntrain"];
          "release" [label="release\\ndeploy"];
          "data" -> "quality" [label="table"];
          "quality" -> "model" [label="table"];
          "quality" -> "release" [style=dotted];
          "model" -> "release" [label="model"];
        }

        """)
  }
}
