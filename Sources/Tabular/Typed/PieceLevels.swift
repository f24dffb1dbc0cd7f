/// The distinct texts of a column within a piece of a file, numbered as they come.
struct PieceLevels {
  private var bytes: [UInt8] = []
  private var ends: [Int32] = []
  /// Open addressing with linear probing: number + 1, or 0 where free. The size is a power of two.
  private var slots = [UInt32](repeating: 0, count: 64)
  private var hashes: [UInt32] = []

  var count: Int { ends.count }

  /// The number of a text, which is added where it is new.
  @inline(__always)
  mutating func number(of text: UnsafeBufferPointer<UInt8>) -> Int32 {
    let hash = PieceLevels.hash(text)
    var slot = Int(hash) & (slots.count - 1)
    while slots[slot] != 0 {
      let number = Int(slots[slot]) - 1
      if hashes[number] == hash, isEqual(number, text) { return Int32(number) }
      slot = (slot + 1) & (slots.count - 1)
    }
    return add(text, hash, at: slot)
  }

  /// The levels as a buffer of texts.
  func buffer() -> SegmentBuffer {
    let buffer = SegmentBuffer(.text, rowCount: count)
    bytes.withUnsafeBufferPointer { bytes in
      for number in 0..<count {
        buffer.set(number, text: UnsafeBufferPointer(rebasing: bytes[range(number)]))
      }
    }
    return buffer
  }

  private func range(_ number: Int) -> Range<Int> { Int(number == 0 ? 0 : ends[number - 1])..<Int(ends[number]) }

  private func isEqual(_ number: Int, _ text: UnsafeBufferPointer<UInt8>) -> Bool {
    let range = range(number)
    guard range.count == text.count else { return false }
    return bytes.withUnsafeBufferPointer { bytes in
      for at in 0..<text.count where bytes[range.lowerBound + at] != text[at] { return false }
      return true
    }
  }

  private mutating func add(_ text: UnsafeBufferPointer<UInt8>, _ hash: UInt32, at slot: Int) -> Int32 {
    bytes.append(contentsOf: text)
    ends.append(Int32(bytes.count))
    hashes.append(hash)
    slots[slot] = UInt32(ends.count)
    if ends.count * 2 > slots.count {
      slots = [UInt32](repeating: 0, count: slots.count * 2)
      for (number, hash) in hashes.enumerated() {
        var free = Int(hash) & (slots.count - 1)
        while slots[free] != 0 { free = (free + 1) & (slots.count - 1) }
        slots[free] = UInt32(number + 1)
      }
    }
    return Int32(ends.count - 1)
  }

  /// Eight bytes at a time, mixed by multiplication. It decides only where a text is looked for.
  @inline(__always)
  private static func hash(_ text: UnsafeBufferPointer<UInt8>) -> UInt32 {
    guard let start = text.baseAddress else { return 0 }
    let raw = UnsafeRawPointer(start)
    var state = UInt64(text.count) &* 0x9E37_79B9_7F4A_7C15
    var at = 0
    while at + 8 <= text.count {
      state = (state ^ raw.loadUnaligned(fromByteOffset: at, as: UInt64.self)) &* 0xFF51_AFD7_ED55_8CCD
      state ^= state >> 32
      at += 8
    }
    var rest: UInt64 = 0
    while at < text.count {
      rest = rest << 8 | UInt64(start[at])
      at += 1
    }
    state = (state ^ rest) &* 0xC4CE_B9FE_1A85_EC53
    return UInt32(truncatingIfNeeded: state ^ state >> 29)
  }
}
