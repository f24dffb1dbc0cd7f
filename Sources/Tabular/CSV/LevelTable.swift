/// Distinct texts by their bytes, numbered in the order they came. Lookups allocate nothing.
struct LevelTable: Sendable {
  private var bytes: [UInt8] = []
  /// Where each level ends in `bytes`.
  private var ends: [Int] = []
  /// Open addressing with linear probing: level number + 1, or 0 where free. The size is a power of two.
  private var slots: [UInt32] = [UInt32](repeating: 0, count: 16)

  init() {}

  var count: Int { ends.count }

  func level(_ index: Int) -> ArraySlice<UInt8> { bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]] }

  func index(of text: UnsafeBufferPointer<UInt8>) -> Int? {
    let slot = slots[slot(of: text)]
    return slot == 0 ? nil : Int(slot) - 1
  }

  mutating func insert(_ text: UnsafeBufferPointer<UInt8>) {
    let slot = slot(of: text)
    if slots[slot] != 0 { return }
    bytes.append(contentsOf: text)
    ends.append(bytes.count)
    slots[slot] = UInt32(ends.count)
    if ends.count * 2 > slots.count { grow() }
  }

  mutating func insert(_ other: LevelTable) {
    for index in 0..<other.count { other.level(index).withUnsafeBufferPointer { (text) -> Void in insert(text) } }
  }

  /// The slot that holds `text`, or the free one where it belongs.
  private func slot(of text: UnsafeBufferPointer<UInt8>) -> Int {
    var slot = Int(truncatingIfNeeded: hash(text)) & (slots.count - 1)
    while slots[slot] != 0, !level(Int(slots[slot]) - 1).elementsEqual(text) { slot = (slot + 1) & (slots.count - 1) }
    return slot
  }

  private mutating func grow() {
    slots = [UInt32](repeating: 0, count: slots.count * 2)
    for index in 0..<count {
      let free = level(index).withUnsafeBufferPointer { slot(of: $0) }
      slots[free] = UInt32(index + 1)
    }
  }

  /// FNV-1a (Fowler, Noll, Vo), its high bits folded in. It decides only where a level is looked for.
  private func hash(_ text: UnsafeBufferPointer<UInt8>) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in text { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    return hash ^ hash >> 32
  }

  /// The levels sorted by their bytes, and for each number here the position there.
  func sorted() -> (levels: [String], position: [Int32]) {
    let order = (0..<count).sorted { level($0).lexicographicallyPrecedes(level($1)) }
    var position = [Int32](repeating: 0, count: count)
    for (rank, index) in order.enumerated() { position[index] = Int32(rank) }
    return (order.map { String(decoding: level($0), as: UTF8.self) }, position)
  }
}
