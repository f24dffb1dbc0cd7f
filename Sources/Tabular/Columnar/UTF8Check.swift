extension UnsafeRawBufferPointer {
  /// Whether the bytes are UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing beyond U+10FFFF).
  var isUTF8: Bool {
    var index = 0
    while index < count {
      // Eight bytes of ASCII at once.
      if index + 8 <= count,
        loadUnaligned(fromByteOffset: index, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
      {
        index += 8
        continue
      }
      let length = sequenceLength(at: index)
      if length == 0 { return false }
      index += length
    }
    return true
  }

  /// Bytes of the character at `index`; 0 where there is none.
  private func sequenceLength(at index: Int) -> Int {
    let first = self[index]
    if first < 0x80 { return 1 }
    let length = first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0
    guard length > 0, index + length <= count else { return 0 }
    for place in index + 1..<index + length where self[place] & 0xC0 != 0x80 { return 0 }
    let second = self[index + 1]
    switch first {
    case 0xE0: return second < 0xA0 ? 0 : length
    case 0xED: return second > 0x9F ? 0 : length
    case 0xF0: return second < 0x90 ? 0 : length
    case 0xF4: return second > 0x8F ? 0 : length
    default: return length
    }
  }
}
