import Basics

/// Decides how row groups are written: column by column, or in one call.
///
/// In one call the system's cache holds a group in blocks of 2 MiB, which are mapped and read for much less than as many
/// pages. That pays for a large table, over which training makes many passes. But such blocks can be dear to get: a virtual
/// machine may have to ask its host for them. So it is tried from 128 MiB on, and left alone for a while where it takes the
/// processor more than twice as long as writing by columns did. The bytes are the same.
struct WritingPace {
  /// Groups that are written by columns after one that took long.
  static let pause = 16

  /// Bytes of the file before the first try, and of a message that tells anything.
  private let from, leastSize: Int
  /// Nanoseconds a byte by columns, the least so far.
  private var byColumns = Double.infinity
  /// Groups until the next try.
  private var waiting = 0

  init(from: Int = 128 << 20, leastSize: Int = 4 << 20) { (self.from, self.leastSize) = (from, leastSize) }

  /// Calls `write` for a message of `size` bytes, telling whether to write it in one call.
  mutating func write(_ size: Int, at position: Int, _ write: (_ isWhole: Bool) throws -> Void) rethrows {
    let isWhole = position >= from && waiting == 0 && size >= leastSize
    let start = threadProcessorTime()
    try write(isWhole)
    guard size >= leastSize else { return }
    let pace = Double(threadProcessorTime() - start) / Double(size)
    if !isWhole {
      byColumns = min(byColumns, pace)
      waiting = max(0, waiting - 1)
    } else if pace > 2 * byColumns {
      waiting = Self.pause
    }
  }
}
