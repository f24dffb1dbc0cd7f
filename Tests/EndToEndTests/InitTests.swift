import Basics
import Foundation
import Testing

@Suite struct InitTests {
  @Test(arguments: TrainTests.examples)
  func whatInitWritesPassesCheckAndTrains(_ name: String) throws {
    let sandbox = try Sandbox()
    let ending = try sandbox.run("init", "datasets/\(name)/\(name).csv", "--name", "mine")
    #expect(ending.code == 0, "\(ending.diagnostics)")
    #expect(try sandbox.run("check", "workflows/mine.yaml").code == 0)
    let trained = try sandbox.run("train", "workflows/mine.yaml", "--format", "json")
    #expect(trained.code == 0, "\(trained.diagnostics)")
    #expect(sandbox.served("mine") != nil)
    #expect(try sandbox.read(".gitignore").contains(".mlflowctl/"))
  }

  @Test func whatIsThereIsNotOverwritten() throws {
    let sandbox = try Sandbox()
    let before = try sandbox.read("workflows/wine.yaml")
    #expect(try sandbox.run("init", "datasets/wine/wine.csv").code == 64)
    #expect(try sandbox.read("workflows/wine.yaml") == before)
  }

  @Test(arguments: [(";", ";"), ("\t", "tab")])
  func otherDelimitersAreRecognised(_ character: String, _ name: String) throws {
    let sandbox = try Sandbox(examples: false)
    let rows = (0..<80).map {
      ["\($0 * 7 % 23)", "\($0 % 3)", "\($0 * 7 % 23 * 2 + 1).5"].joined(separator: character)
    }
    try sandbox.write(
      (["a", "b", "y"].joined(separator: character) + "\n") + rows.joined(separator: "\n") + "\n", to: "data.csv")
    let ending = try sandbox.run("init", "data.csv")
    #expect(ending.code == 0, "\(ending.diagnostics)")
    #expect(try sandbox.read("workflows/data.yaml").contains("delimiter: "))
    let trained = try sandbox.run("train", "workflows/data.yaml")
    #expect(trained.code == 0, "\(trained.diagnostics)")
  }

  @Test func aTargetThatCannotBeToldIsNotReleased() throws {
    let sandbox = try Sandbox(examples: false)
    var state: UInt64 = 1
    func bit() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state >> 62 & 1
    }
    let rows = (0..<400).map { "\($0 * 31 % 97),\(bit() == 0 ? "no" : "yes")\n" }.joined()
    try sandbox.write("x,answer\n" + rows, to: "noise.csv")
    let ending = try sandbox.run("init", "noise.csv")
    #expect(ending.code == 0)
    #expect(ending.diagnostics.contains("no better than chance"))
    #expect(try sandbox.run("train", "workflows/noise.yaml").code == 0)
    #expect(sandbox.served("noise") == nil)
  }
}
