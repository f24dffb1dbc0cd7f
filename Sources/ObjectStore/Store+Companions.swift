package import Basics
import GRDB

extension Store {
  /// What actions made beside an artifact, under a name: of all actions that made it. Sorted; only what is in the store.
  package func companions(of artifact: Digest, named name: String) throws -> [Digest] {
    let found = try index.read { db in
      let statement = try db.cachedStatement(
        sql: """
          SELECT DISTINCT other.digest FROM edges AS own JOIN edges AS other ON other.record = own.record
          WHERE own.digest = ? AND own.role = 'output' AND other.role = 'output' AND other.name = ?
          ORDER BY other.digest
          """)
      return try String.fetchAll(statement, arguments: [artifact.hex, name])
    }
    return try found.compactMap(Digest.init(hex:)).filter { try backend.contains($0) }
  }
}
