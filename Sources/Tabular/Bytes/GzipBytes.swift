import Basics
import CZlib

/// What a gzip stream (RFC 1952) holds: one member or several, one after the other, and zeros that pad the end.
final class GzipBytes: ByteStream {
  private let file: String
  /// Asked here as well: a small file may hold a great many bytes.
  private let cancellation: Cancellation
  private var input: InputWindow
  /// Stays where it is, since zlib keeps its address.
  private let state: UnsafeMutablePointer<z_stream>
  private var isInMember = true

  init(_ stream: any ByteStream, file: String, _ cancellation: Cancellation) {
    self.file = file
    self.cancellation = cancellation
    input = InputWindow(stream)
    state = .allocate(capacity: 1)
    state.initialize(to: z_stream())
    // 15 for the largest window, 16 for the header of gzip. Refused only where there is no memory: `inflate` says so then.
    inflateInit2_(state, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
  }

  deinit {
    inflateEnd(state)
    state.deallocate()
  }

  var consumed: Int { input.offset }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    try cancellation.check()
    while true {
      try input.refill()
      if !isInMember, try !beginMember() { return 0 }
      let count = try inflate(into: buffer)
      if count > 0 { return count }
      if input.isAtEnd, isInMember { throw problem(.truncated) }
    }
  }

  /// Passes over padding; false at the end.
  private func beginMember() throws -> Bool {
    while !input.isAtEnd {
      let zeros = input.bytes.prefix { $0 == 0 }.count
      input.take(zeros)
      guard let first = input.bytes.first else {
        try input.refill()
        continue
      }
      guard first == 0x1F else { throw problem(.trailingBytes) }
      inflateReset(state)
      isInMember = true
      return true
    }
    return false
  }

  private func inflate(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    let bytes = input.bytes
    let room = min(buffer.count, 1 << 30)
    state.pointee.next_in = UnsafeMutablePointer(
      mutating: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
    state.pointee.avail_in = UInt32(bytes.count)
    state.pointee.next_out = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
    state.pointee.avail_out = UInt32(room)
    let status = CZlib.inflate(state, Z_NO_FLUSH)
    input.take(bytes.count - Int(state.pointee.avail_in))
    switch status {
    case Z_OK, Z_BUF_ERROR: break
    case Z_STREAM_END: isInMember = false
    case Z_MEM_ERROR, Z_STREAM_ERROR: throw problem(.noMemory)
    default: throw problem(.corrupt(state.pointee.msg.map { String(cString: $0) } ?? "it needs a dictionary"))
    }
    return room - Int(state.pointee.avail_out)
  }

  private func problem(_ kind: CompressedBytesError.Kind) -> CompressedBytesError {
    CompressedBytesError(file: file, compression: .gzip, kind: kind, offset: input.offset)
  }
}
