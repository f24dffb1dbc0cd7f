import Testing

@testable import Tabular

@Suite struct LevelTableTests {
  private func insert(_ text: [UInt8], _ table: inout LevelTable) -> Int {
    text.withUnsafeBufferPointer { table.insert($0) }
  }

  /// Texts of every length up to 40 that differ in one byte, at each place, are different levels, each found again.
  @Test func textsThatDifferInOneByteAreDifferentLevels() {
    var texts: [[UInt8]] = [[]]
    for length in 1...40 {
      let plain = (0..<length).map { UInt8(truncatingIfNeeded: 97 + $0 % 26) }
      texts.append(plain)
      for place in 0..<length {
        var changed = plain
        changed[place] ^= 0x80
        texts.append(changed)
      }
    }
    var table = LevelTable()
    #expect(texts.map { insert($0, &table) } == Array(texts.indices))
    #expect(texts.map { insert($0, &table) } == Array(texts.indices))
    for (index, text) in texts.enumerated() {
      #expect(Array(table.level(index)) == text)
      #expect(text.withUnsafeBufferPointer { table.index(of: $0) } == index)
    }
    #expect([UInt8](repeating: 0, count: 3).withUnsafeBufferPointer { table.index(of: $0) } == nil)
    let (levels, position) = table.sorted()
    #expect(levels.count == texts.count && Set(position).count == texts.count)
  }
}
