import Tabular

/// Counts of levels.
struct CategorySummary: Sendable {
  private(set) var levels: [String]
  private(set) var counts: [Int]
  private(set) var present = 0

  init(levels: [String]) {
    self.levels = levels
    counts = [Int](repeating: 0, count: levels.count)
  }

  /// Takes codes; −1 is missing.
  mutating func insert(_ codes: UnsafeBufferPointer<Int32>) {
    let most = Int(codes.max() ?? -1)
    if most >= counts.count { counts += [Int](repeating: 0, count: most + 1 - counts.count) }
    counts.withUnsafeMutableBufferPointer { counts in
      for code in codes where code >= 0 {
        counts[Int(code)] += 1
        present += 1
      }
    }
  }

  /// Says what the codes mean: code c is level `positions[c]`.
  mutating func settle(_ levels: [String], positions: [Int32]) {
    var settled = [Int](repeating: 0, count: levels.count)
    for (code, count) in counts.enumerated() where count > 0 { settled[Int(positions[code])] += count }
    self.levels = levels
    counts = settled
  }

  /// The levels that occur, most frequent first, equally frequent ones by their bytes.
  var occurring: [ColumnProfile.ValueCount] {
    zip(levels, counts).filter { $0.1 > 0 }
      .sorted { $0.1 != $1.1 ? $0.1 > $1.1 : $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) }
      .map { ColumnProfile.ValueCount(value: $0.0, count: $0.1) }
  }

  var lengths: LengthSummary {
    var lengths = LengthSummary()
    for (level, count) in zip(levels, counts) where count > 0 { lengths.insert(level.unicodeScalars.count, count) }
    return lengths
  }
}
