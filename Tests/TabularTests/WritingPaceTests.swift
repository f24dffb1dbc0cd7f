import Basics
import Testing

@testable import Tabular

@Suite struct WritingPaceTests {
  @Test func groupsInOneCallGiveTheSameFile() throws {
    let scratch = try Scratch()
    let table = randomTable(rows: 70_000, seed: 4, hasTimestamps: true)
    let paths = ["columns", "whole"].map { "\(scratch.path)/\($0).arrow" }
    try table.write(to: paths[0])
    try table.write(to: paths[1], pace: WritingPace(from: 0, leastSize: 1))
    let files = try paths.map { try FileHandle(reading: $0).readAll() }
    #expect(files[0] == files[1])
  }

  /// One call that takes the processor long is followed by sixteen groups by columns, and then tried again.
  @Test func isLeftAloneWhereItTakesLong() {
    var pace = WritingPace(from: 1000, leastSize: 100)
    func spin() {
      let start = threadProcessorTime()
      while threadProcessorTime() - start < 2_000_000 {}
    }
    var decisions: [Bool] = []
    for group in 0..<30 {
      pace.write(500, at: 500 * group) { isWhole in
        decisions.append(isWhole)
        if isWhole { spin() }
      }
    }
    let expected = (0..<30).map { $0 == 2 || $0 == 2 + 1 + WritingPace.pause }
    #expect(decisions == expected)
  }

  @Test func isKeptWhereItIsNoSlower() {
    var pace = WritingPace(from: 1000, leastSize: 100)
    var decisions: [Bool] = []
    for group in 0..<10 {
      pace.write(500, at: 500 * group) { isWhole in
        decisions.append(isWhole)
        if !isWhole {
          let start = threadProcessorTime()
          while threadProcessorTime() - start < 1_000_000 {}
        }
      }
    }
    #expect(decisions == (0..<10).map { $0 >= 2 })
  }
}
