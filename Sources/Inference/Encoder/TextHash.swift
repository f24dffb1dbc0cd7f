/// The hash that puts words and levels into buckets: 64-bit FNV-1a over the bytes (G. Fowler, L. C. Noll, K.-P. Vo), then the
/// finaliser of MurmurHash3 (A. Appleby), so that all bits depend on all bytes. Part of the model format: it never changes.
struct TextHash {
  private var state: UInt64 = 0xCBF2_9CE4_8422_2325

  @inline(__always)
  mutating func add(_ byte: UInt8) { state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }

  mutating func add(_ bytes: some Sequence<UInt8>) { for byte in bytes { add(byte) } }

  /// The hash of all that was added.
  var value: UInt64 {
    var bits = state
    bits = (bits ^ bits >> 33) &* 0xFF51_AFD7_ED55_8CCD
    bits = (bits ^ bits >> 33) &* 0xC4CE_B9FE_1A85_EC53
    return bits ^ bits >> 33
  }

  static func value(of bytes: some Sequence<UInt8>) -> UInt64 {
    var hash = TextHash()
    hash.add(bytes)
    return hash.value
  }

  /// The bucket of a hash: its upper 32 bits, scaled to the number of buckets.
  static func bucket(_ hash: UInt64, of buckets: Int) -> Int32 {
    Int32(truncatingIfNeeded: (hash >> 32 &* UInt64(buckets)) >> 32)
  }

  /// The sign of a hash: its lowest bit, which no bucket depends on.
  static func sign(_ hash: UInt64) -> Double { hash & 1 == 0 ? 1 : -1 }
}
