/// The answer of a gate, of one of its conditions, of a validation, or of a run.
package enum Verdict: String, Sendable, Hashable, CaseIterable {
  case pass, refuse, inconclusive

  /// Refuse if any refuses, else inconclusive if any is, else pass.
  package static func all(_ verdicts: some Sequence<Verdict>) -> Verdict {
    var overall = Verdict.pass
    for verdict in verdicts {
      if verdict == .refuse { return .refuse }
      if verdict == .inconclusive { overall = .inconclusive }
    }
    return overall
  }
}
