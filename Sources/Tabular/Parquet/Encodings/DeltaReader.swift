/// Integers as differences from one to the next, packed in blocks.
///
/// Source: apache/parquet-format, `Encodings.md`, "Delta Encoding". The bytes must be followed by `OwnedBytes.slack` readable
/// ones.
struct DeltaReader {
  private let bytes: UnsafeRawBufferPointer
  private var position = 0
  private let perBlock: Int
  private let miniblocks: Int
  /// Values that were not read yet.
  private(set) var remaining: Int
  private var last: Int64
  private var isFirst = true
  private var minimum: Int64 = 0
  /// Where the widths of the block at hand stand, and which of its miniblocks is read.
  private var widths = 0
  private var miniblock: Int
  private var width = 0
  private var inMiniblock = 0
  private var bitPosition = 0

  private static let tooShort = ColumnarProblem.damaged("a page ends in the middle of its differences")

  init(_ bytes: UnsafeRawBufferPointer) throws(ColumnarProblem) {
    self.bytes = bytes
    var position = 0
    perBlock = Int(truncatingIfNeeded: try Self.varint(bytes, &position))
    miniblocks = Int(truncatingIfNeeded: try Self.varint(bytes, &position))
    let count = try Self.varint(bytes, &position)
    guard perBlock > 0, perBlock <= 1 << 24, miniblocks > 0, miniblocks <= perBlock, perBlock % miniblocks == 0,
      perBlock / miniblocks % 8 == 0, count <= UInt64(Int32.max)
    else { throw .damaged("a page has blocks of differences of an impossible size") }
    remaining = Int(count)
    last = Self.signed(try Self.varint(bytes, &position))
    miniblock = miniblocks
    self.position = position
  }

  private var perMiniblock: Int { perBlock / miniblocks }

  mutating func read(_ count: Int, into out: UnsafeMutablePointer<Int64>) throws(ColumnarProblem) {
    guard count <= remaining else { throw Self.tooShort }
    var done = 0
    if isFirst, count > 0 {
      out[0] = last
      isFirst = false
      done = 1
      remaining -= 1
    }
    while done < count {
      if inMiniblock == 0 { try nextMiniblock() }
      let part = min(inMiniblock, count - done)
      unpack(part, into: out + done)
      inMiniblock -= part
      remaining -= part
      done += part
    }
  }

  /// Passes over all values; returns where the bytes behind them begin.
  mutating func skip() throws(ColumnarProblem) -> Int {
    if isFirst, remaining > 0 {
      isFirst = false
      remaining -= 1
    }
    while remaining > inMiniblock {
      remaining -= inMiniblock
      inMiniblock = 0
      try nextMiniblock()
    }
    remaining = 0
    return position
  }

  private mutating func nextMiniblock() throws(ColumnarProblem) {
    if miniblock == miniblocks {
      minimum = Self.signed(try Self.varint(bytes, &position))
      widths = position
      guard miniblocks <= bytes.count - position else { throw Self.tooShort }
      position += miniblocks
      miniblock = 0
    }
    width = Int(bytes[widths + miniblock])
    let size = perMiniblock / 8 * width
    // Of the last miniblock, some writers leave out what nobody reads.
    let needed = (min(perMiniblock, remaining) * width + 7) / 8
    guard width <= 64, needed <= bytes.count - position else { throw Self.tooShort }
    bitPosition = position * 8
    position = min(bytes.count, position + size)
    miniblock += 1
    inMiniblock = perMiniblock
  }

  private mutating func unpack(_ count: Int, into out: UnsafeMutablePointer<Int64>) {
    guard let start = bytes.baseAddress else { return }
    let mask = width == 64 ? UInt64.max : 1 << UInt64(width) - 1
    for index in 0..<count {
      let (place, shift) = (start + bitPosition >> 3, UInt64(bitPosition & 7))
      var word = place.loadUnaligned(as: UInt64.self) >> shift
      if shift > 0, width > 56 { word |= UInt64(place.load(fromByteOffset: 8, as: UInt8.self)) << (64 - shift) }
      last = last &+ minimum &+ Int64(bitPattern: word & mask)
      out[index] = last
      bitPosition += width
    }
  }

  private static func varint(_ bytes: UnsafeRawBufferPointer, _ position: inout Int) throws(ColumnarProblem) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), through: 63, by: 7) {
      guard position < bytes.count else { throw tooShort }
      let byte = bytes[position]
      position += 1
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    throw tooShort
  }

  private static func signed(_ value: UInt64) -> Int64 { Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1) }
}
