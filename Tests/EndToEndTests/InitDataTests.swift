import Basics
import Foundation
import Testing

/// What `init` makes of small files that are like real ones, awkward ones too.
@Suite struct InitDataTests {
  /// A fixed stream of numbers in [0, 1).
  private struct Stream {
    var state: UInt64

    mutating func next() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 11) * 0x1p-53
    }
  }

  private struct Case: CustomTestStringConvertible, Sendable {
    var name: String
    var header: String
    /// What the workflow must hold.
    var holds: [String]
    var row: @Sendable (Int, inout Stream) -> String
    var testDescription: String { name }
  }

  private static let cases = [
    Case(
      name: "churn", header: "customer_id,months,plan,churned",
      holds: ["objective: logistic", "drop: [customer_id]", "stratify: churned"]
    ) {
      let months = Int($1.next() * 60)
      let stays = $1.next() < Double(months) / 70
      return "\(1000 + $0),\(months),\(["free", "pro", "team"][$0 % 3]),\(stays ? "no" : "yes")"
    },
    // An index that was written with the data, under no name.
    Case(name: "indexed", header: ",months,churned", holds: ["drop: [column_1]", "# They say which row it is"]) {
      let months = Int($1.next() * 60)
      return "\($0),\(months),\($1.next() < Double(months) / 70 ? "no" : "yes")"
    },
    Case(name: "visits", header: "age,clinic,visits", holds: ["objective: poisson", "d2 >= ", "The target is a count"])
    {
      let age = 20 + Int($1.next() * 60)
      let expected = Double(age) * Double(age) / 500
      var count = -1
      var product = 1.0
      repeat {
        product *= $1.next()
        count += 1
      } while product > Foundation.exp(-expected)
      return "\(age),\(["north", "south"][$0 % 2]),\(count)"
    },
    Case(
      name: "sales", header: "day,weekday,price",
      holds: ["objective: linear", "time: day", "the future is what the model"]
    ) {
      let day = $0 % 28 + 1
      return
        "20\(10 + $0 / 336)-\($0 / 28 % 12 < 9 ? "0" : "")\($0 / 28 % 12 + 1)-\(day < 10 ? "0" : "")\(day),\($0 % 7),\(50 + Double($0 % 7) * 3 + $1.next())"
    },
    Case(
      name: "loans", header: "income,grade,recovered_amount,default",
      holds: ["drop: [recovered_amount]", "alone tells the target", "objective: logistic"]
    ) {
      let income = 1000 + Int($1.next() * 5000)
      let fails = $1.next() > Double(income) / 6000
      return "\(income),\(["A", "B", "C"][$0 % 3]),\(fails ? 500 : 0),\(fails ? "yes" : "no")"
    },
    Case(
      name: "wide", header: (0..<300).map { "x\($0)" }.joined(separator: ",") + ",label",
      holds: ["objective: multinomial"]
    ) {
      let kind = $0 % 3
      var cells: [String] = []
      for column in 0..<300 { cells.append("\(Double((kind * (column + 1)) % 5) + $1.next())") }
      return cells.joined(separator: ",") + ",k\(kind)"
    },
    Case(name: "gaps", header: "a,b,empty,outcome", holds: ["missing: [NA]", "objective: "]) {
      let a = $1.next()
      return "\($0 % 9 == 0 ? "NA" : "\(a)"),\(["p", "q", "NA"][$0 % 3]),,\(a > 0.5 ? "high" : "low")"
    },
    Case(name: "constant", header: "same,useful,score", holds: ["objective: linear", "target: score"]) {
      let useful = $1.next() * 10
      return "7,\(useful),\(useful * useful + $1.next() * 3)"
    },
    Case(name: "notes", header: "ticket,text,size,kind", holds: ["target: kind"]) { row, stream in
      let size = stream.next()
      return "T\(row),free words number \(row) and more,\(size),\(size > 0.4 ? "bug" : "wish")"
    },
  ]

  @Test(arguments: cases.indices)
  func whatInitWritesPassesCheckAndTrains(_ index: Int) throws {
    let example = Self.cases[index]
    let sandbox = try Sandbox(examples: false)
    var stream = Stream(state: UInt64(index) + 11)
    let rows = (0..<400).map { example.row($0, &stream) }
    try sandbox.write(([example.header] + rows).joined(separator: "\n") + "\n", to: "datasets/\(example.name).csv")
    let ending = try sandbox.run("init", "datasets/\(example.name).csv")
    #expect(ending.code == 0, "\(example.name): \(ending.diagnostics)")
    let text = try sandbox.read("workflows/\(example.name).yaml")
    for part in example.holds { #expect(text.contains(part), "\(example.name) lacks '\(part)' in\n\(text)") }
    let checked = try sandbox.run("check", "workflows/\(example.name).yaml")
    #expect(checked.code == 0, "\(example.name): \(checked.diagnostics)")
    let trained = try sandbox.run("train", "workflows/\(example.name).yaml")
    #expect(trained.code == 0, "\(example.name): \(trained.diagnostics)\n\(text)")
  }

  @Test(arguments: [
    ("one", "a,b\n1,2\n"), ("texts", "a,b\n" + (0..<60).map { "long text \($0),other \($0)\n" }.joined()),
    ("same", "a,b\n" + String(repeating: "1,1\n", count: 50)), ("empty", "a,b\n" + String(repeating: ",\n", count: 50)),
  ])
  func filesWithNothingToTellAreRefused(_ name: String, _ text: String) throws {
    let sandbox = try Sandbox(examples: false)
    try sandbox.write(text, to: "\(name).csv")
    let ending = try sandbox.run("init", "\(name).csv")
    #expect([64, 65].contains(ending.code), "\(ending.diagnostics)")
    #expect(!ending.diagnostics.isEmpty)
    #expect(!sandbox.exists("workflows/\(name).yaml"))
  }

  @Test func otherFormatsAreReadToo() throws {
    let sandbox = try Sandbox(examples: false)
    let lines = (0..<200).map {
      #"{"x": \#($0 * 37 % 100), "size": {"cm": \#($0 % 11)}, "label": "\#($0 * 37 % 100 > 50 ? "up" : "down")"}"#
    }
    try sandbox.write(lines.joined(separator: "\n") + "\n", to: "data.jsonl")
    let ending = try sandbox.run("init", "data.jsonl")
    #expect(ending.code == 0, "\(ending.diagnostics)")
    let trained = try sandbox.run("train", "workflows/data.yaml")
    #expect(trained.code == 0, "\(trained.diagnostics)")
    let profile = try sandbox.run("profile", "data.jsonl", "--format", "json").json()
    #expect(profile["rows"]?.intValue == 200)
    #expect(profile["columns"]?.arrayValue?.map { $0["name"]?.stringValue } == ["x", "size.cm", "label"])
  }
}

/// What `init` makes of data that is easily misjudged.
@Suite struct InitJudgementTests {
  private func draft(_ header: String, _ arguments: [String] = [], rows: Int = 800, _ row: (Int) -> String) throws -> (
    Sandbox, Tool.Ending, String
  ) {
    let sandbox = try Sandbox(examples: false)
    try sandbox.write(header + "\n" + (0..<rows).map(row).joined(separator: "\n") + "\n", to: "data.csv")
    let ending = try sandbox.run(["init", "data.csv"] + arguments)
    let text = ending.code == 0 ? try sandbox.read("workflows/data.yaml") : ""
    return (sandbox, ending, text)
  }

  /// The gate is never one that the first fit itself does not pass, and asks for something that means something.
  @Test(arguments: [6, 20, 60]) func rareClasses(_ positives: Int) throws {
    let step = 800 / positives
    let (sandbox, ending, text) = try draft("a,b,fraud") {
      let isFraud = $0 % step == 7 % step
      return "\(Double($0 * 31 % 97) + (isFraud ? 40 : 0)),\($0 * 17 % 89),\(isFraud ? "yes" : "no")"
    }
    #expect(ending.code == 0, "\(ending.diagnostics)")
    #expect(text.contains("target: fraud"))
    #expect(!text.contains("- accuracy"))
    if text.contains("  bar:") { #expect(text.contains("- auc >= ") || text.contains("- log_loss")) }
    let trained = try sandbox.run("train", "workflows/data.yaml")
    #expect(trained.code == 0, "\(text)\n\(trained.diagnostics)")
  }

  @Test func presenceThatTellsTheTargetIsLeftOut() throws {
    let (sandbox, _, text) = try draft("months,cancel_reason,churned") {
      let churns = $0 * 7 % 10 < 3
      return "\($0 % 60),\(churns ? "price" : ""),\(churns ? "yes" : "no")"
    }
    #expect(text.contains("drop: [cancel_reason]"))
    #expect(text.contains("# cancel_reason alone tells the target by being there or missing"))
    #expect(try sandbox.run("check", "workflows/data.yaml").code == 0)
  }

  @Test func textAloneIsLearnedFrom() throws {
    let words = [["broken", "crash", "error"], ["please", "add", "wish"]]
    let (sandbox, ending, text) = try draft("text,kind", rows: 400) {
      "the \(words[$0 % 2][$0 / 2 % 3]) of thing number \($0 * 13 % 400) today,\(["bug", "idea"][$0 % 2])"
    }
    #expect(ending.code == 0, "\(ending.diagnostics)")
    #expect(text.contains("text: { encode: hash, buckets: 4096 }"))
    #expect(text.contains("- accuracy >= 0.9"), "\(text)")
    let trained = try sandbox.run("train", "workflows/data.yaml")
    #expect(trained.code == 0, "\(trained.diagnostics)")
  }

  @Test func rowsOfOnePatientStayTogether() throws {
    let (sandbox, _, text) = try draft("patient_id,x,result") {
      "\(1000 + $0 / 10),\($0 * 37 % 101),\($0 * 37 % 101 + $0 % 7 > 50 ? "ill" : "well")"
    }
    #expect(text.contains("      group: patient_id\n"))
    #expect(text.contains("drop: [patient_id]"))
    #expect(text.contains("tune: { by: { group: patient_id } }"))
    let trained = try sandbox.run("train", "workflows/data.yaml")
    #expect(trained.code == 0, "\(trained.diagnostics)")
  }

  /// A column that tells everything and is the only one is used, but not in silence.
  @Test func theOnlyColumnMayBeALeak() throws {
    let (sandbox, ending, text) = try draft("twice,price") { "\(2 * ($0 * 37 % 101)),\($0 * 37 % 101).5" }
    #expect(ending.diagnostics.contains("'twice' alone tells the target 'price'"))
    #expect(text.contains("# Look at twice before you rely on this: it alone tells the target."))
    #expect(text.contains("# twice alone tells the target (a correlation of 1)"))
    #expect(text.contains("# No rule about 'leakage'"))
    #expect(try sandbox.run("train", "workflows/data.yaml").code == 0)
    #expect(sandbox.served("data") != nil)
  }

  @Test func aTargetThatNeverDiffersIsNamed() throws {
    let (sandbox, ending, _) = try draft("a,fraud,b") { "\($0),no,\($0 % 3)" }
    #expect(ending.code == 64)
    #expect(ending.diagnostics.contains("column 'fraud', which is named like a target, is the same in every row"))
    #expect(try sandbox.run("init", "data.csv", "--target", "b").code == 0)
  }

  @Test func oneOfManyWritesTheWorkflow() throws {
    let sandbox = try Sandbox(examples: false)
    try sandbox.write("a,y\n" + (0..<60).map { "\($0 % 7),\($0 % 7 * 3 + $0 % 2)\n" }.joined(), to: "data.csv")
    let all = try (0..<4).map { _ in try sandbox.start("init", "data.csv", "--name", "race") }
    let codes = try all.map { try $0.wait().code }
    #expect(codes.sorted() == [0, 64, 64, 64])
  }
}
