/// Cuts text into words: runs of ASCII letters, digits and underscores, and of all bytes beyond ASCII.
struct WordScanner {
  private let lowercase: Bool
  /// The words of the last text one after the other, and where each ends.
  private(set) var bytes: [UInt8] = []
  private(set) var ends: [Int] = []

  init(lowercase: Bool) { self.lowercase = lowercase }

  mutating func scan(_ text: some Sequence<UInt8>) {
    bytes.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
    var start = 0
    for byte in text {
      if WordScanner.isWord(byte) {
        append(byte, from: start)
      } else if bytes.count > start {
        ends.append(bytes.count)
        start = bytes.count
      }
    }
    if bytes.count > start { ends.append(bytes.count) }
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"), 0x80...:
      true
    default: false
    }
  }

  /// Small letters for capital ones: ASCII, Latin-1, Greek and Cyrillic, by tables of our own, so that a model does not
  /// depend on the version of Unicode.
  private mutating func append(_ byte: UInt8, from start: Int) {
    guard lowercase else { return bytes.append(byte) }
    if byte < 0x80 {
      return bytes.append(byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte)
    }
    guard byte < 0xC0, let lead = bytes.last, bytes.count > start else { return bytes.append(byte) }
    switch (lead, byte) {
    // À–Þ but for ×
    case (0xC3, 0x80...0x96), (0xC3, 0x98...0x9E): bytes.append(byte + 0x20)
    // Α–Ο, Π–Ω
    case (0xCE, 0x91...0x9F): bytes.append(byte + 0x20)
    case (0xCE, 0xA0...0xA9): replace(0xCF, byte - 0x20)
    // Ѐ–Џ, А–П, Р–Я
    case (0xD0, 0x80...0x8F): replace(0xD1, byte + 0x10)
    case (0xD0, 0x90...0x9F): bytes.append(byte + 0x20)
    case (0xD0, 0xA0...0xAF): replace(0xD1, byte - 0x20)
    default: bytes.append(byte)
    }
  }

  private mutating func replace(_ lead: UInt8, _ byte: UInt8) {
    bytes[bytes.count - 1] = lead
    bytes.append(byte)
  }
}
