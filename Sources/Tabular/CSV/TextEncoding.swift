/// How the characters of a text file are written as bytes.
package enum TextEncoding: String, Sendable, Hashable, CaseIterable {
  case utf8 = "utf-8"
  case utf16LittleEndian = "utf-16le"
  case utf16BigEndian = "utf-16be"
  /// ISO 8859-1: each byte is the character of that number.
  case latin1 = "latin-1"
  /// Latin-1 with printable characters from 128 to 159.
  case windows1252 = "windows-1252"

  /// What a byte order mark at the start of a text says; nil where there is none.
  init?(byteOrderMark bytes: [UInt8]) {
    if bytes.starts(with: [0xFF, 0xFE]) {
      self = .utf16LittleEndian
    } else if bytes.starts(with: [0xFE, 0xFF]) {
      self = .utf16BigEndian
    } else if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
      self = .utf8
    } else {
      return nil
    }
  }
}

/// Turns text of another encoding into UTF-8, piece by piece. What is no character becomes a byte that UTF-8 does not have,
/// so that it is found where it stands.
struct TextRecoder {
  private let encoding: TextEncoding
  private var input: [UInt8] = []
  private var output: [UInt8] = []
  private var isAtEnd = false

  init(_ encoding: TextEncoding) { self.encoding = encoding }

  /// Stores up to `buffer.count` bytes of UTF-8; 0 at the end.
  mutating func read(from bytes: any ByteStream, into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    while output.isEmpty, !isAtEnd {
      let kept = input.count
      input += [UInt8](repeating: 0, count: 1 << 16)
      let received = try input.withUnsafeMutableBytes {
        try bytes.fill(UnsafeMutableRawBufferPointer(rebasing: $0[kept...]))
      }
      input.removeLast((1 << 16) - received)
      isAtEnd = received == 0
      recode()
    }
    let count = min(output.count, buffer.count)
    buffer.copyBytes(from: output.prefix(count))
    output.removeFirst(count)
    return count
  }

  private mutating func recode() {
    output.reserveCapacity(output.count + input.count * 2)
    switch encoding {
    case .utf8:
      output += input
      input.removeAll()
    case .latin1, .windows1252:
      for byte in input { append(scalar(byte)) }
      input.removeAll()
    case .utf16LittleEndian, .utf16BigEndian: recodeUTF16()
    }
  }

  private func scalar(_ byte: UInt8) -> UInt32? {
    guard encoding == .windows1252, (0x80..<0xA0).contains(byte) else { return UInt32(byte) }
    let value = TextRecoder.windows[Int(byte) - 0x80]
    return value == 0 ? nil : UInt32(value)
  }

  private mutating func recodeUTF16() {
    let bigEndian = encoding == .utf16BigEndian
    func unit(_ at: Int) -> UInt32 {
      UInt32(input[at + (bigEndian ? 0 : 1)]) << 8 | UInt32(input[at + (bigEndian ? 1 : 0)])
    }
    var at = 0
    while at + 2 <= input.count {
      let first = unit(at)
      if first & 0xFC00 == 0xD800 {
        if at + 4 > input.count, !isAtEnd { break }
        if at + 4 <= input.count, unit(at + 2) & 0xFC00 == 0xDC00 {
          append(0x10000 + ((first & 0x3FF) << 10) + (unit(at + 2) & 0x3FF))
          at += 4
          continue
        }
      }
      append(first)
      at += 2
    }
    input.removeFirst(at)
    if isAtEnd, !input.isEmpty {
      append(nil)
      input.removeAll()
    }
  }

  private mutating func append(_ scalar: UInt32?) {
    guard let scalar = scalar.flatMap(Unicode.Scalar.init) else { return output.append(0xFF) }
    output += UTF8.encode(scalar).map { Array($0) } ?? [0xFF]
  }

  /// Characters 128 to 159 of Windows-1252; 0 where there is none. Source: unicode.org, CP1252.TXT.
  private static let windows: [UInt16] = [
    0x20AC, 0, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017D, 0, 0,
    0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0, 0x017E, 0x0178,
  ]
}
