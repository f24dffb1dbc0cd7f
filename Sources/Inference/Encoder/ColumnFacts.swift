import Basics
import Statistics
import Tabular

/// What fitting an encoder needs to know of one column.
struct ColumnFacts: Sendable {
  /// Of the column (nil), or of each part of its dates.
  var numbers: [DatePart?: NumberStatistics] = [:]
  /// The weight of the rows of each level, by its code, and of those where the level is missing.
  var levels: [Double] = []
  var missingLevel = 0.0
  /// Of a sparse column, the indices with a number other than 0 somewhere, ascending.
  var indices: [Int32] = []
  /// Of text, whether some row has any.
  var hasText = false

  /// Whether nothing but missing numbers was found.
  var isEmpty: Bool { numbers.values.allSatisfy { $0.count == 0 } }

  /// The facts of each column, several at once; they do not depend on `threads`. What was read of a mapped table is let go
  /// of.
  static func all(
    of columns: [Column], rows: RowSelection, weights: [Double]?, settings: EncoderSettings, threads: Int
  ) -> [ColumnFacts] {
    let mask = rows.mask(of: columns.first?.rowCount ?? 0)
    return parallelMap(count: columns.count, threads: threads) { index in
      let facts = ColumnFacts(columns[index], rows, mask, weights, settings)
      columns[index].noteRead()
      return facts
    }
  }

  private init(
    _ column: Column, _ rows: RowSelection, _ mask: RowMask?, _ weights: [Double]?, _ settings: EncoderSettings
  ) {
    func statistics(_ part: DatePart?) -> NumberStatistics {
      NumberStatistics(
        NumberSource(column: column, part: part, selection: rows, mask: mask, weights: weights),
        impute: settings.impute, needsMoments: settings.scale == .standard)
    }
    switch column.type {
    case .integer, .number, .boolean: numbers[nil] = statistics(nil)
    case .date, .timestamp: for part in settings.dateParts { numbers[part] = statistics(part) }
    case .category: countLevels(column, rows, weights)
    case .text:
      hasText =
        column.missingCount < column.rowCount && rows.contains(of: column.rowCount) { !column.isMissing($0) }
    case .sparse: indices = seenIndices(column, rows)
    }
  }

  private func seenIndices(_ column: Column, _ rows: RowSelection) -> [Int32] {
    var seen = IndexSet()
    rows.eachBlock(of: column.rowCount) { block, selected in
      for row in selected ?? ArraySlice(block) {
        column.eachSparseRow(row..<row + 1) { _, indices, numbers in
          for entry in indices.indices where numbers[entry] != 0 && indices[entry] >= 0 { seen.insert(indices[entry]) }
        }
      }
    }
    return seen.sorted
  }

  private mutating func countLevels(_ column: Column, _ rows: RowSelection, _ weights: [Double]?) {
    var counts = [Double](repeating: 0, count: column.dictionary.count)
    var missing = 0.0
    var at = 0
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: RowSelection.blockRows) { buffer in
      buffer.initialize(repeating: 0)
      rows.eachBlock(of: column.rowCount) { block, selected in
        let codes = UnsafeMutableBufferPointer(rebasing: buffer[0..<block.count])
        column.readCodes(block, into: codes)
        for row in selected ?? ArraySlice(block) {
          let code = Int(codes[row - block.lowerBound])
          let weight = weights?[at] ?? 1
          if code < 0 { missing += weight } else { counts[code] += weight }
          at += 1
        }
      }
    }
    levels = counts
    missingLevel = missing
  }
}
