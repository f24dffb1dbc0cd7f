/// 64 well-mixed bits of 64 bits: a bijection, so that different values never share a hash. The finaliser of MurmurHash3
/// with the constants of Stafford's "Mix13". The same on every machine, for ever.
@inline(__always)
package func valueHash(_ bits: UInt64) -> UInt64 {
  var hash = bits ^ 0x5851_F42D_4C95_7F2D
  hash = (hash ^ (hash >> 30)) &* 0xBF58_476D_1CE4_E5B9
  hash = (hash ^ (hash >> 27)) &* 0x94D0_49BB_1331_11EB
  return hash ^ (hash >> 31)
}

/// The bits that stand for a number: 0 and −0 are one value.
@inline(__always)
package func valueBits(_ number: Double) -> UInt64 { (number + 0).bitPattern }

/// 64 well-mixed bits of some bytes, eight of them at a time, closed with their number. Two texts share a hash with
/// probability 2⁻⁶⁴ as long as nobody looks for such texts. O(bytes).
package func valueHash(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
  var hash: UInt64 = 0x9E37_79B9_7F4A_7C15
  guard let start = UnsafeRawPointer(bytes.baseAddress) else { return valueHash(hash) }
  var at = 0
  while at + 8 <= bytes.count {
    hash =
      (hash ^ UInt64(littleEndian: start.loadUnaligned(fromByteOffset: at, as: UInt64.self))) &* 0xD6E8_FEB8_6659_FD93
    hash ^= hash >> 32
    at += 8
  }
  var rest: UInt64 = 0
  var shift: UInt64 = 0
  while at < bytes.count {
    rest |= UInt64(bytes[at]) << shift
    shift += 8
    at += 1
  }
  hash = (hash ^ rest) &* 0xD6E8_FEB8_6659_FD93
  return valueHash(hash ^ (hash >> 32) ^ UInt64(bytes.count))
}
