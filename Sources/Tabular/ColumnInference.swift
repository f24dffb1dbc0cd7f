/// How the type of a column came about: what its cells looked like from the first to the last, and which of them made it wider.
package struct ColumnInference: Sendable, Hashable {
  package var column: String
  package var type: ColumnType
  /// In the order of the source; none where every cell is what the type says, or it was declared.
  package var steps: [Step]

  /// A cell that the type so far could not hold.
  package struct Step: Sendable, Hashable {
    /// Nil where no cell held a value before.
    package var from: ColumnType?
    package var to: ColumnType
    /// Where the cell stands in a text, or its row, counted from 1, where the source has no lines.
    package var line: Int?
    package var row: Int?
    /// What is written there, the beginning of it where it is long.
    package var text: String

    package init(from: ColumnType?, to: ColumnType, line: Int? = nil, row: Int? = nil, text: String) {
      self.from = from
      self.to = to
      self.line = line
      self.row = row
      self.text = text.unicodeScalars.count > 80 ? String(text.unicodeScalars.prefix(79)) + "…" : text
    }
  }

  package init(column: String, type: ColumnType, steps: [Step]) {
    self.column = column
    self.type = type
    self.steps = steps
  }
}
