package import Diagnostics

/// What a decomposition cannot do.
package enum LinearAlgebraError: Error, Hashable {
  /// An iteration of LAPACK did not converge; the payload says for what.
  case noConvergence(String)
}

extension LinearAlgebraError: Diagnosable {
  package var failure: Failure { .stepFailed }

  package var diagnostics: [Diagnostic] {
    switch self {
    case .noConvergence(let what):
      [
        .error(
          "no-convergence", "the computation of \(what) did not converge",
          help: ["standardise the columns (scale: standard), so that their sizes are comparable"])
      ]
    }
  }
}
