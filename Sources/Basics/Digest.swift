import Crypto

/// The SHA-256 of some bytes: the name of every artifact.
package struct Digest: Sendable, Hashable, Comparable, CustomStringConvertible {
  private let words: (UInt64, UInt64, UInt64, UInt64)

  /// The digest of `bytes`.
  package init(of bytes: some Sequence<UInt8>) {
    var hasher = ContentHasher()
    hasher.update(Array(bytes))
    self = hasher.finish()
  }

  /// The digest of the UTF-8 of `text`.
  package init(of text: String) {
    self.init(of: Array(text.utf8))
  }

  fileprivate init(_ digest: SHA256.Digest) {
    self = digest.withUnsafeBytes { Digest(raw: $0) }
  }

  private init(raw: UnsafeRawBufferPointer) {
    func word(_ index: Int) -> UInt64 {
      UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self))
    }
    words = (word(0), word(1), word(2), word(3))
  }

  /// A digest from its 64 lower-case hex digits; nil for anything else.
  package init?(hex: String) {
    let digits = Array(hex.utf8)
    guard digits.count == 64 else { return nil }
    var parts: [UInt64] = []
    for start in stride(from: 0, to: 64, by: 16) {
      var value: UInt64 = 0
      for digit in digits[start..<start + 16] {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt64(digit - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt64(digit - UInt8(ascii: "a") + 10)
        default: return nil
        }
      }
      parts.append(value)
    }
    words = (parts[0], parts[1], parts[2], parts[3])
  }

  /// 64 lower-case hex digits.
  package var hex: String {
    var digits: [UInt8] = []
    digits.reserveCapacity(64)
    for word in [words.0, words.1, words.2, words.3] {
      for shift in stride(from: 60, through: 0, by: -4) {
        digits.append(hexDigit(UInt8(truncatingIfNeeded: word >> UInt64(shift)) & 15))
      }
    }
    return String(decoding: digits, as: UTF8.self)
  }

  /// The first 12 hex digits, for people.
  package var short: String { String(hex.prefix(12)) }

  package var description: String { hex }

  /// The first 64 bits, for seeding what must follow from content alone.
  package var leadingWord: UInt64 { words.0 }

  package static func == (left: Digest, right: Digest) -> Bool { left.words == right.words }

  package func hash(into hasher: inout Hasher) { hasher.combine(words.0) }

  package static func < (left: Digest, right: Digest) -> Bool { left.words < right.words }
}

private func hexDigit(_ value: UInt8) -> UInt8 {
  value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
}

/// SHA-256 over bytes that come in pieces.
package struct ContentHasher: Sendable {
  private var state = SHA256()

  package init() {}

  package mutating func update(_ bytes: [UInt8]) {
    state.update(data: bytes)
  }

  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    state.update(bufferPointer: bytes)
  }

  package mutating func update(_ text: String) {
    update(Array(text.utf8))
  }

  package consuming func finish() -> Digest {
    Digest(state.finalize())
  }
}
