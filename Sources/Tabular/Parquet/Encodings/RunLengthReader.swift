/// Numbers of up to 32 bits as runs of one value and groups of packed bits, in any mixture.
///
/// Source: apache/parquet-format, `Encodings.md`, "Run Length Encoding / Bit-Packing Hybrid". The bytes must be followed by
/// `OwnedBytes.slack` readable ones.
struct RunLengthReader {
  private let bytes: UnsafeRawBufferPointer
  private let width: Int
  private let mask: UInt64
  private var position = 0
  /// What is left of the run at hand.
  private var repeated = 0
  private var value: UInt32 = 0
  private var packed = 0
  private var bitPosition = 0

  init(_ bytes: UnsafeRawBufferPointer, width: Int) throws(ColumnarProblem) {
    guard (0...32).contains(width) else { throw .damaged("a page has indices of \(width) bits") }
    self.bytes = bytes
    self.width = width
    mask = 1 << UInt64(width) - 1
  }

  mutating func read(_ count: Int, into out: UnsafeMutablePointer<UInt32>) throws(ColumnarProblem) {
    var done = 0
    while done < count {
      if repeated > 0 {
        let part = min(repeated, count - done)
        (out + done).update(repeating: value, count: part)
        repeated -= part
        done += part
      } else if packed > 0 {
        let part = min(packed, count - done)
        unpack(part, into: out + done)
        packed -= part
        done += part
      } else {
        try nextRun()
      }
    }
  }

  private mutating func unpack(_ count: Int, into out: UnsafeMutablePointer<UInt32>) {
    guard let start = bytes.baseAddress else { return }
    for index in 0..<count {
      let word = (start + bitPosition >> 3).loadUnaligned(as: UInt64.self)
      out[index] = UInt32(truncatingIfNeeded: word >> UInt64(bitPosition & 7) & mask)
      bitPosition += width
    }
  }

  private mutating func nextRun() throws(ColumnarProblem) {
    var header: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      guard position < bytes.count, shift < 63 else { throw .damaged("a page ends in the middle of its indices") }
      let byte = bytes[position]
      position += 1
      header |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { break }
      shift += 7
    }
    let count = Int(header >> 1)
    if header & 1 == 1 {
      // Groups of 8; of the last one, writers may leave out what nobody reads.
      let available = width == 0 ? Int.max : (bytes.count - position) * 8 / width
      guard count <= Int.max / 64, available > 0 || count == 0 else {
        throw .damaged("a page ends in the middle of its indices")
      }
      packed = min(count * 8, available)
      bitPosition = position * 8
      position += min(bytes.count - position, count * width)
    } else {
      let size = (width + 7) / 8
      guard size <= bytes.count - position else { throw .damaged("a page ends in the middle of its indices") }
      value = 0
      for index in 0..<size { value |= UInt32(bytes[position + index]) << UInt32(8 * index) }
      // A run has whole bytes for its value, and so room for values that its width has not.
      guard UInt64(value) <= mask else { throw .damaged("a run holds a value beyond its width") }
      position += size
      repeated = count
    }
  }
}
