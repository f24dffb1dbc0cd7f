/// Which indices were seen: a bit each up to 2²⁷, a set beyond.
struct IndexSet {
  private var bits: [UInt64] = []
  private var others: Set<Int32> = []

  mutating func insert(_ index: Int32) {
    let word = Int(index) >> 6
    if word >= 1 << 21 {
      others.insert(index)
      return
    }
    if word >= bits.count { bits += [UInt64](repeating: 0, count: max(word + 1 - bits.count, bits.count)) }
    bits[word] |= 1 << UInt64(index & 63)
  }

  var sorted: [Int32] {
    var indices: [Int32] = []
    for (word, bits) in bits.enumerated() {
      var rest = bits
      while rest != 0 {
        indices.append(Int32(word << 6 | rest.trailingZeroBitCount))
        rest &= rest - 1
      }
    }
    return indices + others.sorted()
  }
}
