package import Basics
import ObjectStore

/// A registered model. The digest names it; the number is for people.
package struct ModelVersion: Sendable, Hashable {
  package var model: String
  /// From 1, in order of registration.
  package var number: Int
  /// The tree artifact of `model.json`, `profile.json` and `weights.safetensors`.
  package var digest: Digest
  /// What the gates said: `pass`, `refuse`, `inconclusive`; nil where there was none.
  package var verdict: String?
  /// The gate's report.
  package var report: Digest?
  /// The run that made it.
  package var run: String?
  package var workflow: String?
  package var created: Timestamp

  package init(
    model: String, number: Int, digest: Digest, verdict: String? = nil, report: Digest? = nil, run: String? = nil,
    workflow: String? = nil, created: Timestamp = .now
  ) {
    self.model = model
    self.number = number
    self.digest = digest
    self.verdict = verdict
    self.report = report
    self.run = run
    self.workflow = workflow
    self.created = created
  }

  /// The type of the records that versions are kept as. Their subject is the model.
  package static let recordType = "model-version"

  /// The files that are the model, sorted. Whatever else lies beside them is about it.
  package static let files = ["model.json", "profile.json", "weights.safetensors"]

  var body: JSON {
    [
      "subject": .string(model), "number": JSON(number), "digest": JSON(digest),
      "verdict": verdict.map(JSON.string) ?? nil, "report": report.map(JSON.init(_:)) ?? nil,
      "run": run.map(JSON.string) ?? nil, "workflow": workflow.map(JSON.string) ?? nil,
      "created": .string(created.text),
    ]
  }

  init?(_ record: Record) {
    let body = record.body
    guard record.type == ModelVersion.recordType, let model = body["subject"]?.stringValue,
      let number = body["number"]?.intValue, let digest = body["digest"]?.digestValue,
      let created = (body["created"]?.stringValue).flatMap(Timestamp.init(text:))
    else { return nil }
    self.init(
      model: model, number: number, digest: digest, verdict: body["verdict"]?.stringValue,
      report: body["report"]?.digestValue, run: body["run"]?.stringValue, workflow: body["workflow"]?.stringValue,
      created: created)
  }
}

/// Checks a name that becomes part of a path: `[A-Za-z0-9][A-Za-z0-9._-]*`, at most 100 bytes.
package func isModelName(_ name: String) -> Bool {
  func isAlphanumeric(_ byte: UInt8) -> Bool {
    (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
  }
  guard let first = name.utf8.first, isAlphanumeric(first), name.utf8.count <= 100 else { return false }
  return name.utf8.allSatisfy { isAlphanumeric($0) || $0 == 46 || $0 == 95 || $0 == 45 }
}

/// The same for a channel, which must not be the name of something else in the folder of a model.
package func isChannelName(_ name: String) -> Bool {
  isModelName(name) && name != "versions" && name != "history.jsonl" && Int(name) == nil
}
