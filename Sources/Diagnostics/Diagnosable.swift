/// An error that knows how to tell itself to the user.
///
/// Every module throws a small enum with a typed payload and conforms it in its `…+Diagnostics.swift`.
package protocol Diagnosable: Error {
  /// At least one, most important first.
  var diagnostics: [Diagnostic] { get }
  var failure: Failure { get }
}

/// What kind of failure an error is, and so the exit code of the process. The table is a contract: `docs/cli.md`.
package enum Failure: Int32, Sendable, CaseIterable {
  /// The answer is no: a gate refused, findings, drift, damage found.
  case answerIsNo = 1
  case inconclusive = 2
  case stepFailed = 3
  case usage = 64
  /// A bad workflow or unreadable data.
  case badInput = 65
  case unavailable = 69
  case internalError = 70
  /// Disk full, permission, and other refusals of the file system.
  case inputOutput = 74
  case busy = 75
  case interrupted = 130
  case terminated = 143
}

/// Several problems found in one go.
package struct Problems: Diagnosable {
  package var diagnostics: [Diagnostic]
  package var failure: Failure

  package init(_ diagnostics: [Diagnostic], failure: Failure) {
    self.diagnostics = diagnostics
    self.failure = failure
  }

  package init(_ diagnostic: Diagnostic, failure: Failure) {
    self.init([diagnostic], failure: failure)
  }
}
