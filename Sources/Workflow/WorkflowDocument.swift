/// A workflow file, understood: every step typed, defaulted and wired.
package struct WorkflowDocument: Sendable {
  package var name: String
  package var description: String?
  /// The seed that all randomness is derived from; 0 when left out.
  package var seed: Int
  /// In document order.
  package var steps: [StepSpec]
  /// The path of the file, as it was given.
  package var file: String

  package init(name: String, description: String? = nil, seed: Int = 0, steps: [StepSpec], file: String) {
    self.name = name
    self.description = description
    self.seed = seed
    self.steps = steps
    self.file = file
  }

  package func step(named name: String) -> StepSpec? { steps.first { $0.name == name } }
}
