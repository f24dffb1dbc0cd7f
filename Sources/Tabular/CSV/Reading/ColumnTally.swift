/// What one thread found in the cells of one column within a row group.
struct ColumnTally {
  var evidence = ColumnEvidence()
  /// Cells that the plan cannot store.
  var misfits = ColumnEvidence()
  /// Of a category: how often each known level came, and where it came first.
  var levelCounts: [Int] = []
  var levelFirsts: [CellPosition?] = []
  /// Levels that were not known, with the same of each.
  var newLevels = LevelTable()
  var newCounts: [Int] = []
  var newFirsts: [CellPosition] = []
  /// Of a text: its distinct values as long as they could be those of a category.
  var textLevels: LevelTable? = LevelTable()
  /// The texts of the piece at hand.
  var textBytes: UnsafeMutablePointer<UInt8>?
  var textCount = 0
  private var textCapacity = 0

  init(_ plan: ColumnPlan) {
    guard plan.mode == .category else { return }
    levelCounts = [Int](repeating: 0, count: plan.levels.count)
    levelFirsts = [CellPosition?](repeating: nil, count: plan.levels.count)
  }
}

extension ColumnTally {
  /// The code of a cell of a category, whose known levels are `levels`. `position` is where it stands.
  @inline(__always)
  mutating func code(
    of content: UnsafeBufferPointer<UInt8>, _ levels: LevelTable, _ codes: ProvisionalCode,
    at position: @autoclosure () -> CellPosition
  ) -> Int32 {
    if let level = levels.index(of: content) {
      if levelCounts[level] == 0 { levelFirsts[level] = position() }
      levelCounts[level] += 1
      return Int32(truncatingIfNeeded: level)
    }
    let level = newLevels.insert(content)
    if level == newCounts.count {
      newCounts.append(0)
      newFirsts.append(position())
    }
    newCounts[level] += 1
    return codes.code(level)
  }

  /// Begins the texts of a piece, for `appendText`.
  mutating func beginText(capacity: Int) {
    textBytes = .allocate(capacity: capacity)
    (textCount, textCapacity) = (0, capacity)
  }

  /// Keeps a text of the piece at hand, whatever room it needs.
  @inline(__always)
  mutating func appendText(_ text: UnsafeBufferPointer<UInt8>) {
    if textCount + text.count > textCapacity { growText(text.count) }
    if let textBytes, let source = text.baseAddress {
      (textBytes + textCount).update(from: source, count: text.count)
      textCount += text.count
    }
  }

  private mutating func growText(_ more: Int) {
    guard let small = textBytes else { return }
    textCapacity = max(textCount + more, textCapacity * 2)
    let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: textCapacity)
    larger.update(from: small, count: textCount)
    small.deallocate()
    textBytes = larger
  }

  /// Counts a cell of a text among the levels that it could have.
  @inline(__always)
  mutating func noteTextLevel(_ content: UnsafeBufferPointer<UInt8>) {
    guard textLevels != nil else { return }
    textLevels?.insert(content)
    if textLevels?.count ?? 0 > TypeInference.manyLevels { textLevels = nil }
  }
}

/// The codes of levels that one reader among several found, until all readers are done.
struct ProvisionalCode {
  private let reader, readerCount: Int

  init(_ reader: Int, of readerCount: Int) { (self.reader, self.readerCount) = (reader, readerCount) }

  /// Below -1, and no other reader has it.
  func code(_ level: Int) -> Int32 { Int32(-2 - (level * readerCount + reader)) }

  /// Reader and level of such a code.
  static func origin(of code: Int32, readerCount: Int) -> (reader: Int, level: Int) {
    let index = Int(-2 - code)
    return (index % readerCount, index / readerCount)
  }
}
