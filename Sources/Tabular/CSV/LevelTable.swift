import Glibc

/// Distinct texts by their bytes, numbered in the order they came. Lookups allocate nothing.
struct LevelTable: Sendable {
  private var bytes: [UInt8] = []
  /// Where each level ends in `bytes`.
  private var ends: [Int] = []
  /// Open addressing with linear probing: the high half of the hash over level number + 1, or 0 where free. The size is a
  /// power of two.
  private var slots = [UInt64](repeating: 0, count: 16)

  init() {}

  var count: Int { ends.count }

  func level(_ index: Int) -> ArraySlice<UInt8> { bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]] }

  func index(of text: UnsafeBufferPointer<UInt8>) -> Int? {
    let entry = slots[slot(of: text, LevelTable.hash(text))]
    return entry == 0 ? nil : Int(entry & 0xFFFF_FFFF) - 1
  }

  /// Adds a text unless it is there; its number.
  @discardableResult
  mutating func insert(_ text: UnsafeBufferPointer<UInt8>) -> Int {
    let hash = LevelTable.hash(text)
    let slot = slot(of: text, hash)
    if slots[slot] != 0 { return Int(slots[slot] & 0xFFFF_FFFF) - 1 }
    bytes.append(contentsOf: text)
    ends.append(bytes.count)
    slots[slot] = LevelTable.entry(hash, ends.count)
    if ends.count * 2 > slots.count { grow() }
    return ends.count - 1
  }

  mutating func insert(_ other: LevelTable) {
    for index in 0..<other.count { other.withLevel(index) { _ = insert($0) } }
  }

  func withLevel<Result>(_ index: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    level(index).withUnsafeBufferPointer(body)
  }

  /// The slot that holds `text`, or the free one where it belongs.
  private func slot(of text: UnsafeBufferPointer<UInt8>, _ hash: UInt64) -> Int {
    slots.withUnsafeBufferPointer { slots in
      ends.withUnsafeBufferPointer { ends in
        bytes.withUnsafeBufferPointer { bytes in
          let mask = slots.count - 1
          var slot = Int(truncatingIfNeeded: hash) & mask
          while true {
            let entry = slots[slot]
            if entry == 0 { return slot }
            if entry >> 32 == hash >> 32 {
              let index = Int(entry & 0xFFFF_FFFF) - 1
              let start = index == 0 ? 0 : ends[index - 1]
              if ends[index] - start == text.count, LevelTable.isEqual(bytes.baseAddress, start, text) { return slot }
            }
            slot = (slot + 1) & mask
          }
        }
      }
    }
  }

  private static func isEqual(
    _ bytes: UnsafePointer<UInt8>?, _ start: Int, _ text: UnsafeBufferPointer<UInt8>
  ) -> Bool {
    guard let bytes, let other = text.baseAddress, text.count > 0 else { return text.count == 0 }
    let count = text.count
    let (own, raw) = (UnsafeRawPointer(bytes + start), UnsafeRawPointer(other))
    // Short ones in two words that may overlap.
    func differ<Word: FixedWidthInteger>(_ type: Word.Type, at offset: Int) -> Word {
      own.loadUnaligned(fromByteOffset: offset, as: type) ^ raw.loadUnaligned(fromByteOffset: offset, as: type)
    }
    if count > 16 { return memcmp(own, raw, count) == 0 }
    if count >= 8 { return differ(UInt64.self, at: 0) | differ(UInt64.self, at: count - 8) == 0 }
    if count >= 4 { return differ(UInt32.self, at: 0) | differ(UInt32.self, at: count - 4) == 0 }
    return differ(UInt8.self, at: 0) | differ(UInt8.self, at: count / 2) | differ(UInt8.self, at: count - 1) == 0
  }

  private mutating func grow() {
    slots = [UInt64](repeating: 0, count: slots.count * 2)
    for index in 0..<count {
      let (slot, hash) = withLevel(index) { text -> (Int, UInt64) in
        let hash = LevelTable.hash(text)
        return (self.slot(of: text, hash), hash)
      }
      slots[slot] = LevelTable.entry(hash, index + 1)
    }
  }

  private static func entry(_ hash: UInt64, _ number: Int) -> UInt64 { (hash >> 32) << 32 | UInt64(number) }

  /// Eight bytes at a time, multiplied and folded, the last ones overlapping those before. It decides only where a level is looked for.
  private static func hash(_ text: UnsafeBufferPointer<UInt8>) -> UInt64 {
    guard let start = text.baseAddress else { return 0 }
    let (raw, count) = (UnsafeRawPointer(start), text.count)
    func word<Word: FixedWidthInteger>(_ type: Word.Type, at offset: Int) -> UInt64 {
      UInt64(truncatingIfNeeded: raw.loadUnaligned(fromByteOffset: offset, as: type))
    }
    var hash = UInt64(truncatingIfNeeded: count) &* 0x9E37_79B9_7F4A_7C15
    if count < 4 {
      if count == 0 { return hash }
      let middle = word(UInt8.self, at: count / 2) << 8
      return mixed(hash ^ word(UInt8.self, at: 0) ^ middle ^ word(UInt8.self, at: count - 1) << 16)
    }
    if count < 8 { return mixed(hash ^ word(UInt32.self, at: 0) ^ word(UInt32.self, at: count - 4) << 32) }
    var at = 0
    while at + 8 < count {
      hash = mixed(hash ^ word(UInt64.self, at: at))
      at += 8
    }
    // The last eight bytes, some of them once more.
    return mixed(hash ^ word(UInt64.self, at: count - 8))
  }

  private static func mixed(_ word: UInt64) -> UInt64 {
    let product = word.multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
    return product.high ^ product.low
  }

  /// The levels sorted by their bytes, and for each number here the position there.
  func sorted() -> (levels: [String], position: [Int32]) {
    let order = (0..<count).sorted { level($0).lexicographicallyPrecedes(level($1)) }
    var position = [Int32](repeating: 0, count: count)
    for (rank, index) in order.enumerated() { position[index] = Int32(rank) }
    return (order.map { String(decoding: level($0), as: UTF8.self) }, position)
  }
}
