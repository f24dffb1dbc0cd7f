/// What a step can make, and what an artifact setting can ask for.
package enum ArtifactType: String, Sendable, Hashable, CaseIterable {
  case table, split, model, scores, verdict, deployment, file
}

/// One thing that a step makes, as the settings of other steps name it: `step`, or `step.output`.
package struct ArtifactReference: Sendable, Hashable {
  package var step: String
  /// The name of one output where the step makes several; nil for the one thing that most steps make.
  package var output: String?
  package var type: ArtifactType

  package init(step: String, output: String? = nil, type: ArtifactType) {
    self.step = step
    self.output = output
    self.type = type
  }

  /// As written in a workflow: `step` or `step.output`.
  package var text: String { output.map { "\(step).\($0)" } ?? step }
}
