import Diagnostics
import Execution

extension Error {
  /// What a user would read first.
  var firstMessage: String? {
    switch self {
    case let problem as SettingProblem: problem.diagnostic.message
    case let error as any Diagnosable: error.diagnostics.first?.message
    default: nil
    }
  }
}
