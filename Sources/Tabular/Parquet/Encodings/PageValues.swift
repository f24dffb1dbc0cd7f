/// The values of a page, read a few at a time, so that memory is bounded whatever the page claims to hold.
///
/// Fixed-width values come as their bytes, booleans as a byte each; byte arrays as spans, which are good until the next call.
struct PageValues {
  private enum Decoder {
    case plain(position: Int)
    case bits(position: Int)
    case bitRuns(RunLengthReader)
    case dictionary(RunLengthReader, ParquetDictionary)
    case delta(DeltaReader)
    case deltaLengths(DeltaReader, position: Int)
    case deltaBytes(prefixes: DeltaReader, suffixes: DeltaReader, position: Int)
    case split(position: Int)
  }

  private let bytes: UnsafeRawBufferPointer
  /// Bytes of a value, 1 of booleans, 0 of byte arrays.
  private let width: Int
  private var decoder: Decoder
  /// Of `deltaBytes`: the value before the next one.
  private var previous: [UInt8] = []

  /// The most values that may be asked for at once.
  static let most = 1024

  init(
    _ bytes: UnsafeRawBufferPointer, encoding: ParquetEncoding, type: ParquetPhysicalType, width: Int,
    dictionary: ParquetDictionary?, column: String
  ) throws(ColumnarProblem) {
    self.bytes = bytes
    self.width = width
    // Of nulls alone: some writers put nothing at all there.
    if bytes.isEmpty {
      decoder = .plain(position: 0)
      return
    }
    switch (encoding, type) {
    case (.plain, .boolean): decoder = .bits(position: 0)
    case (.plain, _): decoder = .plain(position: 0)
    case (.runLength, .boolean):
      // The runs stand behind their length.
      guard bytes.count >= 4 else { throw ByteSpan.pastTheEnd }
      let size = Int(UInt32(littleEndian: bytes.loadUnaligned(as: UInt32.self)))
      guard size <= bytes.count - 4 else { throw ByteSpan.pastTheEnd }
      decoder = .bitRuns(try RunLengthReader(UnsafeRawBufferPointer(rebasing: bytes[4..<4 + size]), width: 1))
    case (.plainDictionary, _), (.runLengthDictionary, _):
      guard let dictionary else { throw .damaged("a page needs a dictionary that is not there") }
      // A page without values may have no bytes at all.
      let indices = UnsafeRawBufferPointer(rebasing: bytes.dropFirst())
      decoder = .dictionary(try RunLengthReader(indices, width: Int(bytes.first ?? 0)), dictionary)
    case (.deltaBinaryPacked, .int32), (.deltaBinaryPacked, .int64): decoder = .delta(try DeltaReader(bytes))
    case (.deltaLengthByteArray, .byteArray):
      var lengths = try DeltaReader(bytes)
      let start = try lengths.skip()
      decoder = .deltaLengths(try DeltaReader(bytes), position: start)
    case (.deltaByteArray, .byteArray), (.deltaByteArray, .fixedLengthByteArray):
      var prefixes = try DeltaReader(bytes)
      let start = try prefixes.skip()
      let rest = UnsafeRawBufferPointer(rebasing: bytes[start...])
      var suffixes = try DeltaReader(rest)
      let data = start + (try suffixes.skip())
      decoder = .deltaBytes(prefixes: try DeltaReader(bytes), suffixes: try DeltaReader(rest), position: data)
    case (.byteStreamSplit, _) where type != .boolean && type != .byteArray && type != .int96:
      guard bytes.count % max(1, width) == 0 else { throw ByteSpan.pastTheEnd }
      decoder = .split(position: 0)
    default: throw .unsupportedEncoding("\(encoding) of \(type)", column: column)
    }
  }

  /// The dictionary, where the page has nothing but indices into it.
  var dictionary: ParquetDictionary? {
    if case .dictionary(_, let dictionary) = decoder { dictionary } else { nil }
  }

  /// The next indices into `dictionary`, each checked.
  mutating func readIndices(_ count: Int, into out: UnsafeMutablePointer<UInt32>) throws(ColumnarProblem) {
    guard case .dictionary(var reader, let dictionary) = decoder else { return }
    try reader.read(count, into: out)
    decoder = .dictionary(reader, dictionary)
    var largest: UInt32 = 0
    for index in 0..<count { largest = max(largest, out[index]) }
    guard count == 0 || Int(largest) < dictionary.count else {
      throw .damaged("an index points beyond its dictionary")
    }
  }

  /// The next fixed-width values: where they lie, which may be `scratch`, of `most` times the width and 8 bytes.
  mutating func readFixed(
    _ count: Int, scratch: UnsafeMutableRawPointer
  ) throws(ColumnarProblem) -> UnsafeRawPointer {
    switch decoder {
    case .plain(let position):
      guard count * width <= bytes.count - position, let start = bytes.baseAddress else {
        if count == 0 { return UnsafeRawPointer(scratch) }
        throw ByteSpan.pastTheEnd
      }
      decoder = .plain(position: position + count * width)
      return start + position
    case .bits(let position):
      guard position + count <= bytes.count * 8 else { throw ByteSpan.pastTheEnd }
      for index in 0..<count {
        let place = position + index
        scratch.storeBytes(of: bytes[place >> 3] >> UInt8(place & 7) & 1, toByteOffset: index, as: UInt8.self)
      }
      decoder = .bits(position: position + count)
    case .bitRuns(var reader):
      try withIndices(count) { indices throws(ColumnarProblem) in
        try reader.read(count, into: indices)
        for index in 0..<count {
          scratch.storeBytes(of: UInt8(indices[index] & 1), toByteOffset: index, as: UInt8.self)
        }
      }
      decoder = .bitRuns(reader)
    case .dictionary(_, let dictionary):
      let width = width
      let values = dictionary.values.baseAddress
      try withIndices(count) { indices throws(ColumnarProblem) in
        try readIndices(count, into: indices)
        guard let values else { return }
        gather(values, indices, count, width: width, into: scratch)
      }
    case .delta(var reader):
      try readDeltas(&reader, count, into: scratch)
      decoder = .delta(reader)
    case .split(let position):
      let total = bytes.count / max(1, width)
      guard count <= total - position else { throw ByteSpan.pastTheEnd }
      for byte in 0..<width {
        for index in 0..<count {
          scratch.storeBytes(
            of: bytes[byte * total + position + index], toByteOffset: index * width + byte, as: UInt8.self)
        }
      }
      decoder = .split(position: position + count)
    case .deltaBytes:
      // Values of a fixed length: each must have it.
      let width = width
      var index = 0
      try readBytes(count) { span throws(ColumnarProblem) in
        guard span.count == width else { throw .damaged("a value has not the length of its type") }
        (scratch + index * width).copyMemory(from: span.start, byteCount: width)
        index += 1
      }
    case .deltaLengths: throw ByteSpan.pastTheEnd
    }
    return UnsafeRawPointer(scratch)
  }

  /// Calls `body` with each of the next byte arrays.
  mutating func readBytes(
    _ count: Int, _ body: (ByteSpan) throws(ColumnarProblem) -> Void
  ) throws(ColumnarProblem) {
    switch decoder {
    case .plain(var position):
      for _ in 0..<count { try body(try ByteSpan.plain(bytes, &position)) }
      decoder = .plain(position: position)
    case .dictionary(_, let dictionary):
      try withIndices(count) { indices throws(ColumnarProblem) in
        try readIndices(count, into: indices)
        for index in 0..<count { try body(dictionary.spans[Int(indices[index])]) }
      }
    case .deltaLengths(var lengths, var position):
      guard let start = bytes.baseAddress else { throw ByteSpan.pastTheEnd }
      try withLengths(count) { out throws(ColumnarProblem) in
        try lengths.read(count, into: out)
        for index in 0..<count {
          guard out[index] >= 0, out[index] <= bytes.count - position else { throw ByteSpan.pastTheEnd }
          try body(ByteSpan(start: start + position, count: Int(out[index])))
          position += Int(out[index])
        }
      }
      decoder = .deltaLengths(lengths, position: position)
    case .deltaBytes(var prefixes, var suffixes, var position):
      var value = previous
      previous = []
      try withLengths(2 * count) { out throws(ColumnarProblem) in
        try prefixes.read(count, into: out)
        try suffixes.read(count, into: out + count)
        for index in 0..<count {
          let (prefix, suffix) = (out[index], out[count + index])
          guard prefix >= 0, prefix <= value.count, suffix >= 0, suffix <= bytes.count - position else {
            throw ByteSpan.pastTheEnd
          }
          value.removeSubrange(Int(prefix)...)
          value += bytes[position..<position + Int(suffix)]
          position += Int(suffix)
          try value.withUnsafeBytes { bytes in
            Result { () throws(ColumnarProblem) in
              try body(ByteSpan(start: bytes.baseAddress ?? UnsafeRawPointer(out), count: bytes.count))
            }
          }.get()
        }
      }
      previous = value
      decoder = .deltaBytes(prefixes: prefixes, suffixes: suffixes, position: position)
    case .bits, .bitRuns, .delta, .split: throw ByteSpan.pastTheEnd
    }
  }

  private func readDeltas(
    _ reader: inout DeltaReader, _ count: Int, into scratch: UnsafeMutableRawPointer
  ) throws(ColumnarProblem) {
    if width == 8 { return try reader.read(count, into: scratch.assumingMemoryBound(to: Int64.self)) }
    try withLengths(count) { out throws(ColumnarProblem) in
      try reader.read(count, into: out)
      let values = scratch.assumingMemoryBound(to: Int32.self)
      for index in 0..<count { values[index] = Int32(truncatingIfNeeded: out[index]) }
    }
  }

  private func gather(
    _ values: UnsafeRawPointer, _ indices: UnsafeMutablePointer<UInt32>, _ count: Int, width: Int,
    into scratch: UnsafeMutableRawPointer
  ) {
    switch width {
    case 4:
      let out = scratch.assumingMemoryBound(to: UInt32.self)
      for index in 0..<count { out[index] = values.load(fromByteOffset: Int(indices[index]) * 4, as: UInt32.self) }
    case 8:
      let out = scratch.assumingMemoryBound(to: UInt64.self)
      for index in 0..<count { out[index] = values.load(fromByteOffset: Int(indices[index]) * 8, as: UInt64.self) }
    default:
      for index in 0..<count {
        (scratch + index * width).copyMemory(from: values + Int(indices[index]) * width, byteCount: width)
      }
    }
  }
}

/// Room for so many indices, on the stack.
private func withIndices(
  _ count: Int, _ body: (UnsafeMutablePointer<UInt32>) throws(ColumnarProblem) -> Void
) throws(ColumnarProblem) {
  try withUnsafeTemporaryAllocation(of: UInt32.self, capacity: max(1, count)) { buffer in
    Result { () throws(ColumnarProblem) in if let start = buffer.baseAddress { try body(start) } }
  }.get()
}

private func withLengths(
  _ count: Int, _ body: (UnsafeMutablePointer<Int64>) throws(ColumnarProblem) -> Void
) throws(ColumnarProblem) {
  try withUnsafeTemporaryAllocation(of: Int64.self, capacity: max(1, count)) { buffer in
    Result { () throws(ColumnarProblem) in if let start = buffer.baseAddress { try body(start) } }
  }.get()
}
