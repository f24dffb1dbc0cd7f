/// The values of one column in one batch, read from front to back, a few rows at a time.
struct ArrowValues {
  /// The most rows that may be asked for at once.
  static let most = 8192

  let column: ArrowColumn
  private let validity: ArrowBits?
  private let form: Form

  private enum Form {
    case none
    case bits(ArrowBits)
    case fixed(ArrowBuffer, width: Int)
    case offsets(ArrowOffsets)
    case views(ArrowBuffer, ArrowViews)
  }

  /// Of codes where `column` has a dictionary.
  init(
    _ file: SourceFile, _ column: ArrowColumn, _ place: ArrowMessages.Place, _ compression: ArrowCompression?
  ) throws {
    self.column = column
    let layout = column.batchLayout
    if layout == .none {
      (validity, form) = (nil, .none)
      return
    }
    func buffer(_ index: Int) throws -> ArrowBuffer { try ArrowBuffer(file, place.buffers[index], compression) }
    validity = place.missingCount == 0 ? nil : ArrowBits(try buffer(0))
    switch layout {
    case .none: form = .none
    case .bits: form = .bits(ArrowBits(try buffer(1)))
    case .fixed(let width): form = .fixed(try buffer(1), width: width)
    case .offsets(let width): form = .offsets(ArrowOffsets(try buffer(1), width: width, data: try buffer(2)))
    case .views: form = .views(try buffer(1), ArrowViews(file, Array(place.buffers[2...]), compression))
    }
  }

  /// Reads which of the next rows have a value, a 1 or a 0 each; nil where all have.
  func readLevels(_ count: Int, into out: UnsafeMutablePointer<UInt32>) throws -> UnsafePointer<UInt32>? {
    if case .none = form {
      out.update(repeating: 0, count: count)
      return UnsafePointer(out)
    }
    guard let validity else { return nil }
    try validity.read(count, into: out)
    return UnsafePointer(out)
  }

  /// Reads the next rows of a column of fixed width, booleans as 32 bits each.
  func readFixed(_ count: Int, into out: UnsafeMutableRawPointer) throws {
    switch form {
    case .fixed(let buffer, let width):
      try buffer.read(into: UnsafeMutableRawBufferPointer(start: out, count: count * width))
    case .bits(let bits): try bits.read(count, into: out.assumingMemoryBound(to: UInt32.self))
    case .none, .offsets, .views: return
    }
  }

  /// Calls `body` with the place within the rows, and the bytes, of each of the next rows that has a value.
  func eachBytes(
    _ count: Int, levels: UnsafePointer<UInt32>?, _ body: (Int, UnsafeRawBufferPointer) throws -> Void
  ) throws {
    switch form {
    case .offsets(let offsets): try offsets.each(count, levels: levels, body)
    case .views(let buffer, let views): try views.each(buffer, count, levels: levels, body)
    case .fixed(let buffer, let width):
      let rows = max(1, min(count, (1 << 20) / width))
      let piece = OwnedBytes(count: rows * width)
      for start in stride(from: 0, to: count, by: rows) {
        let part = min(rows, count - start)
        try buffer.read(into: UnsafeMutableRawBufferPointer(rebasing: piece.mutableBytes[..<(part * width)]))
        try piece.withBytes { bytes in
          for row in 0..<part where levels == nil || levels?[start + row] != 0 {
            try body(start + row, UnsafeRawBufferPointer(rebasing: bytes[row * width..<(row + 1) * width]))
          }
        }
      }
    case .none, .bits: return
    }
  }
}

/// Bits of a buffer, least significant first.
final class ArrowBits {
  private let buffer: ArrowBuffer
  /// What is left of the byte at hand.
  private var byte: UInt8 = 0
  private var left = 0

  init(_ buffer: ArrowBuffer) { self.buffer = buffer }

  /// Writes a 1 or a 0 for each of the next rows.
  func read(_ count: Int, into out: UnsafeMutablePointer<UInt32>) throws {
    let needed = max(0, (count - left + 7) / 8)
    try withUnsafeTemporaryAllocation(byteCount: max(1, needed), alignment: 8) { bytes in
      try buffer.read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[..<needed]))
      var next = 0
      for row in 0..<count {
        if left == 0 {
          byte = bytes[next]
          next += 1
          left = 8
        }
        out[row] = UInt32(byte & 1)
        byte >>= 1
        left -= 1
      }
    }
  }
}

/// Byte arrays behind offsets.
final class ArrowOffsets {
  private let offsets: ArrowBuffer
  private let width: Int
  private let data: ArrowBuffer
  /// Where the next value begins; nil before the first.
  private var start: Int?
  private var position = 0

  init(_ offsets: ArrowBuffer, width: Int, data: ArrowBuffer) {
    (self.offsets, self.width, self.data) = (offsets, width, data)
  }

  private static let outside = ColumnarProblem.damaged("a text lies outside its buffer")
  /// Values are read together up to so many bytes.
  private static let pieceSize = 1 << 20

  func each(
    _ count: Int, levels: UnsafePointer<UInt32>?, _ body: (Int, UnsafeRawBufferPointer) throws -> Void
  ) throws {
    if count == 0 { return }
    let ends = try readEnds(count)
    var row = 0
    while row < count {
      var last = row + 1
      while last < count, ends[last + 1] - ends[row] <= Self.pieceSize { last += 1 }
      let size = ends[last] - ends[row]
      guard size <= data.remaining else { throw Self.outside }
      let piece = OwnedBytes(count: size)
      try data.read(into: piece.mutableBytes)
      position += size
      try piece.withBytes { bytes in
        for index in row..<last where levels == nil || levels?[index] != 0 {
          let (from, to) = (ends[index] - ends[row], ends[index + 1] - ends[row])
          try body(index, UnsafeRawBufferPointer(rebasing: bytes[from..<to]))
        }
      }
      row = last
    }
  }

  /// Where the next value begins, and where each of them ends. A slice begins anywhere in its data.
  private func readEnds(_ count: Int) throws -> [Int] {
    let first = start == nil ? 1 : 0
    let bytes = OwnedBytes(count: (count + first) * width)
    try offsets.read(into: bytes.mutableBytes)
    var ends = start.map { [$0] } ?? []
    ends.reserveCapacity(count + 1)
    bytes.withBytes { bytes in
      for index in 0..<count + first {
        ends.append(
          width == 4
            ? Int(bytes.loadUnaligned(fromByteOffset: index * 4, as: Int32.self))
            : Int(bytes.loadUnaligned(fromByteOffset: index * 8, as: Int64.self)))
      }
    }
    guard ends[0] >= 0, zip(ends, ends.dropFirst()).allSatisfy({ $0 <= $1 }) else { throw Self.outside }
    if start == nil {
      guard ends[0] <= data.remaining else { throw Self.outside }
      try data.skip(ends[0])
    }
    start = ends[count]
    return ends
  }
}

/// Byte arrays that are short, and stand in their view, or lie anywhere in some buffers.
final class ArrowViews {
  private let file: SourceFile
  private let ranges: [Range<Int>]
  private let compression: ArrowCompression?
  /// Compressed buffers, whole, once they are needed.
  private var whole: [Int: OwnedBytes] = [:]
  /// What was read last of a stored buffer: values mostly follow one another.
  private var window: (buffer: Int, range: Range<Int>, bytes: OwnedBytes)?

  private static let windowSize = 64 << 10
  private static let largest = 1 << 30
  private static let outside = ColumnarProblem.damaged("a text lies outside its buffer")

  init(_ file: SourceFile, _ ranges: [Range<Int>], _ compression: ArrowCompression?) {
    (self.file, self.ranges, self.compression) = (file, ranges, compression)
  }

  func each(
    _ views: ArrowBuffer, _ count: Int, levels: UnsafePointer<UInt32>?,
    _ body: (Int, UnsafeRawBufferPointer) throws -> Void
  ) throws {
    let piece = OwnedBytes(count: count * 16)
    try views.read(into: piece.mutableBytes)
    try piece.withBytes { bytes in
      for row in 0..<count where levels == nil || levels?[row] != 0 {
        func word(_ index: Int) -> Int {
          Int(Int32(littleEndian: bytes.load(fromByteOffset: row * 16 + index * 4, as: Int32.self)))
        }
        let length = word(0)
        guard length >= 0 else { throw Self.outside }
        if length <= 12 {
          try body(row, UnsafeRawBufferPointer(rebasing: bytes[row * 16 + 4..<row * 16 + 4 + length]))
        } else {
          let (buffer, offset) = (word(2), word(3))
          guard ranges.indices.contains(buffer), offset >= 0 else { throw Self.outside }
          try withBytes(buffer, offset..<offset + length) { try body(row, $0) }
        }
      }
    }
  }

  private func withBytes(
    _ buffer: Int, _ range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    if compression != nil {
      let bytes = try decompressed(buffer)
      guard range.upperBound <= bytes.count else { throw Self.outside }
      return try bytes.withBytes { try body(UnsafeRawBufferPointer(rebasing: $0[range])) }
    }
    let stored = ranges[buffer]
    guard range.upperBound <= stored.count else { throw Self.outside }
    if window?.buffer != buffer || window?.range.contains(range.lowerBound) != true
      || (window?.range.upperBound ?? 0) < range.upperBound
    {
      let wanted = range.lowerBound..<min(stored.count, max(range.upperBound, range.lowerBound + Self.windowSize))
      let bytes = try file.read(stored.lowerBound + wanted.lowerBound..<stored.lowerBound + wanted.upperBound)
      window = (buffer, wanted, bytes)
    }
    guard let window else { return }
    let start = range.lowerBound - window.range.lowerBound
    try window.bytes.withBytes { try body(UnsafeRawBufferPointer(rebasing: $0[start..<start + range.count])) }
  }

  private func decompressed(_ index: Int) throws -> OwnedBytes {
    if let known = whole[index] { return known }
    let buffer = try ArrowBuffer(file, ranges[index], compression)
    guard buffer.remaining <= Self.largest else {
      throw ColumnarProblem.tooLarge("a compressed buffer of texts takes more than 1 GiB", column: nil)
    }
    let bytes = OwnedBytes(count: buffer.remaining)
    try buffer.read(into: bytes.mutableBytes)
    whole[index] = bytes
    return bytes
  }
}
