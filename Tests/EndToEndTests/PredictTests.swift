import Basics
import Foundation
import Testing

@Suite struct PredictTests {
  private func trained() throws -> Sandbox {
    let sandbox = try Sandbox()
    let ending = try sandbox.run("train", "workflows/penguins.yaml")
    #expect(ending.code == 0, "\(ending.diagnostics)")
    return sandbox
  }

  @Test func fileAndStandardInputGiveTheSameAnswer() throws {
    let sandbox = try trained()
    let text = try sandbox.read("datasets/penguins/penguins.csv")
    let fromFile = try sandbox.run("predict", "penguins", "datasets/penguins/penguins.csv")
    let fromInput = try sandbox.run("predict", "penguins", input: text)
    #expect(fromFile.code == 0, "\(fromFile.diagnostics)")
    #expect(fromFile.output == fromInput.output)
    let lines = fromFile.output.split(separator: "\n")
    #expect(lines.first == "prediction,probability_Adelie,probability_Chinstrap,probability_Gentoo")
    #expect(lines.count == text.split(separator: "\n").count)
  }

  @Test func oneRowIsTheSameRowInABatch() throws {
    let sandbox = try trained()
    let rows = try sandbox.read("datasets/penguins/penguins.csv").split(separator: "\n").map(String.init)
    let batch = try sandbox.run("predict", "penguins", input: rows.joined(separator: "\n") + "\n").output
      .split(separator: "\n").map(String.init)
    for index in [1, 100, 300] {
      let single = try sandbox.run("predict", "penguins", input: rows[0] + "\n" + rows[index] + "\n").output
        .split(separator: "\n").map(String.init)
      #expect(single.last == batch[index])
    }
  }

  @Test func unknownLevelsAndMissingValuesAreHandledAsTrained() throws {
    let sandbox = try trained()
    let header = "island,bill_length_mm,bill_depth_mm,flipper_length_mm,body_mass_g,sex\n"
    let ending = try sandbox.run("predict", "penguins", input: header + "Atlantis,39.1,18.7,181,3750,male\n,,,,,\n")
    #expect(ending.code == 0, "\(ending.diagnostics)")
    #expect(ending.output.split(separator: "\n").count == 3)
  }

  @Test func aDamagedServedModelIsRefused() throws {
    let sandbox = try trained()
    let path = sandbox.folder + "/models/penguins/production/weights.safetensors"
    var bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
    bytes[300] ^= 1
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
    try Foundation.FileHandle(forWritingTo: URL(filePath: path)).write(contentsOf: Data(bytes))
    let ending = try sandbox.run("predict", "penguins", "datasets/penguins/penguins.csv")
    #expect(ending.code == 1)
    #expect(ending.output.isEmpty)
    #expect(ending.diagnostics.contains("damaged"))
  }

  @Test func aMissingColumnIsNamed() throws {
    let sandbox = try trained()
    let ending = try sandbox.run(
      "predict", "penguins",
      input: "island,bill_lenght_mm,bill_depth_mm,flipper_length_mm,body_mass_g,sex\nDream,39,18,181,3750,male\n")
    #expect(ending.code == 65)
    #expect(ending.diagnostics.contains("'bill_length_mm'"))
    #expect(ending.diagnostics.contains("bill_lenght_mm"))
    #expect(ending.output.isEmpty)
  }

  @Test func aMistypedCellIsNamedWithItsPlace() throws {
    let sandbox = try trained()
    let header = "island,bill_length_mm,bill_depth_mm,flipper_length_mm,body_mass_g,sex\n"
    let ending = try sandbox.run(
      "predict", "penguins", input: header + "Dream,39,18,181,3750,male\nDream,long,18,181,3750,male\n")
    #expect(ending.code == 65)
    #expect(ending.diagnostics.contains("'bill_length_mm'"))
    #expect(ending.diagnostics.contains(":3:"))
  }

  @Test func keptColumnsStandBesideThePrediction() throws {
    let sandbox = try trained()
    let ending = try sandbox.run(
      "predict", "penguins", "datasets/penguins/penguins.csv", "--keep", "species,island", "--format", "json")
    #expect(ending.code == 0, "\(ending.diagnostics)")
    let first = try JSON(parsing: String(ending.output.split(separator: "\n")[0]))
    #expect(first["species"]?.stringValue == "Adelie")
    #expect(first["prediction"]?.stringValue != nil)
    #expect(first["probability_Adelie"]?.doubleValue != nil)
  }

  @Test func aClosedPipeIsNoCrash() throws {
    let sandbox = try trained()
    let rows = try sandbox.read("datasets/penguins/penguins.csv").split(separator: "\n").map(String.init)
    let many =
      rows[0] + "\n" + Array(repeating: rows[1...].joined(separator: "\n"), count: 50).joined(separator: "\n") + "\n"
    try sandbox.write(many, to: "many.csv")
    let shell = Process()
    shell.executableURL = URL(filePath: "/bin/sh")
    shell.arguments = [
      "-c", "'\(Tool.binary)' -C '\(sandbox.folder)' predict penguins '\(sandbox.folder)/many.csv' | head -1",
    ]
    shell.currentDirectoryURL = URL(filePath: sandbox.folder)
    shell.standardOutput = Foundation.FileHandle.nullDevice
    try shell.run()
    shell.waitUntilExit()
    #expect(shell.terminationStatus == 0)
  }
}
