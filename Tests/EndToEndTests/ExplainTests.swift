import Basics
import Foundation
import Testing

@Suite struct ExplainTests {
  private func trained() throws -> Sandbox {
    let sandbox = try Sandbox()
    let ending = try sandbox.run("train", "workflows/penguins.yaml")
    #expect(ending.code == 0, "\(ending.diagnostics)")
    return sandbox
  }

  private let file = "datasets/penguins/penguins.csv"

  @Test(arguments: ["mean", "zero"]) func contributionsAddUpToThePrediction(_ against: String) throws {
    let sandbox = try trained()
    let predicted = try sandbox.run("predict", "penguins", file, "--format", "json").output.split(separator: "\n")
    for row in [1, 150, 344] {
      let ending = try sandbox.run(
        "explain", "penguins", file, "--row", String(row), "--against", against, "--format", "json")
      #expect(ending.code == 0, "\(ending.diagnostics)")
      let answer = try ending.json()
      let prediction = try JSON(parsing: String(predicted[row - 1]))
      #expect(answer["prediction"] == prediction["prediction"])
      let order = (answer["order"]?.arrayValue ?? []).compactMap(\.stringValue)
      for output in answer["outputs"]?.arrayValue ?? [] {
        var sum = output["start"]?.doubleValue ?? .nan
        let parts = output["contributions"]?.arrayValue ?? []
        #expect(parts.count == order.count)
        for name in order {
          sum += parts.first { $0["feature"]?.stringValue == name }?["contribution"]?.doubleValue ?? .nan
        }
        sum += output["rounding"]?.doubleValue ?? .nan
        #expect(sum == output["score"]?.doubleValue)
        let name = output["class"]?.stringValue ?? ""
        #expect(output["probability"]?.doubleValue == prediction["probability_\(name)"]?.doubleValue)
      }
    }
  }

  @Test func aRowComesFromAFileFromInputOrFromTheCommandLine() throws {
    let sandbox = try trained()
    let lines = try sandbox.read(file).split(separator: "\n").map(String.init)
    let fromFile = try sandbox.run("explain", "penguins", file, "--row", "2")
    let fromInput = try sandbox.run("explain", "penguins", input: lines[0] + "\n" + lines[2] + "\n")
    #expect(fromFile.output == fromInput.output)
    let names = lines[0].split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    let cells = lines[2].split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    let members = zip(names, cells).filter { !["species", "year"].contains($0.0) }
      .map { "\"\($0.0)\": \(Double($0.1) == nil ? "\"\($0.1)\"" : $0.1)" }
    let literal = try sandbox.run("explain", "penguins", "--row", "{" + members.joined(separator: ", ") + "}")
    #expect(literal.output == fromFile.output, "\(literal.diagnostics)")
    #expect(fromFile.output.contains("probability of '"))
  }

  @Test func aClassIsChosen() throws {
    let sandbox = try trained()
    let ending = try sandbox.run("explain", "penguins", file, "--class", "Gentoo")
    #expect(ending.output.contains("probability of 'Gentoo'"))
    let wrong = try sandbox.run("explain", "penguins", file, "--class", "Gento")
    #expect(wrong.code == 64)
    #expect(wrong.diagnostics.contains("did you mean 'Gentoo'?"))
  }

  @Test func whatIsNoRowIsRefused() throws {
    let sandbox = try trained()
    for (row, code, words) in [
      ("0", 64, "expected a number from 1 or a JSON object"), ("345", 65, "has 344"), ("{\"a\": ", 64, "is not JSON"),
      ("{\"islnd\": \"Dream\"}", 65, "did you mean 'island'?"),
    ] as [(String, Int32, String)] {
      let ending = try sandbox.run(["explain", "penguins"] + (row.first == "{" ? [] : [file]) + ["--row", row])
      #expect(ending.code == code)
      #expect(ending.diagnostics.contains(words), "\(ending.diagnostics)")
      #expect(ending.output.isEmpty)
    }
  }
}
