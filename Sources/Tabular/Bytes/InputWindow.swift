/// The compressed bytes that a decompressor has in hand.
struct InputWindow: ~Copyable {
  private let memory: UnsafeMutableRawBufferPointer
  private let stream: any ByteStream
  private var range = 0..<0
  private(set) var isAtEnd = false
  /// Offset of the next byte in the file.
  private(set) var offset = 0

  init(_ stream: any ByteStream, size: Int = 256 << 10) {
    self.stream = stream
    memory = .allocate(byteCount: size, alignment: 64)
  }

  deinit { memory.deallocate() }

  /// What was read and not taken yet.
  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[range]) }

  mutating func take(_ count: Int) {
    range = range.lowerBound + count..<range.upperBound
    offset += count
  }

  /// Reads more where nothing is left.
  mutating func refill() throws {
    guard range.isEmpty, !isAtEnd else { return }
    let count = try stream.read(into: memory)
    range = 0..<count
    isAtEnd = count == 0
  }
}
