package import Basics
import GRDB

extension Store {
  /// Keeps what an action made. Its outputs must be in the store. Gives the digest of the record.
  @discardableResult
  package func putResult(_ result: ActionResult) throws -> Digest {
    try noteSealed(result.outputs.flatMap { output in try parts(of: output) })
    return try putRecord(result.record)
  }

  /// What is known of an action. A hit means that every output is there and matches, by stat data where those settle it,
  /// otherwise by its content. Outputs that do not match are removed, so that they can be made again.
  ///
  /// Throws `Cancelled`, `FileError`.
  package func result(forKey key: Digest, cancellation: Cancellation) throws -> CachedResult {
    let known = try index.read { db in
      let statement = try db.cachedStatement(sql: "SELECT record FROM results WHERE key = ?")
      return try String.fetchOne(statement, arguments: [key.hex])
    }
    guard let digest = known.flatMap(Digest.init(hex:)) else { return .miss(reason: nil) }
    do {
      guard let result = ActionResult(try record(digest)), result.key == key else { return .miss(reason: nil) }
      for output in result.outputs {
        for part in try parts(of: output) {
          switch try condition(of: part, cancellation: cancellation) {
          case .sound: continue
          case .missing: throw StoreError.missing(part)
          case .damaged: throw StoreError.damaged(part)
          }
        }
      }
      return .hit(result, record: digest)
    } catch StoreError.missing(let part) {
      // A record that was entered but never made: the process died in between, so the action was not finished.
      return .miss(reason: part == digest ? nil : "object \(part.short)… is gone")
    } catch StoreError.damaged(let part) {
      return .miss(reason: "object \(part.short)… is damaged")
    } catch StoreError.malformed(let part, _) {
      return .miss(reason: "object \(part.short)… is not what it should be")
    }
  }

  /// A result by the digest of its record, its content checked; outputs are not looked at.
  package func result(_ digest: Digest) throws -> ActionResult {
    guard let result = ActionResult(try record(digest)) else {
      throw StoreError.malformed(digest, expected: "an action result")
    }
    return result
  }

  /// The objects an output consists of: itself and, of a tree, its files.
  private func parts(of output: ActionResult.Output) throws -> [Digest] {
    output.isTree ? [output.digest] + (try tree(output.digest).entries.map(\.digest)) : [output.digest]
  }
}
