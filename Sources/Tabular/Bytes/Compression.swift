/// How a file is compressed as a whole.
package enum Compression: String, Sendable, Hashable, CaseIterable {
  case gzip
  case zstd

  /// Bytes that `init` wants to see.
  static let magicSize = 4

  /// Tells by the first bytes of a file, whatever its name; nil where it is not compressed.
  ///
  /// Sources: RFC 1952, section 2.3.1; RFC 8878, sections 3.1.1 and 3.1.2 (a skippable frame may stand first).
  init?(firstBytes bytes: [UInt8]) {
    if bytes.starts(with: [0x1F, 0x8B]) {
      self = .gzip
    } else if bytes.starts(with: [0x28, 0xB5, 0x2F, 0xFD])
      || bytes.count >= 4 && bytes[0] & 0xF0 == 0x50 && bytes[1...3].elementsEqual([0x2A, 0x4D, 0x18])
    {
      self = .zstd
    } else {
      return nil
    }
  }
}
