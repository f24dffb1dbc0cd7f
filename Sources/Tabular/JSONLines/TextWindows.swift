import Basics
import Glibc

/// Reads a stream in windows of whole lines; as `LineWindows` does a descriptor.
struct TextWindows: ~Copyable {
  /// Bytes behind a window that can be read, whatever they are.
  static let padding = 64

  private let stream: any ByteStream
  private var bytes: UnsafeMutablePointer<UInt8>
  private var capacity: Int
  /// Bytes in the buffer, and those of them that the last window had.
  private var filled = 0
  private var taken = 0
  private var isAtEnd = false
  private var hasBegun = false

  /// Windows have about `window` bytes.
  init(_ stream: any ByteStream, window: Int) {
    self.stream = stream
    capacity = max(4096, window) + 1
    bytes = .allocate(capacity: capacity + TextWindows.padding)
    bytes.initialize(repeating: 0, count: capacity + TextWindows.padding)
  }

  deinit { bytes.deallocate() }

  /// Some whole lines. Valid until the next window is read.
  struct Window: @unchecked Sendable {
    /// The last byte is a line feed, even where the input ends without one. A byte order mark is left out.
    var lines: UnsafeBufferPointer<UInt8>
    /// The bytes as they came; those of all windows make the input.
    var raw: UnsafeRawBufferPointer
  }

  /// Bytes of the file, as it is stored, that were read.
  var consumed: Int { stream.consumed }

  /// The next window, nil at the end. Throws what the stream throws, and `LineTooLong` where no line ends within
  /// `LineWindows.lineLimit` bytes.
  mutating func next() throws -> Window? {
    filled -= taken
    if taken > 0 { memmove(bytes, bytes + taken, filled) }
    taken = 0
    var searched = 0
    while true {
      if !isAtEnd {
        if filled > LineWindows.lineLimit { throw LineTooLong() }
        if filled + 1 >= capacity { grow() }
        let room = UnsafeMutableRawBufferPointer(start: bytes + filled, count: capacity - 1 - filled)
        let count = try stream.fill(room)
        isAtEnd = count < room.count
        filled += count
      }
      if isAtEnd {
        if filled == 0 { return nil }
        let count = filled
        if bytes[filled - 1] != lineFeed {
          bytes[filled] = lineFeed
          filled += 1
        }
        return window(filled, raw: count)
      }
      var count = filled
      while count > searched, bytes[count - 1] != lineFeed { count -= 1 }
      if count > searched { return window(count, raw: count) }
      searched = filled
    }
  }

  private mutating func window(_ count: Int, raw rawCount: Int) -> Window {
    taken = count
    let skipped = !hasBegun && count >= 3 && bytes[0] == 0xEF && bytes[1] == 0xBB && bytes[2] == 0xBF ? 3 : 0
    hasBegun = true
    return Window(
      lines: UnsafeBufferPointer(start: bytes + skipped, count: count - skipped),
      raw: UnsafeRawBufferPointer(start: bytes, count: rawCount))
  }

  private mutating func grow() {
    let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity * 2 + TextWindows.padding)
    larger.initialize(repeating: 0, count: capacity * 2 + TextWindows.padding)
    larger.update(from: bytes, count: filled)
    bytes.deallocate()
    bytes = larger
    capacity *= 2
  }
}
