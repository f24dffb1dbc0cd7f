import Basics

/// Reads a stream on a thread of its own, so that decompression and parsing overlap. At most `chunkCount` chunks of
/// `chunkSize` bytes are in memory.
final class BytesAhead: ByteStream {
  private static let chunkCount = 4
  private static let chunkSize = 1 << 20

  /// A piece of memory that one thread at a time has.
  private struct Chunk: @unchecked Sendable {
    var memory: UnsafeMutableRawBufferPointer
    var count = 0
    var consumed = 0
    var error: (any Error)?
  }

  /// Given to the thread, which alone reads it.
  private struct Upstream: @unchecked Sendable {
    let stream: any ByteStream
  }

  private let stop: Cancellation
  private let filled = Mailbox<Chunk>()
  /// Nil sends the thread home.
  private let free = Mailbox<Chunk?>()
  private let memory: [UnsafeMutableRawBufferPointer]
  private let thread: OwnThread
  private var current: Chunk?
  private var position = 0
  private(set) var consumed = 0
  private var isAtEnd = false

  /// `stop` is what `stream` asks, so that the thread ends when this object does.
  init(_ stream: any ByteStream, _ stop: Cancellation) {
    self.stop = stop
    memory = (0..<Self.chunkCount).map { _ in .allocate(byteCount: Self.chunkSize, alignment: 64) }
    let upstream = Upstream(stream: stream)
    let (filled, free) = (filled, free)
    for piece in memory { free.post(Chunk(memory: piece)) }
    thread = OwnThread {
      while var chunk = free.take() {
        do { chunk.count = try upstream.stream.fill(chunk.memory) } catch { chunk.error = error }
        chunk.consumed = upstream.stream.consumed
        filled.post(chunk)
        if chunk.error != nil || chunk.count < chunk.memory.count { return }
      }
    }
  }

  deinit {
    stop.cancel()
    free.post(nil)
    thread.join()
    for piece in memory { piece.deallocate() }
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    while true {
      if let chunk = current, position < chunk.count {
        let count = min(buffer.count, chunk.count - position)
        buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: chunk.memory[position..<position + count]))
        position += count
        return count
      }
      if isAtEnd { return 0 }
      if let chunk = current { free.post(Chunk(memory: chunk.memory)) }
      let chunk = filled.take()
      consumed = chunk.consumed
      current = chunk
      position = 0
      if let error = chunk.error {
        isAtEnd = true
        throw error
      }
      isAtEnd = chunk.count < chunk.memory.count
    }
  }
}
