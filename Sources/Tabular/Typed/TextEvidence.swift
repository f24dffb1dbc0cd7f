/// What has been seen of a column of strings: how many there are, their distinct values as long as they are few, and
/// whether all of them are dates or timestamps.
struct TextEvidence {
  private(set) var presentCount = 0
  /// The distinct values; nil once there are more than `levelLimit`.
  private(set) var levels: LevelTable? = LevelTable()
  private let levelLimit: Int
  private let markers: TypedMarkers
  /// Types that every string so far can be.
  private(set) var candidates: [ColumnType]
  private let isLabel: Bool

  /// `isLabel` says that the column is a category whatever it holds; `isUntyped` that its strings may be dates.
  init(isLabel: Bool, isUntyped: Bool, markers: TypedMarkers) {
    levelLimit = isLabel ? TypeInference.declaredLevels : TypeInference.manyLevels
    candidates = isUntyped && !isLabel ? TextEvidence.readable : []
    self.isLabel = isLabel
    self.markers = markers
  }

  /// What strings may stand for, in the order of preference.
  private static let readable: [ColumnType] = [.date, .timestamp]

  /// Adds some rows.
  mutating func add(_ column: TypedColumn) {
    let segment = column.buffer.segment
    if let levels = column.levels {
      let levels = levels.segment
      var counts = [Int](repeating: 0, count: levels.rowCount)
      for row in 0..<segment.rowCount where !segment.isMissing(row) { counts[Int(segment.int32(row))] += 1 }
      for level in 0..<levels.rowCount where counts[level] > 0 { add(levels.text(level), count: counts[level]) }
    } else {
      for row in 0..<segment.rowCount where !segment.isMissing(row) { add(segment.text(row), count: 1) }
    }
  }

  private mutating func add(_ text: UnsafeBufferPointer<UInt8>, count: Int) {
    if markers.contains(text) { return }
    presentCount += count
    if !candidates.isEmpty { candidates.removeAll { !$0.canRead(text) } }
    if levels == nil { return }
    levels?.insert(text)
    if let levels, levels.count > levelLimit { self.levels = nil }
  }

  /// The type that follows, by the rule of `TypeInference`.
  var type: ColumnType {
    if presentCount == 0 { return isLabel ? .category : .text }
    if let type = candidates.first { return type }
    guard let levels else { return .text }
    let isCategory =
      isLabel || levels.count <= TypeInference.fewLevels || levels.count * 2 <= presentCount
    return isCategory ? .category : .text
  }
}

extension ColumnType {
  fileprivate func canRead(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    self == .date ? parseDate(text) != nil : parseInstant(text) != nil
  }
}
