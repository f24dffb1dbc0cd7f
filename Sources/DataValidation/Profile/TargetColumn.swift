import Tabular

/// The column that others are held beside: a number, or one of a few classes.
struct TargetColumn: Sendable {
  let column: Column
  /// How many classes there are; nil for a number.
  let classes: Int?

  /// The most classes of a target.
  static let classLimit = 256

  /// Nil for text, sparse rows, and more than `classLimit` classes.
  init?(_ column: Column) {
    if column.type == .category {
      guard column.dictionary.count <= Self.classLimit else { return nil }
      classes = column.dictionary.count
    } else {
      guard column.type.isNumeric else { return nil }
      classes = nil
    }
    self.column = column
  }

  /// The numbers of a block; NaN where missing.
  func numbers(_ block: RowBlocks.Block) -> [Double] {
    var all = [Double](repeating: 0, count: block.rows.count)
    all.withUnsafeMutableBufferPointer { column.readNumbers(block.rows, into: $0) }
    return block.places.map { $0.map { all[$0] } } ?? all
  }

  /// The classes of a block; −1 where missing.
  func codes(_ block: RowBlocks.Block) -> [Int32] {
    var all = [Int32](repeating: 0, count: block.rows.count)
    all.withUnsafeMutableBufferPointer { column.readCodes(block.rows, into: $0) }
    return block.places.map { $0.map { all[$0] } } ?? all
  }
}
