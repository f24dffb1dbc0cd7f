import Basics
import Testing

@testable import ObjectStore

@Suite struct RecordTests {
  @Test func recordStartsWithItsTypeAndIsReadBack() throws {
    let record = Record(type: "run-start", body: ["id": "a", "when": 3, "Upper": ["x": nil]])
    #expect(
      String(decoding: record.bytes, as: UTF8.self)
        == #"{"$record":"run-start/v1","Upper":{"x":null},"id":"a","when":3}"#)
    #expect(Record(bytes: record.bytes) == record)
  }

  @Test(arguments: [
    #"{"$record":"x/v2","a":1}"#, #"{"$record":"x/v1","a": 1}"#, #"{"$record":"x/v1","a":1,"a":1}"#,
    #"{"a":1,"$record":"x/v1"}"#, #"{"$record":"x/v1","#, #"{"$record":1}"#, "", "{}",
  ])
  func anythingButCanonicalTextIsNoRecord(_ text: String) {
    #expect(Record(bytes: Array(text.utf8)) == nil)
  }

  @Test func actionResultIsReadBack() throws {
    let output = ActionResult.Output(name: "m", type: "model", digest: Digest(of: "m"), size: 12, isTree: true)
    let result = ActionResult(
      key: Digest(of: "k"), action: ["kind": "train", "inputs": ["data": JSON(Digest(of: "d"))]], outputs: [output],
      metrics: ["rmse": 1.5], report: ["iterations": 7], seconds: 0.25,
      finished: Timestamp(milliseconds: 1_795_485_382_123))
    #expect(ActionResult(try #require(Record(bytes: result.record.bytes))) == result)
  }

  @Test func inputsAreFoundUnderTheirNames() {
    let (a, b, c) = (Digest(of: "a"), Digest(of: "b"), Digest(of: "c"))
    let result = ActionResult(
      key: a, action: ["inputs": ["z": JSON(a), "m": [JSON(b), JSON(c)], "x": "no digest"], "other": JSON(c)],
      outputs: [], seconds: 0)
    #expect(result.inputs == [.init(name: "m", digest: b), .init(name: "m", digest: c), .init(name: "z", digest: a)])
  }

  @Test func runRecordsAreReadBack() throws {
    let time = Timestamp(milliseconds: 1_795_485_382_123)
    let start = RunStart(workflow: "penguins", file: "workflows/penguins.yaml", started: time, settings: ["seed": 7])
    #expect(RunStart(try #require(Record(bytes: start.record.bytes))) == start)
    #expect(start.id.utf8.count == 32)
    let step = RunStep(
      name: "model", kind: "train", status: "done", key: Digest(of: "k"), result: Digest(of: "r"), seconds: 1.5,
      outputs: [.init(name: "model", type: "model", digest: Digest(of: "m"), size: 3)], detail: ["log": ["a"]])
    let end = RunEnd(
      finished: time, status: .refused, steps: [step],
      metrics: [RunMetric(key: "test.auc", step: "scores", time: time, value: .infinity)], verdict: "refuse",
      model: ["name": "penguins"], deployed: nil)
    #expect(RunEnd(try #require(Record(bytes: end.record(run: start.id).bytes))) == end)
  }
}
