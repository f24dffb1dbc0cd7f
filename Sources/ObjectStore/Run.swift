package import Basics

/// The id of a run: 32 hex digits, random.
package func makeRunID() -> String {
  var generator = SystemRandomNumberGenerator()
  return (0..<2).map { _ in
    let digits = String(generator.next(), radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }.joined()
}

/// What is known when a run begins to execute its first action.
package struct RunStart: Sendable, Hashable {
  package var id: String
  /// The name of the workflow, which is the experiment too.
  package var workflow: String
  /// The workflow's file as the user wrote it.
  package var file: String
  package var started: Timestamp
  /// Settings, overrides, seed, environment, tags: whatever is worth knowing later. Nothing secret.
  package var settings: JSON

  package init(id: String = makeRunID(), workflow: String, file: String, started: Timestamp = .now, settings: JSON = [:]) {
    self.id = id
    self.workflow = workflow
    self.file = file
    self.started = started
    self.settings = settings
  }
}

/// How a run ended, or that it has not.
package enum RunStatus: String, Sendable, Hashable, CaseIterable {
  case done, refused, inconclusive, failed
  /// Stopped by a signal, or its process died.
  case interrupted
  /// Only of runs that have not ended: the process that owns it is alive.
  case running
}

/// One step of a run that ended.
package struct RunStep: Sendable, Hashable {
  package var name: String
  package var kind: String
  /// `done`, `cached`, `failed`, `skipped`.
  package var status: String
  package var key: Digest?
  /// The record of the action result.
  package var result: Digest?
  package var seconds: Double
  package var outputs: [ActionResult.Output]
  /// Log lines, attempts, failure: whatever `runs show` tells.
  package var detail: JSON

  package init(
    name: String, kind: String, status: String, key: Digest? = nil, result: Digest? = nil, seconds: Double = 0,
    outputs: [ActionResult.Output] = [], detail: JSON = [:]
  ) {
    self.name = name
    self.kind = kind
    self.status = status
    self.key = key
    self.result = result
    self.seconds = seconds
    self.outputs = outputs
    self.detail = detail
  }
}

/// One measured value, in the shape that experiment trackers use.
package struct RunMetric: Sendable, Hashable {
  /// Split and metric: `test.accuracy`.
  package var key: String
  /// The name of the workflow step that measured it.
  package var step: String
  package var time: Timestamp
  package var value: Double

  package init(key: String, step: String, time: Timestamp = .now, value: Double) {
    self.key = key
    self.step = step
    self.time = time
    self.value = value
  }
}

/// What is known when a run has ended, well or not.
package struct RunEnd: Sendable, Hashable {
  package var finished: Timestamp
  package var status: RunStatus
  package var steps: [RunStep]
  package var metrics: [RunMetric]
  package var verdict: String?
  /// `{name, version, digest}` or null, as `train --format json` prints it.
  package var model: JSON
  /// `{channel, digest}` or null.
  package var deployed: JSON

  package init(
    finished: Timestamp = .now, status: RunStatus, steps: [RunStep], metrics: [RunMetric] = [], verdict: String? = nil,
    model: JSON = nil, deployed: JSON = nil
  ) {
    self.finished = finished
    self.status = status
    self.steps = steps
    self.metrics = metrics
    self.verdict = verdict
    self.model = model
    self.deployed = deployed
  }
}

/// A run as the store knows it.
package struct Run: Sendable, Hashable {
  package var start: RunStart
  package var end: RunEnd?
  package var status: RunStatus

  package var id: String { start.id }
}
