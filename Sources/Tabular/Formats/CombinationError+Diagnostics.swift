package import Diagnostics

extension CombinationError: Diagnosable {
  package var failure: Failure { .badInput }

  package var diagnostics: [Diagnostic] {
    switch self {
    case .missingColumn(let column, let lacking, let having):
      [
        .error(
          "missing-column", "there is no column '\(column)', which is in '\(having)'", at: Place(file: lacking),
          help: ["declare its type under ingest.columns to take it as missing there, or leave that file out"])
      ]
    case .differentTypes(let column, let first, let type, let second, let other):
      [
        .error(
          "different-types", "column '\(column)' holds \(other.phrase), but \(type.phrase) in '\(first)'",
          at: Place(file: second), help: ["declare its type under ingest.columns"])
      ]
    case .constantIsColumn(let column, let part):
      [
        .error(
          "partition-is-column", "column '\(column)' is in the file and in its path", at: Place(file: part),
          help: ["rename one of them"])
      ]
    }
  }
}
