package import Basics
import GRDB

extension Store {
  /// Keeps a fact as a record object and enters it into the index, durably. `body` is an object; see `Record`.
  @discardableResult
  package func putRecord(_ type: String, _ body: JSON) throws -> Digest {
    try putRecord(Record(type: type, body: body))
  }

  /// The index comes first: see its invariant.
  func putRecord(_ record: Record) throws -> Digest {
    let bytes = record.bytes
    let digest = Digest(of: bytes)
    try index.write(durably: true) { db in try Index.enter(record, digest, in: db) }
    return try put(bytes)
  }

  /// A record by its digest, its content checked. Throws `StoreError`.
  package func record(_ digest: Digest) throws -> Record {
    guard let record = Record(bytes: try read(digest)) else {
      throw StoreError.malformed(digest, expected: "a record")
    }
    return record
  }

  /// The sound records of a type, all or those with a `subject`, in order of digests.
  package func records(ofType type: String, subject: String? = nil) throws -> [StoredRecord] {
    let digests = try index.read { db in
      let statement = try db.cachedStatement(
        sql: "SELECT digest FROM records WHERE type = ?1 AND (?2 IS NULL OR subject = ?2) ORDER BY digest")
      return try String.fetchAll(statement, arguments: [type, subject])
    }
    return digests.compactMap(Digest.init(hex:)).compactMap { digest in
      (try? record(digest)).map { StoredRecord(digest: digest, record: $0) }
    }
  }
}
