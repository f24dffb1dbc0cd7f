package import Basics

/// What one action made: the value behind an action key.
package struct ActionResult: Sendable, Hashable {
  /// An artifact under the name that the step kind gives it.
  package struct Output: Sendable, Hashable {
    /// `data`, `model`, …
    package var name: String
    /// The artifact type: `table`, `model`, …
    package var type: String
    package var digest: Digest
    /// Bytes of content; of a tree, of all its files together.
    package var size: Int
    package var isTree: Bool

    package init(name: String, type: String, digest: Digest, size: Int, isTree: Bool = false) {
      self.name = name
      self.type = type
      self.digest = digest
      self.size = size
      self.isTree = isTree
    }
  }

  /// Something an action read.
  package struct Input: Sendable, Hashable {
    package var name: String
    package var digest: Digest
  }

  package var key: Digest
  /// The action as it was keyed. `action["kind"]` names the step kind. `action["inputs"]` is an object of input name →
  /// digest, or list of digests: lineage is read from it, and a digest may be one of a file outside the store.
  package var action: JSON
  package var outputs: [Output]
  package var metrics: JSON
  package var report: JSON
  /// Wall time of the execution.
  package var seconds: Double
  /// When it was done. Of several results for one key the latest counts.
  package var finished: Timestamp

  package init(
    key: Digest, action: JSON, outputs: [Output], metrics: JSON = [:], report: JSON = [:], seconds: Double,
    finished: Timestamp = .now
  ) {
    self.key = key
    self.action = action
    self.outputs = outputs
    self.metrics = metrics
    self.report = report
    self.seconds = seconds
    self.finished = finished
  }

  package func output(named name: String) -> Output? { outputs.first { $0.name == name } }

  /// The step kind, or an empty text where the action does not say.
  package var kind: String { action["kind"]?.stringValue ?? "" }

  /// The digests in `action["inputs"]`, sorted by name.
  package var inputs: [Input] {
    let members = action["inputs"]?.objectValue ?? [:]
    return members.sorted { $0.key < $1.key }.flatMap { name, value in
      mentionedDigests(in: value).map { Input(name: name, digest: $0) }
    }
  }
}

/// Every digest (64 hex digits) that is a string somewhere in `value`, in document order with keys sorted.
func mentionedDigests(in value: JSON) -> [Digest] {
  switch value {
  case .string(let text): text.utf8.count == 64 ? Digest(hex: text).map { [$0] } ?? [] : []
  case .array(let values): values.flatMap(mentionedDigests)
  case .object(let members): members.sorted { $0.key < $1.key }.flatMap { mentionedDigests(in: $0.value) }
  default: []
  }
}

extension ActionResult.Output {
  package var json: JSON {
    [
      "name": .string(name), "type": .string(type), "digest": JSON(digest), "size": JSON(size), "tree": .bool(isTree),
    ]
  }

  package init?(json: JSON) {
    guard let name = json["name"]?.stringValue, let type = json["type"]?.stringValue,
      let digest = json["digest"]?.digestValue, let size = json["size"]?.intValue,
      let isTree = json["tree"]?.boolValue
    else { return nil }
    self.init(name: name, type: type, digest: digest, size: size, isTree: isTree)
  }
}

extension ActionResult {
  var record: Record {
    Record(
      type: Record.Kind.actionResult,
      body: [
        "key": JSON(key), "action": action, "outputs": .array(outputs.map(\.json)), "metrics": metrics,
        "report": report, "seconds": JSON(seconds), "finished": .string(finished.text),
      ])
  }

  init?(_ record: Record) {
    let body = record.body
    guard record.type == Record.Kind.actionResult, let key = body["key"]?.digestValue, let action = body["action"],
      let outputs = body["outputs"]?.arrayValue, let metrics = body["metrics"], let report = body["report"],
      let seconds = body["seconds"]?.doubleValue,
      let finished = (body["finished"]?.stringValue).flatMap(Timestamp.init(text:))
    else { return nil }
    let parsed = outputs.compactMap(Output.init(json:))
    guard parsed.count == outputs.count else { return nil }
    self.init(
      key: key, action: action, outputs: parsed, metrics: metrics, report: report, seconds: seconds, finished: finished)
  }
}

/// What the store knows of an action key.
package enum CachedResult: Sendable, Hashable {
  /// The outputs are there and match.
  case hit(ActionResult, record: Digest)
  /// The action must be done. `reason` says why a result that is on record cannot be used; nil where there is none.
  case miss(reason: String?)
}
