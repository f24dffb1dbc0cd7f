package import Basics

/// A fact kept as an object: a JSON object whose canonical text starts with `{"$record":"<type>/v1"`.
///
/// Records are the truth behind the index, which recognises them by that prefix and a strict parse.
package struct Record: Sendable, Hashable {
  /// What kinds of record this module itself writes; other modules add theirs as plain text.
  package enum Kind {
    package static let actionResult = "action-result"
    package static let runStart = "run-start"
    package static let runEnd = "run-end"
  }

  /// Without the version: `run-start`.
  package var type: String
  /// An object, without the `$record` member. A top-level `subject` (text) makes the record findable by
  /// `records(ofType:subject:)`.
  package var body: JSON

  package init(type: String, body: JSON) {
    self.type = type
    self.body = body
  }

  static let prefix = Array(#"{"$record":""#.utf8)
  private static let version = "/v1"

  package var bytes: [UInt8] {
    var members = body
    members["$record"] = .string(type + Record.version)
    return members.canonicalBytes
  }

  /// The record written in `bytes`; nil unless they are exactly the canonical text of one.
  package init?(bytes: [UInt8]) {
    guard bytes.starts(with: Record.prefix), var body = try? JSON(parsing: bytes),
      let name = body["$record"]?.stringValue, name.hasSuffix(Record.version)
    else { return nil }
    body["$record"] = nil
    self.init(type: String(name.dropLast(Record.version.count)), body: body)
    guard self.bytes == bytes else { return nil }
  }
}

/// A record with the digest of its object.
package struct StoredRecord: Sendable, Hashable {
  package var digest: Digest
  package var record: Record
}
