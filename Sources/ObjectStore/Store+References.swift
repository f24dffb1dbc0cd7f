package import Basics
import GRDB

extension Store {
  /// What an object refers to: every digest written in a record, the files of a tree, nothing for other bytes. What it
  /// refers to need not be in the store. Throws `StoreError.damaged` for a record or tree whose bytes are wrong.
  func references(of digest: Digest) throws -> [Digest] {
    let isRecord = try hasPrefix(Record.prefix, digest, in: backend)
    guard try isRecord || hasPrefix(Tree.prefix, digest, in: backend) else { return [] }
    let bytes = try backend.read(digest)
    guard Digest(of: bytes) == digest else { throw StoreError.damaged(digest) }
    if isRecord { return Record(bytes: bytes).map { mentionedDigests(in: $0.body) } ?? [] }
    return Tree(bytes: bytes)?.entries.map(\.digest) ?? []
  }

  /// The digest that begins with `prefix`, of an object or of something that an action read or made.
  ///
  /// Throws `StoreError.notADigest`, `.unknown`, `.ambiguous`.
  package func resolve(_ prefix: String) throws -> Digest {
    let prefix = prefix.lowercased()
    let isHex = prefix.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    guard isHex, !prefix.isEmpty, prefix.utf8.count <= 64 else { throw StoreError.notADigest(prefix) }
    if let digest = Digest(hex: prefix), try backend.contains(digest) { return digest }
    let mentioned = try index.read { db in
      try String.fetchAll(
        db, sql: "SELECT DISTINCT digest FROM edges WHERE digest >= ? AND digest < ?",
        arguments: [prefix, prefix + "g"])
    }
    let found = Set(try backend.list(prefix: prefix)).union(mentioned.compactMap(Digest.init(hex:))).sorted()
    if found.count > 1 { throw StoreError.ambiguous(prefix: prefix, candidates: found) }
    guard let digest = found.first else { throw StoreError.unknown(prefix: prefix) }
    return digest
  }

  /// How actions relate to a digest: as `output 'data' of ingest`, by record of the result. Latest results only.
  func uses(of digest: Digest) throws -> [ObjectUse] {
    try index.read { db in
      let statement = try db.cachedStatement(
        sql: """
          SELECT edges.record, role, name, kind FROM edges JOIN results ON results.record = edges.record
          WHERE digest = ? ORDER BY role DESC, kind, name, edges.record
          """)
      return try Row.fetchAll(statement, arguments: [digest.hex]).compactMap { row in
        Digest(hex: row[0]).map { ObjectUse(record: $0, isOutput: row[1] == "output", name: row[2], kind: row[3]) }
      }
    }
  }

  /// Everything there is to say about one digest, whether or not it is an object of this store.
  package func describe(_ digest: Digest) throws -> ObjectDescription {
    var form = ObjectDescription.Form.absent
    let stamp = try backend.stamp(of: digest)
    if stamp != nil {
      if try hasPrefix(Record.prefix, digest, in: backend), let record = Record(bytes: try read(digest)) {
        form = .record(record)
      } else if try hasPrefix(Tree.prefix, digest, in: backend), let tree = Tree(bytes: try read(digest)) {
        form = .tree(tree)
      } else {
        form = .bytes
      }
    }
    return ObjectDescription(digest: digest, size: stamp?.size, form: form, uses: try uses(of: digest))
  }
}

/// One action that read or made an artifact.
package struct ObjectUse: Sendable, Hashable {
  /// The record of the action result.
  package var record: Digest
  package var isOutput: Bool
  /// The name that the step kind gives the input or output.
  package var name: String
  /// The step kind.
  package var kind: String

  /// `output 'data' of ingest`.
  package var text: String { "\(isOutput ? "output" : "input") '\(name)' of \(kind)" }
}

/// One digest as `store show` tells it.
package struct ObjectDescription: Sendable, Hashable {
  package enum Form: Sendable, Hashable {
    case record(Record)
    case tree(Tree)
    case bytes
    /// Known by name only: of a file outside the store, or of an object that is gone.
    case absent
  }

  package var digest: Digest
  /// Bytes of the object itself; nil where it is not in the store.
  package var size: Int?
  package var form: Form
  package var uses: [ObjectUse]
}
