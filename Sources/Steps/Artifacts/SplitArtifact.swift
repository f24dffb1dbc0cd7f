import Basics
import Diagnostics
import Execution
import ObjectStore
import Tabular

/// What `split` makes: a small descriptor that names a table and a part for each of its rows. The table is not copied.
///
/// The parts are an Arrow file of one category column, `part`.
struct SplitArtifact {
  var table: Digest
  var parts: Digest
  /// Rows by part.
  var counts: [String: Int]

  var json: JSON {
    [
      "format": "mlflowctl-split/v1", "table": JSON(table), "parts": JSON(parts),
      "counts": .object(counts.mapValues { JSON($0) }),
    ]
  }

  init(table: Digest, parts: Digest, counts: [String: Int]) {
    self.table = table
    self.parts = parts
    self.counts = counts
  }

  init(_ digest: Digest, in store: Store) throws {
    let json = try store.readJSON(digest)
    guard json["format"]?.stringValue == "mlflowctl-split/v1", let table = json["table"]?.digestValue,
      let parts = json["parts"]?.digestValue, let counts = json["counts"]?.objectValue
    else {
      throw Problems(
        .error("not-a-split", "object \(digest.short) is not a split", help: ["run 'mlflowctl store verify'"]),
        failure: .badInput)
    }
    self.init(table: table, parts: parts, counts: counts.compactMapValues(\.intValue))
  }
}
