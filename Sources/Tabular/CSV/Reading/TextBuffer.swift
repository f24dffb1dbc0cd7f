import Glibc

/// Bytes of text with room around them that kernels may read: `margin` bytes before the start and behind the end.
///
/// Filled by one thread, then read by one.
final class TextBuffer: @unchecked Sendable {
  static let margin = 64

  private var memory: UnsafeMutablePointer<UInt8>
  private(set) var capacity: Int
  private(set) var count = 0

  init(capacity: Int = 1 << 16) {
    self.capacity = capacity
    memory = TextBuffer.allocate(capacity)
  }

  deinit { memory.deallocate() }

  private static func allocate(_ capacity: Int) -> UnsafeMutablePointer<UInt8> {
    let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity + 2 * margin)
    memory.initialize(repeating: 0, count: margin)
    return memory
  }

  /// The first byte.
  var start: UnsafeMutablePointer<UInt8> { memory + TextBuffer.margin }

  var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: start, count: count) }

  func removeAll() { count = 0 }

  /// Makes room for so many bytes in all.
  func reserve(_ needed: Int) {
    if needed <= capacity { return }
    let larger = max(needed, capacity * 2)
    let grown = TextBuffer.allocate(larger)
    (grown + TextBuffer.margin).update(from: start, count: count)
    memory.deallocate()
    (memory, capacity) = (grown, larger)
  }

  func append(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard let source = bytes.baseAddress else { return }
    reserve(count + bytes.count)
    (start + count).update(from: source, count: bytes.count)
    count += bytes.count
  }

  func append(_ byte: UInt8) {
    reserve(count + 1)
    start[count] = byte
    count += 1
  }

  /// Drops the last bytes.
  func truncate(to count: Int) { self.count = min(self.count, count) }

  /// Appends up to `limit` bytes that `read` stores and counts; 0 at the end of the input.
  func fill(_ limit: Int, _ read: (UnsafeMutableRawBufferPointer) throws -> Int) rethrows -> Int {
    reserve(count + limit)
    let received = try read(UnsafeMutableRawBufferPointer(start: start + count, count: limit))
    count += received
    return received
  }
}
