import Basics
import Testing

@Suite struct FileHandleTests {
  /// More pieces than the system takes in one call, empty ones among them.
  @Test(arguments: [0, 1, 1023, 1024, 1025, 3000])
  func piecesAreWrittenInOrder(_ count: Int) throws {
    let path = "/tmp/file-handle-test-" + uniqueSuffix()
    defer { try? Files.remove(path) }
    let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
    let sizes = (0..<count).map { $0 * 7 % 60 }
    let total = sizes.reduce(0, +)
    let file = try FileHandle(creating: path)
    try bytes.withUnsafeBytes { bytes in
      var start = 0
      let pieces = sizes.map { size in
        defer { start += size }
        return UnsafeRawBufferPointer(rebasing: bytes[start % 50_000..<start % 50_000 + size])
      }
      try file.write(pieces)
      var expected: [UInt8] = []
      for piece in pieces { expected += piece }
      #expect(try FileHandle(reading: path).readAll() == expected)
      #expect(try file.status().size == total)
    }
  }
}
