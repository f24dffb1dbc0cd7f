import Diagnostics
import Testing
import Workflow

@Suite struct WiringTests {
  private func inputs(_ text: String, _ step: String) throws -> [String: [String]] {
    let document = try Sample.document("workflow: test\nsteps:\n" + text)
    return try #require(document.step(named: step)).inputs.mapValues { $0.map(\.text) }
  }

  @Test func chainNeedsNoWiring() throws {
    let document = try Sample.document(Sample.chain)
    let read = document.steps.map { step in step.inputs.mapValues { $0.map(\.text).joined() } }
    #expect(
      read == [
        [:], ["data": "data"], ["data": "quality"], ["data": "parts"], ["model": "model", "data": "parts"],
        ["scores": "scores"], ["candidate": "model"],
      ])
  }

  @Test func deployWaitsForGatesAndValidations() throws {
    let document = try Sample.document(Sample.chain)
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
    let result = Sample.parse(
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
    let document = try Sample.document(
      """
      workflow: forward
      steps:
        release: { deploy: { candidate: model, model: wine } }
        scores: { evaluate: { model: model } }
        model: { train: { data: parts, objective: logistic } }
        data: { ingest: a.csv }
        parts: { split: 0.25 }
      """)
    #expect(document.step(named: "scores")?.input("data")?.text == "parts")
    #expect(document.executionOrder.map(\.name) == ["data", "parts", "model", "release", "scores"])
  }

  @Test func orderIsThatOfTheDocumentWhereNothingElseDecides() throws {
    let document = try Sample.document(
      """
      workflow: order
      steps:
        b: { ingest: b.csv }
        a: { ingest: a.csv }
        work: { command: { command: [join], inputs: { a: a, b: b }, outputs: { table: joined.csv } } }
        more: { command: { command: [count], inputs: { table: work.table } } }
        parts: { split: { data: a, test: 100 } }
        model: { train: { data: parts, objective: logistic } }
      """)
    #expect(document.executionOrder.map(\.name) == document.steps.map(\.name))
  }

  @Test func circlesAreShownWhole() {
    let result = Sample.parse(
      """
      workflow: test
      steps:
        a: { validate: { data: c } }
        b: { validate: { data: a } }
        c: { validate: { data: b } }
        d: { validate: { data: d } }
      """)
    #expect(
      result.diagnostics.map(\.message) == [
        "steps wait for each other: a → c → b → a", "steps wait for each other: d → d",
      ])
  }

  @Test func kindsSeeWhichStepsAreAtFault() {
    let seen = KindGrammar(
      name: "see", summary: "look at the others", settings: [], outputs: [],
      check: { _, document in document.steps.filter { !$0.isSound }.map { .error("faulty", $0.name) } })
    let text = "workflow: a\nsteps:\n  data: { ingest: { } }\n  good: { ingest: b.csv }\n  last: { see: }\n"
    let result = WorkflowParser(kinds: sampleKinds + [seen]) { _ in nil }.parse(text, file: "test.yaml")
    #expect(result.diagnostics.filter { $0.code == "faulty" }.map(\.message) == ["data"])
  }

  @Test func unknownKindHidesNoOtherProblemAndCausesNone() {
    let result = Sample.parse(
      "workflow: a\nsteps:\n  data: { ingets: a.csv }\n  parts: { split: 20% }\n  m: { train: { data: data, objective: x } }\n"
    )
    #expect(result.diagnostics.map(\.code) == ["unknown-kind", "wrong-type"])
  }

  @Test func graphIsDrawnAsMermaidAndDOT() throws {
    let document = try Sample.document(
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
