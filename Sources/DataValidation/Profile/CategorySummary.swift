import Tabular

/// Counts of levels.
struct CategorySummary: Sendable {
  private(set) var levels: [String]
  private(set) var counts: [Int]
  private(set) var present = 0
  /// Places of the levels by their bytes, once groups with different levels have met.
  private var places: [[UInt8]: Int]?

  init(levels: [String]) {
    self.levels = levels
    counts = [Int](repeating: 0, count: levels.count)
  }

  /// Takes codes into `levels`; −1 is missing.
  mutating func insert(_ codes: UnsafeBufferPointer<Int32>) {
    counts.withUnsafeMutableBufferPointer { counts in
      for code in codes where code >= 0 {
        counts[Int(code)] += 1
        present += 1
      }
    }
  }

  mutating func merge(_ later: CategorySummary) {
    present += later.present
    if places == nil, hasLevels(of: later) {
      for index in counts.indices { counts[index] += later.counts[index] }
      return
    }
    var places = self.places ?? Dictionary(uniqueKeysWithValues: zip(levels.map { Array($0.utf8) }, levels.indices))
    for (level, count) in zip(later.levels, later.counts) where count > 0 {
      if let place = places[Array(level.utf8)] {
        counts[place] += count
      } else {
        places[Array(level.utf8)] = levels.count
        levels.append(level)
        counts.append(count)
      }
    }
    self.places = places
  }

  private func hasLevels(of other: CategorySummary) -> Bool {
    guard levels.count == other.levels.count else { return false }
    let isSame = levels.withUnsafeBufferPointer { mine in
      other.levels.withUnsafeBufferPointer { mine.baseAddress == $0.baseAddress }
    }
    return isSame || zip(levels, other.levels).allSatisfy { $0.utf8.elementsEqual($1.utf8) }
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
