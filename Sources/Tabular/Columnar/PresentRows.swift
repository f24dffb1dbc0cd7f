/// The rows that have a value, one after the other.
struct PresentRows {
  private let levels: UnsafePointer<UInt32>?
  private let first: Int
  private let end: Int
  private(set) var next: Int

  /// `levels` begin at `next`; nil where every row has a value.
  init(levels: UnsafePointer<UInt32>?, next: Int, end: Int) {
    self.levels = levels
    first = next
    self.next = next
    self.end = end
  }

  @inline(__always)
  mutating func take() -> Int {
    if let levels {
      while next < end - 1, levels[next - first] == 0 { next += 1 }
    }
    next += 1
    return next - 1
  }
}
