/// Steps through the bytes of a line, which ends with a line feed: no step goes beyond it, so that none has to look for the
/// end of memory.
@inline(__always)
func skipBlanks(inJSON start: UnsafePointer<UInt8>) -> UnsafePointer<UInt8> {
  var at = start
  while at.pointee == UInt8(ascii: " ") || at.pointee == UInt8(ascii: "\t") || at.pointee == carriageReturn { at += 1 }
  return at
}

/// The line feed that ends a line.
func lineEnd(from start: UnsafePointer<UInt8>) -> UnsafePointer<UInt8> {
  var at = start
  while at.pointee != lineFeed { at += 1 }
  return at
}

/// Throws where a line is no text.
func checkText(ofLine line: UnsafePointer<UInt8>) throws(JSONFlaw) {
  let bytes = UnsafeBufferPointer(start: line, count: lineEnd(from: line) - line)
  if let flaw = bytes.firstUnreadable() {
    throw JSONFlaw(kind: flaw.kind == .nulByte ? .controlCharacter : .notUTF8, at: line + flaw.offset)
  }
}

/// The first quote, backslash or control character from `start` on. Reads eight bytes at a time, so up to seven behind a
/// line feed.
///
/// Zero bytes are found as in "Determine if a word has a zero byte" (S. E. Anderson, Bit Twiddling Hacks).
@inline(__always)
func textEnd(_ start: UnsafePointer<UInt8>) -> UnsafePointer<UInt8> {
  var at = start
  let ones: UInt64 = 0x0101_0101_0101_0101
  let highs: UInt64 = 0x8080_8080_8080_8080
  while true {
    let word = UInt64(littleEndian: UnsafeRawPointer(at).loadUnaligned(as: UInt64.self))
    let quotes = word ^ ones &* UInt64(UInt8(ascii: "\""))
    let slashes = word ^ ones &* UInt64(UInt8(ascii: "\\"))
    let found =
      ((quotes &- ones) & ~quotes | (slashes &- ones) & ~slashes | (word &- ones &* 0x20) & ~word) & highs
    if found != 0 { return at + found.trailingZeroBitCount / 8 }
    at += 8
  }
}

/// Appends what a text with escapes means. `start` is behind the opening quote; returns where the closing one stands.
func decodeText(
  _ start: UnsafePointer<UInt8>, into out: inout [UInt8]
) throws(JSONFlaw) -> UnsafePointer<UInt8> {
  var at = start
  while true {
    let end = textEnd(at)
    out.append(contentsOf: UnsafeBufferPointer(start: at, count: end - at))
    at = end
    if at.pointee == UInt8(ascii: "\"") { return at }
    guard at.pointee == UInt8(ascii: "\\") else {
      throw JSONFlaw(kind: at.pointee == lineFeed ? .unfinished : .controlCharacter, at: at)
    }
    at = try decodeEscape(at, into: &out)
  }
}

/// Appends what the escape at `start` means and returns what is behind it.
private func decodeEscape(
  _ start: UnsafePointer<UInt8>, into out: inout [UInt8]
) throws(JSONFlaw) -> UnsafePointer<UInt8> {
  switch start[1] {
  case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): out.append(start[1])
  case UInt8(ascii: "b"): out.append(8)
  case UInt8(ascii: "f"): out.append(12)
  case UInt8(ascii: "n"): out.append(10)
  case UInt8(ascii: "r"): out.append(13)
  case UInt8(ascii: "t"): out.append(9)
  case UInt8(ascii: "u"):
    guard let first = hexUnit(start + 2) else { throw JSONFlaw(kind: .badEscape, at: start) }
    guard first & 0xF800 == 0xD800 else {
      append(UInt32(first), to: &out)
      return start + 6
    }
    guard first < 0xDC00, start[6] == UInt8(ascii: "\\"), start[7] == UInt8(ascii: "u"),
      let second = hexUnit(start + 8), second & 0xFC00 == 0xDC00
    else { throw JSONFlaw(kind: .loneSurrogate, at: start) }
    append(0x10000 + (UInt32(first) & 0x3FF) << 10 + UInt32(second) & 0x3FF, to: &out)
    return start + 12
  default: throw JSONFlaw(kind: start[1] == lineFeed ? .unfinished : .badEscape, at: start)
  }
  return start + 2
}

/// Four hex digits. Stops at the first byte that is none.
private func hexUnit(_ start: UnsafePointer<UInt8>) -> UInt16? {
  var value: UInt16 = 0
  for at in 0..<4 {
    switch start[at] {
    case 48...57: value = value << 4 | UInt16(start[at] - 48)
    case 65...70: value = value << 4 | UInt16(start[at] - 55)
    case 97...102: value = value << 4 | UInt16(start[at] - 87)
    default: return nil
    }
  }
  return value
}

private func append(_ scalar: UInt32, to out: inout [UInt8]) {
  if let scalar = Unicode.Scalar(scalar) { out.append(contentsOf: UTF8.encode(scalar).map(Array.init) ?? []) }
}
