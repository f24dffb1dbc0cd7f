import Basics

extension RunStart {
  var record: Record {
    Record(
      type: Record.Kind.runStart,
      body: [
        "id": .string(id), "workflow": .string(workflow), "file": .string(file), "started": .string(started.text),
        "settings": settings,
      ])
  }

  init?(_ record: Record) {
    let body = record.body
    guard record.type == Record.Kind.runStart, let id = body["id"]?.stringValue,
      let workflow = body["workflow"]?.stringValue, let file = body["file"]?.stringValue,
      let started = (body["started"]?.stringValue).flatMap(Timestamp.init(text:)), let settings = body["settings"]
    else { return nil }
    self.init(id: id, workflow: workflow, file: file, started: started, settings: settings)
  }
}

extension RunStep {
  fileprivate var json: JSON {
    [
      "name": .string(name), "kind": .string(kind), "status": .string(status), "key": key.map(JSON.init(_:)) ?? nil,
      "result": result.map(JSON.init(_:)) ?? nil, "seconds": JSON(seconds), "outputs": .array(outputs.map(\.json)),
      "detail": detail,
    ]
  }

  fileprivate init?(json: JSON) {
    guard let name = json["name"]?.stringValue, let kind = json["kind"]?.stringValue,
      let status = json["status"]?.stringValue, let seconds = json["seconds"]?.doubleValue,
      let outputs = json["outputs"]?.arrayValue
    else { return nil }
    self.init(
      name: name, kind: kind, status: status, key: json["key"]?.digestValue, result: json["result"]?.digestValue,
      seconds: seconds, outputs: outputs.compactMap(ActionResult.Output.init(json:)), detail: json["detail"] ?? [:])
  }
}

extension RunMetric {
  fileprivate var json: JSON {
    ["key": .string(key), "step": .string(step), "time": .string(time.text), "value": JSON(value)]
  }

  fileprivate init?(json: JSON) {
    guard let key = json["key"]?.stringValue, let step = json["step"]?.stringValue,
      let time = (json["time"]?.stringValue).flatMap(Timestamp.init(text:)), let value = json["value"]?.doubleValue
    else { return nil }
    self.init(key: key, step: step, time: time, value: value)
  }
}

extension RunEnd {
  func record(run: String) -> Record {
    Record(
      type: Record.Kind.runEnd,
      body: [
        "run": .string(run), "finished": .string(finished.text), "status": .string(status.rawValue),
        "steps": .array(steps.map(\.json)), "metrics": .array(metrics.map(\.json)),
        "verdict": verdict.map(JSON.string) ?? nil, "model": model, "deployed": deployed,
      ])
  }

  init?(_ record: Record) {
    let body = record.body
    guard record.type == Record.Kind.runEnd, let status = (body["status"]?.stringValue).flatMap(RunStatus.init(rawValue:)),
      let finished = (body["finished"]?.stringValue).flatMap(Timestamp.init(text:)),
      let steps = body["steps"]?.arrayValue, let metrics = body["metrics"]?.arrayValue
    else { return nil }
    self.init(
      finished: finished, status: status, steps: steps.compactMap(RunStep.init(json:)),
      metrics: metrics.compactMap(RunMetric.init(json:)), verdict: body["verdict"]?.stringValue,
      model: body["model"] ?? nil, deployed: body["deployed"] ?? nil)
  }
}
