package import Diagnostics

extension TableError: Diagnosable {
  package var diagnostics: [Diagnostic] {
    switch self {
    case .malformedSchema:
      [.error("malformed-schema", "the description of the table's columns is malformed")]
    case .damagedFile(let path, let what):
      [
        .error(
          "damaged-table", "the table '\(path)' is damaged: \(what)",
          help: ["run 'mlflowctl store verify', then the workflow again: what is damaged is made anew"])
      ]
    }
  }

  package var failure: Failure { .badInput }
}
