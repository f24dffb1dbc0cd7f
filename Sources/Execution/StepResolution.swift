import Basics
import ObjectStore
import Workflow

/// The outputs of the steps done so far, and how a step's artifact settings find their digests there.
struct UpstreamOutputs {
  private var outputs: [String: [ActionResult.Output]] = [:]

  /// What they had to tell, by step.
  private(set) var reports: [String: JSON] = [:]

  mutating func record(_ made: [ActionResult.Output], report: JSON, of step: String) {
    outputs[step] = made
    reports[step] = report
  }

  /// The inputs of `step` by role, sorted; nil while a step they come from has no result yet.
  func inputs(of step: StepSpec) -> [Action.Input]? {
    var inputs: [Action.Input] = []
    for (role, references) in step.inputs.sorted(by: { $0.key < $1.key }) {
      for (index, reference) in references.enumerated() {
        guard let output = output(reference) else { return nil }
        let name = references.count > 1 ? "\(role).\(index)" : role
        inputs.append(Action.Input(role: name, type: output.type, digest: output.digest, isTree: output.isTree))
      }
    }
    return inputs
  }

  private func output(_ reference: ArtifactReference) -> ActionResult.Output? {
    outputs[reference.step]?.first { output in
      reference.output.map { output.name == $0 } ?? (output.type == reference.type.rawValue)
    }
  }
}

extension WorkflowDocument {
  /// The steps that `last` needs, itself included; all when it is nil.
  func steps(until last: String?) -> Set<String> {
    guard let last else { return Set(steps.map(\.name)) }
    var needed: Set<String> = []
    var open = [last]
    while let name = open.popLast() {
      if needed.insert(name).inserted { open += dependencies(of: name) }
    }
    return needed
  }
}
