package import Basics

/// Rows that were read in pieces and kept aside, as a source: columns that are of different types in pieces are joined.
package struct PiecedSource: TypedSource {
  package let name: String
  package let fields: [Field]
  package let hasUntypedStrings: Bool
  private let pieces: [Piece]
  private let spool: PieceSpool
  private let contentDigest: Digest
  /// The cells that made each field wider than it was.
  private let steps: [[ColumnInference.Step]]

  private struct Piece: Sendable {
    var rowCount: Int
    /// By the position of the field; nil where the piece has no value of it.
    var columns: [PieceSpool.Kept?]
    var types: [ColumnType?]
  }

  init(_ parts: RowPieces, named name: String, digest: Digest, hasUntypedStrings: Bool) {
    self.name = name
    self.hasUntypedStrings = hasUntypedStrings
    spool = parts.spool
    contentDigest = digest
    let columns = parts.keptColumns
    steps = columns.map { parts.steps[$0] }
    fields = columns.map { Field(name: parts.names[$0], type: parts.types[$0] ?? .text) }
    pieces = parts.pieces.map { piece in
      let found = Dictionary(uniqueKeysWithValues: piece.columns.map { ($0.index, ($0.kept, $0.type)) })
      return Piece(
        rowCount: piece.rowCount, columns: columns.map { found[$0]?.0 }, types: columns.map { found[$0]?.1 })
    }
  }

  /// How the types came about, of a table that was made of this; what is declared was not inferred.
  func inferences(_ schema: Schema, declared: [String: ColumnType]) -> [ColumnInference] {
    zip(schema.fields, steps).map { field, steps in
      var steps = declared[field.name] == nil ? steps : []
      // Texts may have become something else in the end.
      if steps.last?.to == .text { steps[steps.count - 1].to = field.type }
      return ColumnInference(column: field.name, type: field.type, steps: steps)
    }
  }

  package func digest(_ cancellation: Cancellation) -> Digest { contentDigest }

  package func eachBatch(
    of columns: [Int], threads: Int, cancellation: Cancellation, _ body: (TypedBatch) throws -> Void
  ) throws {
    try decodeInOrder(count: pieces.count, threads: threads) { [self] index in
      try cancellation.check()
      let piece = pieces[index]
      return TypedBatch(
        columns: try columns.map { try column($0, of: piece) }, rowCount: piece.rowCount,
        progress: Double(index + 1) / Double(pieces.count))
    } _: {
      try body($0)
    }
  }

  private func column(_ index: Int, of piece: Piece) throws -> TypedColumn {
    let type = fields[index].type
    guard let kept = piece.columns[index], let found = piece.types[index] else {
      return TypedColumn(SegmentBuffer(type, rowCount: piece.rowCount))
    }
    let column = try spool.load(kept)
    if found == type { return column }
    let conversion = ColumnConversion(from: found, to: type, levels: LevelTable(), markers: TypedMarkers([]))
    let buffer = SegmentBuffer(type, rowCount: piece.rowCount)
    _ = conversion.convert(column, 0..<piece.rowCount, into: buffer, at: 0)
    return TypedColumn(buffer)
  }
}
