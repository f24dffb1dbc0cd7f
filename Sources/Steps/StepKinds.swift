package import Execution

/// Every kind of step there is. A new kind is one file in `Kinds/` and one line here.
package let stepKinds: [any StepKind] = [
  IngestKind(), ValidateKind(), SplitKind(), TrainKind(), EvaluateKind(), GateKind(), DeployKind(), CommandKind(),
]
