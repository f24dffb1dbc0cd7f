import Testing

@testable import Tabular

/// Bytes that come in small pieces.
private final class Pieces: ByteStream {
  private var rest: ArraySlice<UInt8>
  private(set) var consumed = 0

  init(_ bytes: [UInt8]) { rest = bytes[...] }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    let count = min(buffer.count, rest.count, 3)
    buffer.copyBytes(from: rest.prefix(count))
    rest = rest.dropFirst(count)
    consumed += count
    return count
  }
}

@Suite struct TextRecoderTests {
  private func recoded(_ bytes: [UInt8], _ encoding: TextEncoding, pieceSize: Int = 7) throws -> [UInt8] {
    var recoder = TextRecoder(encoding)
    let pieces = Pieces(bytes)
    var text: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: pieceSize)
    while true {
      let count = try piece.withUnsafeMutableBytes { try recoder.read(from: pieces, into: $0) }
      if count == 0 { return text }
      text += piece[..<count]
    }
  }

  private func utf16(_ text: String, bigEndian: Bool) -> [UInt8] {
    text.utf16.flatMap { unit -> [UInt8] in
      let bytes = [UInt8(unit >> 8), UInt8(unit & 0xFF)]
      return bigEndian ? bytes : bytes.reversed()
    }
  }

  /// Reference: `String.utf16` of the standard library. The text is longer than what is recoded at once.
  @Test(arguments: [UInt64(1), 2]) func utf16BecomesUTF8(seed: UInt64) throws {
    var generator = TestGenerator(seed: seed)
    var text = ""
    for _ in 0..<40_000 {
      let limit: UInt32 = [0x80, 0x800, 0x1_0000, 0x11_0000].randomElement(using: &generator) ?? 0x80
      if let scalar = Unicode.Scalar(UInt32.random(in: 1..<limit, using: &generator)) {
        text.unicodeScalars.append(scalar)
      }
    }
    for pieceSize in [1000, 1 << 20] {
      let little = try recoded(utf16(text, bigEndian: false), .utf16LittleEndian, pieceSize: pieceSize)
      #expect(little == Array(text.utf8))
      let big = try recoded(utf16(text, bigEndian: true), .utf16BigEndian, pieceSize: pieceSize)
      #expect(big == Array(text.utf8))
    }
  }

  @Test func halfCharactersBecomeBytesThatAreNoText() throws {
    #expect(try recoded([0x00, 0xD8, 0x41, 0x00], .utf16LittleEndian) == [0xFF, 0x41])
    #expect(try recoded([0x41, 0x00, 0x00, 0xDC], .utf16LittleEndian) == [0x41, 0xFF])
    #expect(try recoded([0x00, 0xD8], .utf16LittleEndian) == [0xFF])
    #expect(try recoded([0x00, 0x41, 0x00], .utf16BigEndian) == [0x41, 0xFF])
    #expect(try recoded([], .utf16BigEndian) == [])
  }

  @Test func latin1IsTheFirst256Characters() throws {
    let text = String(String.UnicodeScalarView((0..<256).map { Unicode.Scalar(UInt8($0)) }))
    #expect(try recoded(Array(0...255), .latin1) == Array(text.utf8))
  }

  /// Reference: CP1252.TXT of unicode.org; five bytes are no character.
  @Test func windows1252HasSignsWhereLatin1HasControls() throws {
    let none: [UInt8] = [0x81, 0x8D, 0x8F, 0x90, 0x9D]
    let signs = Array(0x80...0x9F).filter { !none.contains($0) }
    #expect(
      String(decoding: try recoded(signs, .windows1252), as: UTF8.self) == "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ")
    #expect(try recoded(none, .windows1252) == [UInt8](repeating: 0xFF, count: 5))
    #expect(String(decoding: try recoded([0x41, 0xE9, 0xFF], .windows1252), as: UTF8.self) == "Aéÿ")
  }

  @Test func byteOrderMarksTellTheEncoding() {
    #expect(TextEncoding(byteOrderMark: [0xFF, 0xFE, 0x41, 0]) == .utf16LittleEndian)
    #expect(TextEncoding(byteOrderMark: [0xFE, 0xFF, 0, 0x41]) == .utf16BigEndian)
    #expect(TextEncoding(byteOrderMark: [0xEF, 0xBB, 0xBF]) == .utf8)
    #expect(TextEncoding(byteOrderMark: [0xEF, 0xBB]) == nil)
    #expect(TextEncoding(byteOrderMark: []) == nil)
  }
}
