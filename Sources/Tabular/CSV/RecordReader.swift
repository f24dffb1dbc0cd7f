import Basics
import Glibc

/// Reads a descriptor in windows of whole records, each cut into pieces that can be parsed side by side.
struct RecordReader {
  /// A record may have so many bytes; more is taken for a quote that is not closed.
  static let recordLimit = 256 << 20

  private let descriptor: Int32
  private let path: String
  /// Where to read next in a file; nil reads on from where the descriptor is, as for a pipe.
  private var position: Int?
  private let end: Int
  private let splitter: RecordSplitter
  private var isAtEnd = false

  /// The window: from `offset` of the input.
  private(set) var buffer: [UInt8] = []
  private(set) var offset: Int
  /// Where the pieces of the window end. What lies behind the last one belongs to a record that goes on.
  private(set) var cuts: [Int] = []
  /// Bytes at the end of the window that were not in the one before.
  private(set) var freshCount = 0

  /// Reads `range` of the file behind `descriptor`, or all that comes from it when nil. `path` is for messages.
  init(_ descriptor: Int32, path: String, range: Range<Int>?, delimiter: UInt8) {
    self.descriptor = descriptor
    self.path = path
    position = range?.lowerBound
    end = range?.upperBound ?? .max
    offset = range?.lowerBound ?? 0
    splitter = RecordSplitter(delimiter: delimiter)
  }

  /// Moves on to the next window, of about `window` bytes in pieces of about `piece`; false when there is no more. With
  /// `waits` false, takes what a pipe has instead of waiting until the window is full. Throws `FileError`, and
  /// `RecordTooLong` where no record ends within the limit.
  mutating func advance(window: Int, piece: Int, waits: Bool = true) throws -> Bool {
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
      if !cuts.isEmpty { return true }
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
        let limit = min(size - count, end - (position ?? 0))
        let target = window.baseAddress.map { $0 + count }
        let received = position.map { pread(descriptor, target, limit, $0) } ?? read(descriptor, target, limit)
        if received < 0 {
          if errno == EINTR { continue }
          throw FileError("read", path)
        }
        if received == 0 {
          isAtEnd = true
          return
        }
        count += received
        freshCount += received
        position = position.map { $0 + received }
        if !waits { return }
      }
    }
  }
}

/// No record ended within `RecordReader.recordLimit` bytes of this offset.
struct RecordTooLong: Error {
  var offset: Int
}
