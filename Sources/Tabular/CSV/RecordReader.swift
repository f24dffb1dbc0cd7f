/// Reads a stream in windows of whole records, each cut into pieces that can be parsed side by side.
struct RecordReader {
  /// A record may have so many bytes; more is taken for a quote that is not closed.
  static var recordLimit: Int { RecordFeeder.limit }

  private let stream: any ByteStream
  private let splitter: RecordSplitter
  private var isAtEnd = false

  /// The window: from `offset` of the input.
  private(set) var buffer: [UInt8] = []
  private(set) var offset = 0
  /// Where the pieces of the window end. What lies behind the last one belongs to a record that goes on.
  private(set) var cuts: [Int] = []
  /// Bytes at the end of the window that were not in the one before.
  private(set) var freshCount = 0

  init(_ stream: any ByteStream, _ dialect: CSVDialect) {
    self.stream = stream
    splitter = RecordSplitter(dialect: dialect)
  }

  /// Moves on to the next window, of about `window` bytes in pieces of about `piece`; false when there is no more. With
  /// `waits` false, takes what a pipe has instead of waiting until the window is full, but goes on until `isEnough` of what
  /// there is. Throws what the stream throws, and `RecordTooLong` where no record ends within the limit.
  mutating func advance(
    window: Int, piece: Int, waits: Bool = true, isEnough: (UnsafeBufferPointer<UInt8>) -> Bool = { _ in true }
  ) throws -> Bool {
    if let consumed = cuts.last {
      buffer.removeFirst(consumed)
      offset += consumed
    }
    cuts = []
    freshCount = 0
    // The last window held all that was left. A terminal must not be asked twice for its end.
    if isAtEnd { return false }
    var size = max(window, buffer.count + 1)
    while true {
      try fill(to: size, waits: waits)
      cuts = buffer.withUnsafeBufferPointer { splitter.cuts($0, size: piece) }
      if isAtEnd {
        if (cuts.last ?? 0) < buffer.count { cuts.append(buffer.count) }
        return !cuts.isEmpty
      }
      if !cuts.isEmpty, buffer.withUnsafeBufferPointer(isEnough) { return true }
      if buffer.count > RecordReader.recordLimit { throw RecordTooLong(offset: offset) }
      size = buffer.count * 2
    }
  }

  /// Drops the header at the front of the first window. None of the window counts as fresh any more.
  mutating func skipHeader(_ count: Int) {
    buffer.removeFirst(count)
    offset += count
    freshCount = 0
    cuts = cuts.map { $0 - count }.filter { $0 > 0 }
  }

  /// Reads until the window has `size` bytes, or the input ends, or, without waiting, something came.
  private mutating func fill(to size: Int, waits: Bool) throws {
    let old = buffer
    buffer = try [UInt8](unsafeUninitializedCapacity: max(size, old.count)) { window, count in
      count = window.update(fromContentsOf: old)
      while count < size {
        let received = try stream.read(
          into: UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: window[count..<size])))
        if received == 0 {
          isAtEnd = true
          return
        }
        count += received
        freshCount += received
        if !waits { return }
      }
    }
  }
}

/// No record ended within `RecordReader.recordLimit` bytes of this offset.
struct RecordTooLong: Error {
  var offset: Int
  /// The line in which it begins, from 1, where that is known.
  var line = 1
}
