package import Tabular

/// Cells of one category that the training rows had nothing like: what a model scores them as is no answer to what they say.
package struct UnseenLevels: Sendable, Hashable {
  /// What such a cell counts as.
  package enum Substitute: Sendable, Hashable {
    /// The column that the rare levels share.
    case rare
    /// The levels of the column that a fit without a penalty leaves out.
    case baseline([String])
    /// 0 in all columns of the category.
    case nothing
  }

  /// The column of the table.
  package var column: String
  package var substitute: Substitute
  /// Rows with a level that is not known, and the first such level.
  package var rows = 0
  package var example: String?
  /// Rows where the cell is missing, if none was in training.
  package var missing = 0

  fileprivate init(_ feature: OneHotFeature) {
    column = feature.input
    substitute =
      if feature.columns.contains(where: \.takesUnknown) {
        .rare
      } else {
        feature.baseline.isEmpty ? .nothing : .baseline(feature.baseline)
      }
  }

  /// The same with the rows of another part of the same data.
  package func adding(_ other: UnseenLevels) -> UnseenLevels {
    var sum = self
    sum.rows += other.rows
    sum.missing += other.missing
    sum.example = example ?? other.example
    return sum
  }

  fileprivate mutating func note(_ level: String) {
    rows += 1
    if example == nil { example = level }
  }
}

extension Encoder {
  /// The cells of one-hot categories in `rows` that the encoder has seen nothing like in training, by column; columns without
  /// any are left out. O(rows) for each such column.
  package func unseenLevels(in table: Table, rows: RowSelection) -> [UnseenLevels] {
    features.compactMap { feature -> UnseenLevels? in
      guard case .oneHot(let oneHot) = feature, let column = table.column(named: oneHot.input) else { return nil }
      let unseen = oneHot.unseen(in: column, rows)
      return unseen.rows + unseen.missing > 0 ? unseen : nil
    }
  }
}

extension OneHotFeature {
  fileprivate func unseen(in column: Tabular.Column, _ rows: RowSelection) -> UnseenLevels {
    var unseen = UnseenLevels(self)
    let knowsMissing = columns.contains(where: \.takesMissing)
    // By bytes: Swift strings that differ only in Unicode normalisation are equal, levels are not.
    let known = Set((columns.flatMap(\.levels) + baseline).map { Array($0.utf8) })
    if column.type.isNumeric {
      // All of it is missing, or it could not be encoded.
      if !knowsMissing { unseen.missing = rows.count(of: column.rowCount) }
    } else if column.type == .category {
      let isKnown = column.dictionary.map { known.contains(Array($0.utf8)) }
      if knowsMissing || column.missingCount == 0, !isKnown.contains(false) { return unseen }
      var codes = [Int32](repeating: 0, count: RowSelection.blockRows)
      rows.eachBlock(of: column.rowCount) { block, selected in
        codes.withUnsafeMutableBufferPointer {
          column.readCodes(block, into: UnsafeMutableBufferPointer(rebasing: $0[..<block.count]))
        }
        for row in selected ?? ArraySlice(block) {
          let code = Int(codes[row - block.lowerBound])
          if code < 0 {
            unseen.missing += knowsMissing ? 0 : 1
          } else if !isKnown[code] {
            unseen.note(column.dictionary[code])
          }
        }
      }
    } else {
      rows.eachBlock(of: column.rowCount) { block, selected in
        for row in selected ?? ArraySlice(block) {
          guard let text = column.text(row) else {
            unseen.missing += knowsMissing ? 0 : 1
            continue
          }
          if !known.contains(Array(text.utf8)) { unseen.note(text) }
        }
      }
    }
    return unseen
  }
}
