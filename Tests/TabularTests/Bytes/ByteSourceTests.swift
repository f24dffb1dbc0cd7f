import Basics
import Diagnostics
import Glibc
import Synchronization
import Testing

@testable import Tabular

/// The files are made by `Fixtures/bytes/make.py` with Python's gzip module and the zstandard package.
@Suite struct ByteSourceTests {
  private static let folder = fixture("bytes")

  private func content(_ path: String, ahead: Bool = true, step: Int = 7919) throws -> [UInt8] {
    try bytes(of: ByteSource(path).open(ahead: ahead), step: step)
  }

  private func bytes(of stream: any ByteStream, step: Int) throws -> [UInt8] {
    var out: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: step)
    while true {
      let count = try buffer.withUnsafeMutableBytes { try stream.read(into: $0) }
      if count == 0 { return out }
      out += buffer[..<count]
    }
  }

  @Test(arguments: ["plain.csv", "one.gz", "members.gz", "one.zst", "frames.zst"], [true, false])
  func everyFileHoldsTheSameBytes(name: String, ahead: Bool) throws {
    let expected = try Files.read("\(Self.folder)/plain.csv")
    for step in [1, 7919, 1 << 20] {
      #expect(try content("\(Self.folder)/\(name)", ahead: ahead, step: step) == expected, "\(step)")
    }
  }

  @Test func compressionIsToldByBytesNotByName() throws {
    let scratch = try Scratch()
    let path = try scratch.file("table.csv", try Files.read("\(Self.folder)/one.gz"))
    #expect(try ByteSource(path).compression == .gzip)
    #expect(try content(path) == Files.read("\(Self.folder)/plain.csv"))
    #expect(try ByteSource(scratch.file("table.csv.gz", "a,b\n")).compression == nil)
    #expect(try content(scratch.file("empty.gz", "")) == [])
  }

  @Test func descriptorsAreReadAsFilesAre() throws {
    let descriptor = open("\(Self.folder)/frames.zst", O_RDONLY)
    defer { close(descriptor) }
    let stream = try openBytes(descriptor: descriptor, named: "standard input")
    #expect(try bytes(of: stream, step: 4096) == Files.read("\(Self.folder)/plain.csv"))
    #expect(stream.consumed == (try ByteSource("\(Self.folder)/frames.zst").storedSize))
  }

  @Test(arguments: [
    ("trailing.gz", "something that is no gzip data follows the gzip data at byte 17326"),
    ("trailing.zst", "something that is no zstd data follows the zstd data at byte 15964"),
    ("wide-window.zst", "decompressing the zstd data takes a window of more than 128 MiB (byte 0)"),
  ])
  func whatCannotBeReadIsNamedWithItsPlace(name: String, message: String) throws {
    let error = #expect(throws: CompressedBytesError.self) { try content("\(Self.folder)/\(name)") }
    #expect(error?.diagnostics.first?.message == message)
    #expect(error?.diagnostics.first?.place?.file == "\(Self.folder)/\(name)")
  }

  @Test(arguments: ["one.gz", "one.zst"])
  func everyTruncationIsNoticed(name: String) throws {
    let scratch = try Scratch()
    let whole = try Files.read("\(Self.folder)/\(name)")
    for count in Array(4..<40) + Array(stride(from: 40, to: whole.count, by: 97)) + [whole.count - 1] {
      let path = try scratch.file("\(count)", whole[..<count])
      let error = #expect(throws: CompressedBytesError.self) { try content(path, ahead: false) }
      #expect(error?.kind == .truncated && error?.offset == count, "\(count)")
    }
  }

  @Test(arguments: ["one.gz", "one.zst"])
  func everyFlippedByteIsNoticedOrHarmless(name: String) throws {
    let scratch = try Scratch()
    let expected = try Files.read("\(Self.folder)/plain.csv")
    var whole = try Files.read("\(Self.folder)/\(name)")
    for position in stride(from: 4, to: whole.count, by: 61) {
      whole[position] ^= 0x55
      let path = try scratch.file("\(position)", whole)
      whole[position] ^= 0x55
      // Some bytes of a header, such as the time, say nothing of the content.
      do { #expect(try content(path, ahead: false) == expected, "\(position)") } catch is CompressedBytesError {}
    }
  }

  /// 32 and 256 MiB of zeros in 32 and 8 KiB.
  @Test(arguments: [("bomb.gz", 32 << 20), ("bomb.zst", 256 << 20)])
  func bombsAreReadInBoundedMemory(name: String, size: Int) throws {
    let stream = try ByteSource("\(Self.folder)/\(name)").open()
    var buffer = [UInt8](repeating: 1, count: 1 << 16)
    var total = 0
    while true {
      let count = try buffer.withUnsafeMutableBytes { try stream.read(into: $0) }
      if count == 0 { break }
      total += count
    }
    #expect(total == size)
  }

  @Test func readingStopsWhenItIsCancelled() throws {
    let cancellation = Cancellation()
    let stream = try ByteSource("\(Self.folder)/bomb.gz").open(cancellation: cancellation)
    var buffer = [UInt8](repeating: 0, count: 100)
    _ = try buffer.withUnsafeMutableBytes { try stream.read(into: $0) }
    cancellation.cancel()
    // All of the file is in hand, and what it swells to is not.
    #expect(throws: Cancelled.asked) {
      while try buffer.withUnsafeMutableBytes({ try stream.read(into: $0) }) > 0 {}
    }
    let pipe = try Pipe()
    let waiting = try openBytes(
      descriptor: pipe.reading, named: "pipe", cancellation: Cancellation(timeout: .milliseconds(300)))
    #expect(try buffer.withUnsafeMutableBytes { try waiting.read(into: $0) } == 4)
    #expect(throws: Cancelled.timedOut) {
      _ = try buffer.withUnsafeMutableBytes { try waiting.read(into: $0) }
    }
  }

  /// Both ends of a pipe with some bytes in it.
  private final class Pipe {
    let reading: Int32
    private let writing: Int32

    init() throws {
      var ends: [Int32] = [0, 0]
      if pipe(&ends) != 0 { throw FileError("make", "pipe") }
      (reading, writing) = (ends[0], ends[1])
      _ = write(writing, "a,b\n", 4)
    }

    deinit {
      close(reading)
      close(writing)
    }
  }
}
