/// Where some bytes lie in memory that somebody else keeps.
struct ByteSpan {
  var start: UnsafeRawPointer
  var count: Int

  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: count) }

  /// The next byte array in its plain form, a length of 32 bits before its bytes.
  static func plain(
    _ bytes: UnsafeRawBufferPointer, _ position: inout Int
  ) throws(ColumnarProblem) -> ByteSpan {
    guard let start = bytes.baseAddress, bytes.count - position >= 4 else { throw pastTheEnd }
    let count = Int(UInt32(littleEndian: (start + position).loadUnaligned(as: UInt32.self)))
    guard count <= bytes.count - position - 4 else { throw pastTheEnd }
    defer { position += 4 + count }
    return ByteSpan(start: start + position + 4, count: count)
  }

  static let pastTheEnd = ColumnarProblem.damaged("a page ends in the middle of its values")
}
