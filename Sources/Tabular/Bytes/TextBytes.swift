/// A text as UTF-8, however it is written.
final class TextBytes: ByteStream {
  private let bytes: PeekedBytes
  private let encoding: TextEncoding?
  private var recoder: TextRecoder?
  private var hasBegun = false

  /// A byte order mark goes before `encoding`; where there is neither, the text is UTF-8.
  init(_ bytes: any ByteStream, _ encoding: TextEncoding?) {
    self.bytes = PeekedBytes(bytes)
    self.encoding = encoding
  }

  var consumed: Int { bytes.consumed }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    if !hasBegun {
      let head = try bytes.peek(encoding == nil ? 2 : 3)
      let found = TextEncoding(byteOrderMark: head) ?? encoding ?? .utf8
      recoder = found == .utf8 ? nil : TextRecoder(found)
      hasBegun = true
    }
    return try recoder?.read(from: bytes, into: buffer) ?? bytes.read(into: buffer)
  }
}
