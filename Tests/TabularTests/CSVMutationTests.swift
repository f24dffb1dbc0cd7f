import Basics
import Testing

@testable import Tabular

@Suite struct CSVMutationTests {
  /// Whatever the bytes, reading ends with a table or a `CSVError`, the same for any pieces.
  @Test func anyBytesGiveATableOrAMessage() throws {
    var generator = TestGenerator(seed: 23)
    let seeds = [csv(randomTable(rows: 12, seed: 1)), Array("a,b,c\r\n1,\"x\"\"y\",\r\n2,z,2024-01-01\r\n".utf8)]
    let spice: [UInt8] = Array("\"\",\n\r\r\n 09-.eE+é".utf8) + [0, 0xFF, 0xC3]
    for round in 0..<400 {
      var bytes = seeds[round % seeds.count]
      for _ in 0..<Int.random(in: 1...8, using: &generator) {
        let at = Int.random(in: 0..<bytes.count, using: &generator)
        let byte = spice.randomElement(using: &generator) ?? 0
        switch Int.random(in: 0..<3, using: &generator) {
        case 0: bytes[at] = byte
        case 1: bytes.insert(byte, at: at)
        default: if bytes.count > 1 { bytes.remove(at: at) }
        }
      }
      let whole = outcome(bytes, pieceSize: 1 << 20)
      let pieces = outcome(bytes, pieceSize: 3)
      // Where a file is cut may decide which of two flaws is told, never whether there is one.
      #expect(whole == pieces, "round \(round)")
    }
  }

  private func outcome(_ bytes: [UInt8], pieceSize: Int) -> [UInt8]? {
    do { return try ingest(bytes, pieceSize: pieceSize).bytes } catch {
      #expect(error is CSVError)
      return nil
    }
  }
}
