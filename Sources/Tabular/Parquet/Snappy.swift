/// Decompresses a Snappy block; false unless it holds exactly `out.count` bytes.
///
/// Source: google/snappy, `format_description.txt`: the length as a varint, then literals and copies of what was written
/// before, each begun by a tag of 2 bits.
func decompressSnappy(_ bytes: UnsafeRawBufferPointer, into out: UnsafeMutableRawBufferPointer) -> Bool {
  guard let start = length(bytes, expected: out.count) else { return false }
  if out.isEmpty { return start == bytes.count }
  guard let source = bytes.baseAddress, let target = out.baseAddress else { return false }
  var (from, to) = (start, 0)
  while from < bytes.count {
    let tag = bytes[from]
    from += 1
    var count: Int
    var distance: Int
    switch tag & 3 {
    case 0:
      count = Int(tag >> 2) + 1
      if count > 60 {
        let size = count - 60
        guard from + size <= bytes.count else { return false }
        count = 1 + littleEndian(bytes, at: from, size: size)
        from += size
      }
      guard count <= bytes.count - from, count <= out.count - to else { return false }
      (target + to).copyMemory(from: source + from, byteCount: count)
      from += count
      to += count
      continue
    case 1:
      guard from < bytes.count else { return false }
      count = Int(tag >> 2 & 7) + 4
      distance = Int(tag >> 5) << 8 | Int(bytes[from])
      from += 1
    case 2:
      guard from + 2 <= bytes.count else { return false }
      count = Int(tag >> 2) + 1
      distance = littleEndian(bytes, at: from, size: 2)
      from += 2
    default:
      guard from + 4 <= bytes.count else { return false }
      count = Int(tag >> 2) + 1
      distance = littleEndian(bytes, at: from, size: 4)
      from += 4
    }
    guard distance > 0, distance <= to, count <= out.count - to else { return false }
    copy(target + to, distance: distance, count: count)
    to += count
  }
  return to == out.count
}

/// Copies bytes that may run into those being written: a distance of 1 repeats a byte.
private func copy(_ target: UnsafeMutableRawPointer, distance: Int, count: Int) {
  if distance >= count {
    target.copyMemory(from: target - distance, byteCount: count)
  } else {
    let bytes = target.assumingMemoryBound(to: UInt8.self)
    for index in 0..<count { bytes[index] = bytes[index - distance] }
  }
}

/// Where the elements begin, if the varint before them says `expected`.
private func length(_ bytes: UnsafeRawBufferPointer, expected: Int) -> Int? {
  var value = 0
  for index in 0..<min(5, bytes.count) {
    value |= Int(bytes[index] & 0x7F) << (7 * index)
    if bytes[index] < 0x80 { return value == expected ? index + 1 : nil }
  }
  return nil
}

private func littleEndian(_ bytes: UnsafeRawBufferPointer, at position: Int, size: Int) -> Int {
  var value = 0
  for index in 0..<size { value |= Int(bytes[position + index]) << (8 * index) }
  return value
}
