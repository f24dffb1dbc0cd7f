import Basics
import Diagnostics
import Testing
import Workflow

@Suite struct DocumentTests {
  @Test func chainIsReadWithItsSettings() throws {
    let document = try Sample.document(Sample.chain)
    #expect(document.name == "chain")
    #expect(document.description == "A chain needs no wiring.")
    #expect(document.seed == 7)
    #expect(document.file == "test.yaml")
    #expect(document.steps.map(\.name) == ["data", "quality", "parts", "model", "scores", "bar", "release"])
    #expect(document.steps.map(\.kind) == ["ingest", "validate", "split", "train", "evaluate", "gate", "deploy"])
    #expect(document.step(named: "data")?.settings.canonical == #"{"missing":["NA"],"source":"a.csv"}"#)
    #expect(
      document.step(named: "quality")?.settings["columns"]?.canonical
        == #"{"mass":{"min":1000,"missing":0.05,"unique":false},"#
        + #""species":{"unique":false,"values":["Adelie","no"]}}"#)
  }

  @Test func fallbacksFillRecordsThatWereLeftOut() throws {
    let document = try Sample.document(
      "workflow: a\nsteps:\n  data: { ingest: a.csv }\n  model: { train: { objective: linear } }\n")
    #expect(
      document.step(named: "model")?.settings["features"]?.canonical
        == #"{"categories":{"rare":0.01},"scale":"standard"}"#)
    #expect(document.seed == 0)
    #expect(document.description == nil)
  }

  @Test func scalarsAreTypedByTheGrammarAndNotByYAML() throws {
    let document = try Sample.document(
      """
      workflow: "scalars.1"
      steps:
        data:
          ingest:
            source: "${env:DATA}/norway.csv"
            missing: [NA, no, "", -, 999, ~]
        quality:
          validate:
            rows: { min: 300, max: "${env:MOST:-1000}" }
            columns:
              country: { values: [no, yes, on, 1.0, null, 0x10] }
              share: { min: -1e3, max: .5 }
        parts:
          split: { test: 0.25, validation: 30 }
          timeout: 1.5h
      """)
    let data = try #require(document.step(named: "data")?.settings)
    #expect(data["missing"] == ["NA", "no", "", "-", "999", "~"])
    #expect(data["source"] == "datasets/norway.csv")
    let columns = try #require(document.step(named: "quality")?.settings["columns"])
    #expect(columns["country"]?["values"] == ["no", "yes", "on", "1.0", "null", "0x10"])
    #expect(columns["share"]?["min"] == -1000.0)
    #expect(columns["share"]?["max"] == 0.5)
    #expect(document.step(named: "quality")?.settings["rows"] == ["min": 300, "max": 1000])
    #expect(document.step(named: "parts")?.settings == ["test": 0.25, "validation": 30])
    #expect(document.step(named: "parts")?.timeout == .seconds(5400))
  }

  @Test(arguments: [
    ("25%", #"{"test":0.25}"#), ("0.25", #"{"test":0.25}"#), ("30", #"{"test":30}"#), ("1", #"{"test":1}"#),
    ("5%", #"{"test":0.05}"#), ("12.5%", #"{"test":0.125}"#), ("\"10%\"", #"{"test":0.1}"#),
  ])
  func shareOrCountTellsSharesFromRows(text: String, settings: String) throws {
    let document = try Sample.document("workflow: a\nsteps:\n  data: { ingest: a.csv }\n  p: { split: \(text) }\n")
    #expect(document.step(named: "p")?.settings.canonical == settings)
  }

  @Test(arguments: [
    ("30s", 30_000), ("5m", 300_000), ("2h", 7_200_000), ("1d", 86_400_000), ("250ms", 250), ("0.5s", 500),
  ])
  func durationsHaveUnits(text: String, milliseconds: Int64) throws {
    let document = try Sample.document("workflow: a\nsteps:\n  data: { ingest: a.csv, timeout: \(text) }\n")
    #expect(document.step(named: "data")?.timeout == .milliseconds(milliseconds))
  }

  @Test(arguments: ["30", "s", "-5s", "1w", "1e30d", "nan s", "5 parsecs", "0x5s"])
  func noOtherDurationIsTaken(text: String) {
    let result = Sample.parse("workflow: a\nsteps:\n  data: { ingest: a.csv, timeout: \(text) }\n")
    #expect(result.diagnostics.map(\.code) == ["wrong-type"])
  }

  @Test func anchorsAndMergeKeysWork() throws {
    let document = try Sample.document(
      """
      workflow: anchors
      x-train: &train
        objective: logistic
        penalty: { l2: 0.1 }
        intercept: false
      steps:
        data: { ingest: a.csv }
        plain:
          train: *train
        strong:
          train:
            <<: *train
            penalty: { l2: 10 }
        both:
          train:
            <<: [{ tolerance: 1e-6 }, *train]
            intercept: true
      """)
    let penalties = ["plain", "strong", "both"].map { document.step(named: $0)?.settings["penalty"]?["l2"] }
    #expect(penalties == [0.1, 10.0, 0.1])
    #expect(document.step(named: "strong")?.settings["intercept"] == false)
    #expect(document.step(named: "both")?.settings["intercept"] == true)
    #expect(document.step(named: "both")?.settings["tolerance"] == 1e-6)
    // The value stands where the anchor is.
    #expect(document.step(named: "strong")?.place(of: "intercept").line == 5)
    #expect(document.step(named: "strong")?.place(of: "penalty", "l2").line == 13)
  }

  @Test func secretsStayReferencesAndShellTextStaysAsItIs() throws {
    let document = try Sample.document(
      """
      workflow: a
      steps:
        work:
          command:
            command: echo ${HOME} ${env:DATA} $${x
            env: { TOKEN: "a-${secret:TOKEN}-${env:DATA}" }
      """)
    let settings = try #require(document.step(named: "work")?.settings)
    #expect(settings["command"] == "echo ${HOME} datasets $${x")
    #expect(settings["env"]?["TOKEN"] == "a-${secret:TOKEN}-datasets")
  }

  @Test func retryAndTimeoutAreOptionsOfTheStep() throws {
    let document = try Sample.document(
      """
      workflow: joined
      steps:
        patients: { ingest: patients.csv }
        visits: { ingest: visits.csv }
        joined:
          command:
            command: [python3, join.py]
            inputs: { patients: patients, visits: visits, script: scripts/join.py }
          retry: 2
          timeout: 5m
      """)
    let step = try #require(document.step(named: "joined"))
    #expect(step.retry == 2)
    #expect(step.timeout == .seconds(300))
    #expect(step.settings["inputs"] == ["script": "scripts/join.py"])
    #expect(
      step.inputs == [
        "inputs.patients": [ArtifactReference(step: "patients", type: .table)],
        "inputs.visits": [ArtifactReference(step: "visits", type: .table)],
      ])
  }

  @Test func windowsLineEndsAndByteOrderMarkChangeNothing() throws {
    let text = "workflow: a\nsteps:\n  data:\n    ingest:\n      source: a.csv\n      missing: [NA]\n"
    let plain = try Sample.document(text)
    let windows = try Sample.document("\u{feff}" + text.split(separator: "\n").joined(separator: "\r\n"))
    #expect(windows.steps.map(\.settings) == plain.steps.map(\.settings))
    #expect(windows.step(named: "data")?.place(of: "missing") == plain.step(named: "data")?.place(of: "missing"))
  }
}
