package import Basics

extension Store {
  /// The last artifact of a name and of a digest other than `current` that a step of a workflow made with the verdict `pass`,
  /// or nil: what the data looked like before. Asked twice about one artifact it says the same, so that an action which
  /// depends on the answer is found again.
  package func lastAccepted(
    _ output: String, ofStep name: String, workflow: String, otherThan current: Digest
  ) throws -> Digest? {
    for record in try results(ofStep: name, workflow: workflow, limit: 200) {
      let result: ActionResult
      // A result may have been collected since.
      do { result = try self.result(record) } catch is StoreError { continue }
      guard result.report["verdict"]?.stringValue == Verdict.pass.rawValue, let made = result.output(named: output),
        made.digest != current, try backend.contains(made.digest)
      else { continue }
      return made.digest
    }
    return nil
  }
}
