package import Tabular

extension Encoder {
  /// How many of `rows` have a level that the encoder has not seen in training, by column; columns without any are left
  /// out. Such a row is 0 in all columns of the category, or goes to the one of the rare levels.
  package func unseenLevels(in table: Table, rows: RowSelection) -> [(column: String, rows: Int)] {
    features.compactMap { feature in
      guard case .oneHot(let oneHot) = feature, let column = table.column(named: oneHot.input), !column.type.isNumeric
      else { return nil }
      // By bytes: Swift strings that differ only in Unicode normalisation are equal, levels are not.
      let known = Set((oneHot.columns.flatMap(\.levels) + oneHot.baseline).map { Array($0.utf8) })
      var count = 0
      if column.type == .category {
        let isKnown = column.dictionary.map { known.contains(Array($0.utf8)) }
        var codes = [Int32](repeating: 0, count: RowSelection.blockRows)
        rows.eachBlock(of: column.rowCount) { block, selected in
          codes.withUnsafeMutableBufferPointer {
            column.readCodes(block, into: UnsafeMutableBufferPointer(rebasing: $0[..<block.count]))
          }
          for row in selected ?? ArraySlice(block) {
            let code = Int(codes[row - block.lowerBound])
            if code >= 0, !isKnown[code] { count += 1 }
          }
        }
      } else {
        rows.eachBlock(of: column.rowCount) { block, selected in
          for row in selected ?? ArraySlice(block) {
            if let text = column.text(row), !known.contains(Array(text.utf8)) { count += 1 }
          }
        }
      }
      return count > 0 ? (oneHot.input, count) : nil
    }
  }
}
