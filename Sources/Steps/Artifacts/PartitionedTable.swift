package import Basics
import Diagnostics
import Execution
package import ObjectStore
import Tabular

/// A table with its rows told apart by part: what `train` and `evaluate` read, made from a split or from a bare table,
/// which is one part named `all`.
struct PartitionedTable: Sendable {
  static let wholePart = "all"

  let table: Table
  let tableDigest: Digest
  private let codes: [Int32]
  /// The names of the parts in a fixed order: train, validation, test, or `all`.
  let parts: [String]

  /// Opens the artifact of an input, whose content is hashed again before it is used.
  init(_ input: Action.Input, in store: Store, cancellation: Cancellation) throws {
    guard input.type == "split" else {
      table = try store.openTable(input.digest, cancellation: cancellation)
      tableDigest = input.digest
      codes = []
      parts = [Self.wholePart]
      return
    }
    let split = try SplitArtifact(input.digest, in: store)
    table = try store.openTable(split.table, cancellation: cancellation)
    tableDigest = split.table
    let partTable = try store.openTable(split.parts, cancellation: cancellation)
    guard let column = partTable.column(named: "part"), column.type == .category, column.rowCount == table.rowCount
    else {
      throw Problems(
        .error("not-a-split", "the parts of split \(input.digest.short) do not fit its table"), failure: .badInput)
    }
    var codes = [Int32](repeating: 0, count: column.rowCount)
    codes.withUnsafeMutableBufferPointer { column.readCodes(0..<column.rowCount, into: $0) }
    let names = column.dictionary
    let order = ["train", "validation", "test"]
    parts = order.filter(names.contains)
    // Codes into `parts` rather than into the sorted dictionary.
    let translation = names.map { name in Int32(order.filter(names.contains).firstIndex(of: name) ?? 0) }
    self.codes = codes.map { $0 < 0 ? -1 : translation[Int($0)] }
  }

  /// The part that a model is fitted on.
  var trainingPart: String { parts.contains("train") ? "train" : Self.wholePart }

  /// The part that a gate judges.
  var judgedPart: String {
    parts.contains("test") ? "test" : parts.contains("validation") ? "validation" : Self.wholePart
  }

  /// The rows of a part, ascending.
  func rows(of part: String) -> [Int] {
    guard let code = parts.firstIndex(of: part) else { return [] }
    if codes.isEmpty { return Array(0..<table.rowCount) }
    return codes.indices.filter { codes[$0] == Int32(code) }
  }
}

extension Store {
  /// Bytes of an object; 0 where it is not there.
  func size(of digest: Digest) throws -> Int { try backend.stamp(of: digest)?.size ?? 0 }

  /// A table artifact, verified and mapped.
  func openTable(_ digest: Digest, cancellation: Cancellation) throws -> Table {
    try Table.open(verifiedPath(of: digest, cancellation: cancellation))
  }

  package func readJSON(_ digest: Digest) throws -> JSON {
    let bytes = try read(digest)
    do {
      return try JSON(parsing: bytes)
    } catch {
      throw Problems(
        .error("not-json", "object \(digest.short) is not JSON (\(error.message))"), failure: .badInput)
    }
  }
}
