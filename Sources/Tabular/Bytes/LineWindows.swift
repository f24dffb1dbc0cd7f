import Glibc

/// Reads a stream in windows of whole lines.
struct LineWindows: ~Copyable {
  /// A line may have so many bytes.
  static var lineLimit: Int { RecordFeeder.limit }

  /// Bytes behind a window that can be read, whatever they are.
  private static let padding = 64

  private let stream: any ByteStream
  private var bytes: UnsafeMutablePointer<UInt8>
  private var capacity: Int
  /// Bytes in the buffer, and those of them that the last window had.
  private var filled = 0
  private var taken = 0
  private var isAtEnd = false
  /// Whether the first bytes were looked at.
  private var hasBegun = false

  /// Windows have about `window` bytes.
  init(_ stream: any ByteStream, window: Int) {
    self.stream = stream
    capacity = max(4096, window) + 1
    bytes = LineWindows.allocate(capacity)
  }

  deinit { bytes.deallocate() }

  private static func allocate(_ capacity: Int) -> UnsafeMutablePointer<UInt8> {
    let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity + padding)
    bytes.initialize(repeating: 0, count: capacity + padding)
    return bytes
  }

  /// Some whole lines. Valid until the next window is read.
  struct Window: @unchecked Sendable {
    /// The last byte is a line feed, even where the input ends without one. A byte order mark is left out.
    var lines: UnsafeBufferPointer<UInt8>
    /// The bytes as they came; those of all windows make the input.
    var raw: UnsafeRawBufferPointer
  }

  /// Bytes of the file, as it is stored, that were read.
  var consumed: Int { stream.consumed }

  /// The next window, nil at the end. With `waits` false, takes what a pipe has instead of waiting until the window is
  /// full.
  ///
  /// Throws what the stream throws, and `LineTooLong` where no line ends within the limit.
  mutating func next(waits: Bool = true) throws -> Window? {
    if taken > 0 {
      filled -= taken
      memmove(bytes, bytes + taken, filled)
      taken = 0
    }
    var searched = 0
    while true {
      if !isAtEnd {
        if filled > LineWindows.lineLimit { throw LineTooLong() }
        if filled + 1 >= capacity { grow() }
        try fill(waits: waits)
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

  /// The first bytes, without the mark that some programs put at the front of UTF-8.
  private mutating func window(_ count: Int, raw rawCount: Int) -> Window {
    taken = count
    let skipped = !hasBegun && count >= 3 && bytes[0] == 0xEF && bytes[1] == 0xBB && bytes[2] == 0xBF ? 3 : 0
    hasBegun = true
    return Window(
      lines: UnsafeBufferPointer(start: bytes + skipped, count: count - skipped),
      raw: UnsafeRawBufferPointer(start: bytes, count: rawCount))
  }

  private mutating func grow() {
    let larger = LineWindows.allocate(capacity * 2)
    larger.update(from: bytes, count: filled)
    bytes.deallocate()
    bytes = larger
    capacity *= 2
  }

  /// Reads until the buffer is full but for one byte, or the input ends, or, without waiting, something came.
  private mutating func fill(waits: Bool) throws {
    while filled + 1 < capacity {
      let room = UnsafeMutableRawBufferPointer(start: bytes + filled, count: capacity - 1 - filled)
      let count = try stream.read(into: room)
      if count == 0 {
        isAtEnd = true
        return
      }
      filled += count
      if !waits { return }
    }
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// Cuts whole lines into parts of whole lines, of about `size` bytes each.
  func cut(atLines size: Int) -> [Range<Int>] {
    var cuts: [Range<Int>] = []
    var start = 0
    while start < count {
      var end = Swift.min(start + size, count)
      while end < count, self[end - 1] != lineFeed { end += 1 }
      cuts.append(start..<end)
      start = end
    }
    return cuts
  }
}

/// No line ended within `LineWindows.lineLimit` bytes.
struct LineTooLong: Error {}
