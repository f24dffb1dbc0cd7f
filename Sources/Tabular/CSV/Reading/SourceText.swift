import Basics

/// The text of a source as UTF-8, from front to back.
struct SourceText: Sendable {
  private enum Bytes {
    /// A file as it is: read anywhere at once.
    case file(OpenFile)
    /// What is decompressed or recoded on the way.
    case stream(Stream)
  }

  private final class OpenFile: Sendable {
    let file: FileHandle
    init(_ file: consuming FileHandle) { self.file = file }
  }

  /// Read by one thread at a time.
  private final class Stream: @unchecked Sendable {
    let bytes: any ByteStream
    var recoder: TextRecoder?
    init(_ bytes: any ByteStream, _ recoder: TextRecoder?) { (self.bytes, self.recoder) = (bytes, recoder) }
  }

  private let bytes: Bytes
  private var offset: Int

  /// The text from `offset` of its bytes on.
  init(_ source: ByteSource, _ encoding: TextEncoding, from offset: Int, _ cancellation: Cancellation) throws {
    self.offset = offset
    if source.compression == nil, encoding == .utf8 {
      bytes = .file(OpenFile(try FileHandle(reading: source.path)))
      return
    }
    let stream = Stream(
      try source.open(cancellation: cancellation), encoding == .utf8 ? nil : TextRecoder(encoding))
    bytes = .stream(stream)
    let skipped = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 64)
    defer { skipped.deallocate() }
    var rest = offset
    while rest > 0 {
      let count = try SourceText.read(
        stream, into: UnsafeMutableRawBufferPointer(rebasing: skipped[..<min(rest, skipped.count)]))
      if count == 0 { break }
      rest -= count
    }
  }

  /// Bytes of the file, as it is stored, that were taken in.
  var consumed: Int {
    switch bytes {
    case .file: offset
    case .stream(let stream): stream.bytes.consumed
    }
  }

  /// Stores up to `buffer.count` bytes and says how many; 0 at the end.
  mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    switch bytes {
    case .file(let open):
      let count = try open.file.read(into: buffer, at: offset)
      offset += count
      return count
    case .stream(let stream): return try SourceText.read(stream, into: buffer)
    }
  }

  private static func read(_ stream: Stream, into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    if stream.recoder == nil { return try stream.bytes.fill(buffer) }
    return try stream.recoder?.read(from: stream.bytes, into: buffer) ?? 0
  }
}
