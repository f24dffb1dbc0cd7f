/// Changes bytes as files are damaged and as attackers damage them: bits, lengths, pieces that are lost, doubled, or taken
/// from another file. Ends of files, where their indices stand, are hit as often as all the rest.
struct Mutation {
  private var generator: TestGenerator
  private let others: [[UInt8]]

  /// `others` are files to take pieces from.
  init(seed: UInt64, others: [[UInt8]]) {
    generator = TestGenerator(seed: seed)
    self.others = others
  }

  private mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }

  /// One to six changes.
  mutating func mutated(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<number(1...6) where !bytes.isEmpty { change(&bytes) }
    return bytes
  }

  private mutating func change(_ bytes: inout [UInt8]) {
    let position = place(in: bytes.count)
    let rest = bytes.count - position
    switch number(0...9) {
    case 0, 1: bytes[position] ^= 1 << UInt8(number(0...7))
    case 2: bytes[position] = UInt8(number(0...255))
    case 3: bytes[position] = [0, 1, 0x7F, 0x80, 0xFE, 0xFF].randomElement(using: &generator) ?? 0
    case 4: write(interesting(Int32.self), at: position, in: &bytes)
    case 5: write(interesting(Int64.self), at: position, in: &bytes)
    case 6: bytes.removeSubrange(position..<position + number(0...min(rest, 64)))
    case 7: bytes.insert(contentsOf: bytes[position..<position + number(0...min(rest, 64))], at: position)
    case 8:
      guard let other = others.randomElement(using: &generator), !other.isEmpty else { return }
      let from = place(in: other.count)
      let piece = other[from..<from + number(1...min(other.count - from, 256))]
      bytes.replaceSubrange(position..<position + min(rest, piece.count), with: piece)
    default: if number(0...9) == 0 { bytes.removeSubrange(position...) }
    }
  }

  private mutating func place(in count: Int) -> Int {
    switch number(0...3) {
    case 0: number(max(0, count - 16)...count - 1)
    case 1: number(max(0, count - 2048)...count - 1)
    case 2: number(0...min(count - 1, 512))
    default: number(0...count - 1)
    }
  }

  private mutating func interesting<Value: FixedWidthInteger>(_ type: Value.Type) -> Value {
    switch number(0...5) {
    case 0: .max
    case 1: .min
    case 2: -1
    case 3: Value(truncatingIfNeeded: 1 << number(0...62))
    default: Value(truncatingIfNeeded: number(-300...70_000))
    }
  }

  private func write<Value: FixedWidthInteger>(_ value: Value, at position: Int, in bytes: inout [UInt8]) {
    withUnsafeBytes(of: value.littleEndian) { value in
      for (index, byte) in value.enumerated() where position + index < bytes.count { bytes[position + index] = byte }
    }
  }
}
