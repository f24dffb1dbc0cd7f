package import Basics

/// A source whose cells have types already, such as a Parquet file or a database: what `ingestTyped` reads.
///
/// It can be read from the start any number of times, always with the same rows in the same order; one that changes
/// meanwhile throws. A reading holds a few batches in memory, whatever the size of the source, and asks its `Cancellation`
/// at least every 50 ms or so.
package protocol TypedSource: Sendable {
  /// What messages call the source.
  var name: String { get }

  /// The columns. Those of strings are `text`, whatever becomes of them; `category` where the source itself says that its
  /// strings are labels, such as an Arrow dictionary column. Names may be bad or double: `ingestTyped` tells.
  var fields: [Field] { get }

  /// Whether strings may stand for dates and times, because the format has no such types (JSON, SQLite): a column whose
  /// strings all read as such becomes one, as in a CSV file.
  var hasUntypedStrings: Bool { get }

  /// The digest that names the content: of the bytes of a file, of the rows of a database.
  func digest(_ cancellation: Cancellation) throws -> Digest

  /// Calls `body`, on the calling thread, with all rows, batch after batch in order, holding `columns` (positions in
  /// `fields`, ascending) and nothing else. At most `threads` threads may decode at once; see `decodeInOrder`.
  ///
  /// Batches have any number of rows from 1 on. Those of `ArrowFormat.rowsPerGroup(columns: fields.count)` rows are stored
  /// without being copied; no batch should have more, so that memory stays bounded.
  func eachBatch(
    of columns: [Int], threads: Int, cancellation: Cancellation, _ body: (TypedBatch) throws -> Void
  ) throws
}

extension TypedSource {
  package var hasUntypedStrings: Bool { false }
}

/// Some rows of a typed source.
package struct TypedBatch: Sendable {
  /// One for each column that was asked for, all of `rowCount` rows.
  var columns: [TypedColumn]
  var rowCount: Int
  /// The share of the source that is read with this batch, from 0 to 1.
  var progress: Double
}

/// Some rows of a column of a typed source.
struct TypedColumn: Sendable {
  /// Of the type of the field; or a `category` with codes into `levels`, for a field of strings.
  var buffer: SegmentBuffer
  /// What the codes mean in this batch: a `text` buffer, a level a row, in any order, all of them present.
  var levels: SegmentBuffer?

  init(_ buffer: SegmentBuffer, levels: SegmentBuffer? = nil) {
    self.buffer = buffer
    self.levels = levels
  }
}
