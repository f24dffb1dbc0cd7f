/// Reads pieces of text into the memory of a row group. Used by one thread at a time.
protocol GroupReader: AnyObject, Sendable {
  /// Holds the piece to be read.
  var text: TextBuffer { get }
  /// What was found in the group at hand, by column and by piece.
  var tallies: [ColumnTally] { get }
  var outcomes: [PieceOutcome] { get }

  /// Begins a row group: `columns` take what `plans` say.
  func begin(_ plans: [ColumnPlan], _ columns: [GroupColumn])

  /// Reads the piece that is in `text`.
  func read(_ piece: Piece)
}
