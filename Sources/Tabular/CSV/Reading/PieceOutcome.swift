/// What came of a piece.
struct PieceOutcome: Sendable {
  var piece: Piece
  /// Rows stored, from the piece's first on, bad ones among them.
  var rowCount: Int
  /// Rows within the piece that hold a cell that a declared type cannot, ascending.
  var badRows: [Int]
  var rejected: [Rejection]

  /// The rows of the group that are kept.
  var keptRows: [Range<Int>] {
    var ranges: [Range<Int>] = []
    var start = 0
    for row in badRows + [rowCount] {
      if row > start { ranges.append(piece.firstRow + start..<piece.firstRow + row) }
      start = row + 1
    }
    return ranges
  }
}

/// A record that is no row, with all that a person should know.
struct Rejection: Sendable {
  var reason: RejectedRecord.Reason
  /// Its line in the file, counted from 1.
  var line: Int
  /// Where it begins, and where the flaw shows, in the text.
  var offset, flawOffset: Int
  var piece: Piece
  /// The bytes of the record, where they are to be kept.
  var record: [UInt8]
}
