/// The values of a dictionary page, to which the indices of data pages point.
final class ParquetDictionary: @unchecked Sendable {
  let count: Int
  /// Fixed widths: the values, one after the other.
  let values: UnsafeRawBufferPointer
  /// Byte arrays: where each lies, and the same as a `text` buffer where all are UTF-8.
  let spans: [ByteSpan]
  private var levels: SegmentBuffer?
  private var isNoText = false
  private let page: OwnedBytes

  /// `width` is that of fixed-width values, nil of byte arrays.
  init(_ page: OwnedBytes, count: Int, width: Int?) throws(ColumnarProblem) {
    self.page = page
    self.count = count
    values = page.bytes
    if let width {
      guard count >= 0, count <= page.count / max(1, width) else { throw ByteSpan.pastTheEnd }
      spans = []
      return
    }
    guard count >= 0, count <= page.count / 4 else { throw ByteSpan.pastTheEnd }
    var spans: [ByteSpan] = []
    spans.reserveCapacity(count)
    var position = 0
    for _ in 0..<count { spans.append(try ByteSpan.plain(page.bytes, &position)) }
    self.spans = spans
  }

  /// The values as a buffer of levels; nil where one is no text, which matters only to rows that point to it.
  func makeLevels() -> SegmentBuffer? {
    if levels != nil || isNoText { return levels }
    let buffer = SegmentBuffer(.text, rowCount: count)
    for (level, span) in spans.enumerated() {
      guard span.bytes.isUTF8 else {
        isNoText = true
        return nil
      }
      buffer.set(level, text: span.bytes.bindMemory(to: UInt8.self))
    }
    levels = buffer
    return buffer
  }
}
