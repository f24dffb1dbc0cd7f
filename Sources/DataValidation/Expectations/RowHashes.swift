import Basics
import Statistics
import Tabular

/// Two hashes of every row, of values as canonical text; a missing value is one of its own.
struct RowHashes {
  struct Value: Hashable {
    var first: UInt64
    var second: UInt64
  }

  private var firsts: [UInt64]
  private var seconds: [UInt64]

  /// O(rows × columns). Throws `Cancelled`.
  init(_ columns: [Column], rowCount: Int, _ cancellation: Cancellation) throws {
    firsts = [UInt64](repeating: 1, count: rowCount)
    seconds = [UInt64](repeating: 2, count: rowCount)
    for column in columns {
      // Levels once; other values row by row.
      let levels = column.dictionary.map(Self.hash)
      var codes = [Int32](repeating: 0, count: column.type == .category ? rowCount : 0)
      if column.type == .category { codes.withUnsafeMutableBufferPointer { column.readCodes(0..<rowCount, into: $0) } }
      for row in 0..<rowCount {
        if row % 8192 == 0 { try cancellation.check() }
        let hash =
          column.type == .category
          ? codes[row] < 0 ? 0 : levels[Int(codes[row])] : column.text(row).map(Self.hash) ?? 0
        firsts[row] = valueHash(firsts[row] &* 3 &+ hash)
        seconds[row] = valueHash(seconds[row] ^ (hash &* 0x9E37_79B9_7F4A_7C15))
      }
    }
  }

  private static func hash(_ text: String) -> UInt64 {
    var text = text
    return text.withUTF8 { valueHash($0) | 1 }
  }

  subscript(row: Int) -> Value { Value(first: firsts[row], second: seconds[row]) }
}
