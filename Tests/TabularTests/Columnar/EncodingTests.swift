import Testing

@testable import Tabular

/// Bytes written by hand from apache/parquet-format, `Encodings.md`.
@Suite struct EncodingTests {
  private func withBytes<Value>(_ bytes: [UInt8], _ body: (UnsafeRawBufferPointer) throws -> Value) throws -> Value {
    let owned = OwnedBytes(count: bytes.count)
    owned.mutableBytes.copyBytes(from: bytes)
    return try owned.withBytes(body)
  }

  private func runs(_ bytes: [UInt8], width: Int, count: Int) throws -> [UInt32] {
    try withBytes(bytes) { bytes in
      var reader = try RunLengthReader(bytes, width: width)
      var out = [UInt32](repeating: 9, count: count)
      // In pieces, as pages are read.
      for start in stride(from: 0, to: count, by: 3) {
        try out.withUnsafeMutableBufferPointer { out in
          if let place = out.baseAddress { try reader.read(min(3, count - start), into: place + start) }
        }
      }
      return out
    }
  }

  /// The example of the specification: 0 to 7 packed in 3 bits each.
  @Test func runsAndPackedGroupsAreRead() throws {
    #expect(try runs([0x03, 0x88, 0xC6, 0xFA], width: 3, count: 8) == [0, 1, 2, 3, 4, 5, 6, 7])
    #expect(try runs([0x0A, 2, 0x03, 0x88, 0xC6, 0xFA], width: 3, count: 7) == [2, 2, 2, 2, 2, 0, 1])
    #expect(try runs([0x06, 0x34, 0x12], width: 13, count: 3) == [0x1234, 0x1234, 0x1234])
  }

  /// A level of 255 made more values present than there are rows; AddressSanitizer saw what was written behind them.
  @Test func valueBeyondTheWidthOfARunIsDamage() {
    #expect(throws: ColumnarProblem.damaged("a run holds a value beyond its width")) {
      try runs([0x08, 0xFF], width: 1, count: 4)
    }
    #expect(throws: ColumnarProblem.damaged("a page ends in the middle of its indices")) {
      try runs([0x04, 1], width: 1, count: 4)
    }
  }

  /// The examples of the specification: 1 to 5, whose differences need no bits; and 7, 5, 3, 1, 2, 3, 4, 5.
  @Test func differencesAreAdded() throws {
    func deltas(_ bytes: [UInt8], _ count: Int) throws -> [Int64] {
      try withBytes(bytes) { bytes in
        var reader = try DeltaReader(bytes)
        var out = [Int64](repeating: 0, count: count)
        try out.withUnsafeMutableBufferPointer { out in
          if let place = out.baseAddress { try reader.read(count, into: place) }
        }
        var skipping = try DeltaReader(bytes)
        let end = try skipping.skip()
        #expect(end == bytes.count)
        return out
      }
    }
    #expect(try deltas([0x80, 1, 4, 5, 2, 2, 0, 0, 0, 0], 5) == [1, 2, 3, 4, 5])
    // Differences less −2 are 0 0 0 3 3 3 3, in 2 bits each.
    let packed: [UInt8] = [0xC0, 0x3F] + [UInt8](repeating: 0, count: 6)
    #expect(try deltas([0x80, 1, 4, 8, 14, 3, 2, 0, 0, 0] + packed, 8) == [7, 5, 3, 1, 2, 3, 4, 5])
    #expect(throws: ColumnarProblem.self) { try deltas([0x80, 1, 4, 8, 14, 3, 77, 0, 0, 0] + packed, 8) }
    #expect(throws: ColumnarProblem.self) { try deltas([0, 0, 8, 14], 8) }
  }

  @Test func snappyCopiesWhatWasWritten() {
    func decompressed(_ bytes: [UInt8], _ count: Int) -> [UInt8]? {
      var out = [UInt8](repeating: 0, count: count)
      let isWhole = out.withUnsafeMutableBytes { out in bytes.withUnsafeBytes { decompressSnappy($0, into: out) } }
      return isWhole ? out : nil
    }
    let text = Array("ababababab".utf8)
    // A literal of two bytes, and eight bytes from two before.
    #expect(decompressed([10, 0x04, 0x61, 0x62, 0x11, 0x02], 10) == text)
    #expect(decompressed([10, 0x04, 0x61, 0x62, 0x1E, 0x02, 0x00], 10) == text)
    #expect(decompressed([0], 0) == [])
    for bad in [
      [10, 0x04, 0x61, 0x62, 0x11, 0x03], [10, 0x04, 0x61], [9, 0x04, 0x61, 0x62, 0x11, 0x02], [], [10, 0xFF],
    ] {
      #expect(decompressed(bad.map { UInt8($0) }, 10) == nil)
    }
  }

  @Test func bytesThatAreNoUTF8AreTold() {
    for bytes: [UInt8] in [
      [0x80], [0xC0, 0x80], [0xC3], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF0, 0x80, 0x80, 0x80],
      [0xF4, 0x90, 0x80, 0x80], [0xFF], Array("twelve bytes".utf8) + [0xC3],
    ] {
      let isUTF8 = bytes.withUnsafeBytes { $0.isUTF8 }
      #expect(!isUTF8, "\(bytes)")
    }
    for text in ["", "ASCII of more than eight bytes", "é", "日本", "𝒳", "\u{FFFF}", "\u{10FFFF}"] {
      let isUTF8 = Array(text.utf8).withUnsafeBytes { $0.isUTF8 }
      #expect(isUTF8, "\(text)")
    }
  }
}
