import Basics
import Foundation
import Testing

/// How data on the command line is read: as options say, as the model's training data was, or as the data tells.
@Suite struct ReadingTests {
  /// Rows of a number of thousands, a number with a fraction and a class that goes with both.
  private static let rows = (0..<200).map { row -> (amount: Int, rate: Double, kind: String) in
    let amount = 1000 + row * 7919 % 9000
    let rate = Double(row * 37 % 100) / 8
    return (amount, rate, Double(amount) / 1000 + rate + Double(row % 5) > 12 ? "big" : "small")
  }

  private static func text(
    _ header: String?, delimiter: String = ",", decimal: String = ".", thousands: String = "", prefix: String = ""
  ) -> String {
    let lines = rows.map { row -> String in
      let amount = "\(row.amount / 1000)\(thousands)\(String(row.amount % 1000 + 1000).dropFirst())"
      let rate = "\(row.rate)".replacing(".", with: decimal)
      return [amount, rate, row.kind].joined(separator: delimiter)
    }
    return prefix + (header.map { [$0] } ?? []).joined() + (header == nil ? "" : "\n") + lines.joined(separator: "\n")
      + "\n"
  }

  private func train(_ sandbox: Sandbox, _ source: String, target: String, _ settings: String = "") throws {
    try sandbox.write(
      """
      workflow: sizes
      steps:
        data: { ingest: { source: \(source), target: \(target)\(settings) } }
        model: { train: { objective: logistic, penalty: { l2: 0.01 } } }
        scores: { evaluate: {} }
        release: { deploy: { model: sizes } }
      """, to: "workflows/sizes.yaml")
    let ending = try sandbox.run("train", "workflows/sizes.yaml")
    #expect(ending.code == 0, "\(ending.diagnostics)")
  }

  /// The probabilities of a model that was trained on the same rows in usual writing.
  private static let usual = Result {
    let sandbox = try Sandbox(examples: false)
    try sandbox.write(text("amount,rate,kind"), to: "data.csv")
    try ReadingTests().train(sandbox, "data.csv", target: "kind")
    return try sandbox.run("predict", "sizes", "data.csv").output
  }

  @Test(
    arguments: [
      ("german.csv", "amount;rate;kind", ";", ",", ".", "", ", thousands: \".\""),
      ("swiss.csv", "amount,rate,kind", ",", ".", "'", "", ", thousands: \"'\""),
      ("tabs.tsv", "amount\trate\tkind", "\t", ".", "", "", ""),
      ("notes.csv", "amount|rate|kind", "|", ",", "", "# made by hand\n", ""),
    ] as [(String, String, String, String, String, String, String)])
  func newDataIsReadAsTheTrainingDataWas(
    _ name: String, _ header: String, _ delimiter: String, _ decimal: String, _ thousands: String, _ prefix: String,
    _ settings: String
  ) throws {
    let sandbox = try Sandbox(examples: false)
    let text = Self.text(header, delimiter: delimiter, decimal: decimal, thousands: thousands, prefix: prefix)
    try sandbox.write(text, to: name)
    try train(sandbox, name, target: "kind", settings)
    let fromFile = try sandbox.run("predict", "sizes", name)
    #expect(fromFile.code == 0, "\(fromFile.diagnostics)")
    #expect(try fromFile.output == Self.usual.get())
    let fromInput = try sandbox.run("predict", "sizes", input: text)
    #expect(fromInput.output == fromFile.output, "\(fromInput.diagnostics)")
    let packed = Process()
    packed.executableURL = URL(filePath: "/usr/bin/env")
    packed.arguments = ["gzip", "-k", sandbox.folder + "/" + name]
    try packed.run()
    packed.waitUntilExit()
    #expect(try sandbox.run("predict", "sizes", name + ".gz").output == fromFile.output)
    // One row says nothing of its dialect, and is read as it was meant nevertheless.
    let lines = text.dropFirst(prefix.count).split(separator: "\n").map(String.init)
    let single = try sandbox.run("predict", "sizes", input: lines[0] + "\n" + lines[5] + "\n")
    #expect(single.output.split(separator: "\n").last == fromFile.output.split(separator: "\n").dropFirst(5).first)
    let explained = try sandbox.run("explain", "sizes", name, "--row", "5", "--format", "json")
    let parts = try explained.json()["outputs"]?.arrayValue?.first?["contributions"]?.arrayValue ?? []
    let amount = parts.first { $0["input"]?.stringValue == "amount" }
    #expect(amount?["value"]?.stringValue == String(Self.rows[4].amount), "\(explained.diagnostics)")
    let literal = try sandbox.run(
      "explain", "sizes", "--row", "{\"amount\": \(Self.rows[4].amount), \"rate\": \(Self.rows[4].rate)}", "--format",
      "json")
    #expect(try literal.json() == explained.json())
  }

  @Test func optionsGoBeforeWhatIsRemembered() throws {
    let sandbox = try Sandbox(examples: false)
    try sandbox.write(Self.text("amount;rate;kind", delimiter: ";", decimal: ",", thousands: "."), to: "data.csv")
    try sandbox.write(Self.text("amount,rate,kind"), to: "plain.csv")
    try sandbox.write(Self.text(nil), to: "bare.csv")
    try train(sandbox, "data.csv", target: "kind", ", thousands: \".\"")
    let plain = try sandbox.run(
      "predict", "sizes", "plain.csv", "--delimiter", ",", "--decimal", ".", "--thousands", "none")
    #expect(try plain.output == Self.usual.get(), "\(plain.diagnostics)")
    let refused = try sandbox.run("predict", "sizes", "plain.csv")
    #expect(refused.code == 65)
    #expect(refused.output.isEmpty)
    #expect(refused.diagnostics.contains("cells are taken to stand between ';'; --delimiter says otherwise"))
    let wrong = try sandbox.run("predict", "sizes", "plain.csv", "--delimiter", "comma", "--encoding", "latin1")
    #expect(wrong.code == 64)
    #expect(wrong.diagnostics.contains("'--delimiter' is \"comma\""))
    #expect(wrong.diagnostics.contains("did you mean 'latin-1'?"))
    #expect(try sandbox.run("predict", "sizes", "plain.csv", "--table", "t").code == 64)
    let facts = try sandbox.run("models", "show", "sizes", "--format", "json").json()["facts"]
    #expect(facts?["source"] == "decimal ,, delimiter ;, thousands .")
  }

  /// Groups of digits that the training data gave away, and a row of its own does not.
  @Test func whatTheTextToldIsRemembered() throws {
    let sandbox = try Sandbox(examples: false)
    let rows = Self.rows.map { row -> String in
      "\(row.amount / 1000).\(String(row.amount % 1000 + 1000).dropFirst())\(row.amount % 2 == 0 ? "" : ",5");\(row.kind)"
    }
    try sandbox.write("amount;kind\n" + rows.joined(separator: "\n") + "\n", to: "data.csv")
    try train(sandbox, "data.csv", target: "kind")
    let ending = try sandbox.run("explain", "sizes", "--format", "json", input: "amount\n8.654\n")
    let parts = try ending.json()["outputs"]?.arrayValue?.first?["contributions"]?.arrayValue
    #expect(parts?.first?["value"] == "8654", "\(ending.diagnostics)")
  }

  @Test func filesWithoutAHeaderAndInOtherEncodings() throws {
    let sandbox = try Sandbox(examples: false)
    try sandbox.write(Self.text(nil), to: "bare.csv")
    try train(sandbox, "bare.csv", target: "column_3", ", header: false")
    #expect(try sandbox.run("predict", "sizes", "bare.csv").output == Self.usual.get())
    // Latin-1: the class and the name of a column hold a letter that is another byte there.
    let latin = Self.text("beträge,rate,kind").replacing("small", with: "klein").replacing("big", with: "größer")
    let bytes = latin.unicodeScalars.map { UInt8($0.value) }
    try sandbox.write(bytes: bytes, to: "latin.csv")
    try train(sandbox, "latin.csv", target: "kind", ", encoding: latin-1")
    let ending = try sandbox.run("predict", "sizes", "latin.csv")
    #expect(ending.code == 0, "\(ending.diagnostics)")
    #expect(ending.output.hasPrefix("prediction,probability_größer,probability_klein\n"))
    // A byte order mark says more than memory does.
    var marked: [UInt8] = [0xFF, 0xFE]
    for unit in latin.utf16 { marked += [UInt8(truncatingIfNeeded: unit), UInt8(truncatingIfNeeded: unit >> 8)] }
    try sandbox.write(bytes: marked, to: "wide.csv")
    #expect(try sandbox.run("predict", "sizes", "wide.csv").output == ending.output)
  }

  private func makeDatabase(_ sandbox: Sandbox, _ statements: String) throws -> Bool {
    guard FileManager.default.isExecutableFile(atPath: "/usr/bin/sqlite3") else { return false }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/sqlite3")
    process.arguments = [sandbox.folder + "/shop.db", statements]
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus == 0
  }

  @Test func databasesAreProfiledDraftedAndScored() throws {
    let sandbox = try Sandbox(examples: false)
    let values = Self.rows.map { "(\($0.amount), \($0.rate), '\($0.kind)')" }.joined(separator: ", ")
    guard
      try makeDatabase(
        sandbox,
        "CREATE TABLE orders (amount, rate, kind); INSERT INTO orders VALUES \(values); CREATE TABLE other (a); INSERT INTO other VALUES (1);"
      )
    else { return }
    let several = try sandbox.run("profile", "shop.db")
    #expect(several.code == 65)
    #expect(several.diagnostics.contains("--table"))
    let profile = try sandbox.run("profile", "shop.db", "--table", "orders", "--format", "json").json()
    #expect(profile["rows"] == 200)
    let query = try sandbox.run(
      "profile", "shop.db", "--query", "SELECT kind FROM orders WHERE amount > 5000", "--format", "json")
    #expect(try query.json()["columns"]?.arrayValue?.count == 1)
    let drafted = try sandbox.run("init", "shop.db", "--table", "orders", "--target", "kind")
    #expect(drafted.code == 0, "\(drafted.diagnostics)")
    #expect(try sandbox.read("workflows/shop.yaml").contains("      table: \"orders\"\n"))
    #expect(try sandbox.run("train", "workflows/shop.yaml").code == 0)
    try train(sandbox, "shop.db", target: "kind", ", table: orders")
    let scored = try sandbox.run("predict", "sizes", "shop.db")
    #expect(try scored.output == Self.usual.get(), "\(scored.diagnostics)")
    let part = try sandbox.run("predict", "sizes", "shop.db", "--query", "SELECT * FROM orders LIMIT 3")
    #expect(part.output.split(separator: "\n").count == 4)
  }

  /// The address of a database is shown nowhere as long as a password may stand in it.
  @Test(
    arguments: [
      ["profile", "postgresql://u:hunter2@localhost/x"],
      ["profile", "postgres://u:hunter2@localhost/x", "--table", "t"],
      ["init", "postgresql://u:hunter2@localhost/x", "--table", "t"],
      ["profile", "postgresql://localhost/x?password=hunter2", "--query", "SELECT 1"],
      ["profile", "mysql://u:hunter2@localhost/x"], ["init", "mysql://u:hunter2@localhost/x"],
    ]) func passwordsAreNotShown(_ arguments: [String]) throws
  {
    let sandbox = try Sandbox(examples: false)
    let ending = try sandbox.run(arguments)
    #expect(ending.code == 64)
    #expect(!(ending.diagnostics + ending.output).contains("hunter2"), "\(ending.diagnostics)")
    #expect(!ending.diagnostics.contains("ingest"))
    if arguments[1].hasPrefix("postgres") { #expect(ending.diagnostics.contains("${secret:NAME}")) }
  }

  /// `profile`, `init` and `ingest` see the same in a file.
  /// What `init` was told of the data goes into the workflow, into the model and from there into predictions.
  @Test func spaceThatIsLeftOutIsLeftOutEverywhere() throws {
    let sandbox = try Sandbox(examples: false)
    let lines = (0..<120).map { row in
      "\(row * 37 % 100), \(["red", "green", "blue"][row % 3]) ,\(row * 37 % 100 + 20 * (row % 3) > 70 ? "yes" : "no")"
    }
    let text = "x,colour,y\n" + lines.joined(separator: "\n") + "\n"
    try sandbox.write(text, to: "d.csv")
    let begun = try sandbox.run("init", "d.csv", "--target", "y", "--trim")
    #expect(begun.code == 0, "\(begun.diagnostics)")
    #expect(try sandbox.read("workflows/d.yaml").contains("trim: true"))
    let trained = try sandbox.run("train", "workflows/d.yaml")
    #expect(trained.code == 0, "\(trained.output) \(trained.diagnostics)")
    let scored = try sandbox.run("predict", "d", "d.csv")
    #expect(scored.code == 0 && scored.diagnostics.isEmpty, "\(scored.diagnostics)")
    // The same without the spaces.
    try sandbox.write(text.replacing(", ", with: ",").replacing(" ,", with: ","), to: "e.csv")
    #expect(try sandbox.run("predict", "d", "e.csv").output == scored.output)
  }

  @Test func oneWayToTellTheDialect() throws {
    let sandbox = try Sandbox(examples: false)
    let rows = (0..<60).map { "\($0),\($0 * 7 % 13)" }.joined(separator: "\n")
    try sandbox.write("# made by; tool; v1\na,b\n" + rows + "\n", to: "data.csv")
    let profile = try sandbox.run("profile", "data.csv", "--format", "json").json()
    #expect(profile["columns"]?.arrayValue?.map { $0["name"]?.stringValue } == ["a", "b"])
    #expect(try sandbox.run("init", "data.csv").code == 0)
    let text = try sandbox.read("workflows/data.yaml")
    #expect(text.contains("      target: b\n"))
    #expect(text.contains("      comment: \"#\"\n"))
    #expect(!text.contains("delimiter"))
  }

  /// A workspace that cannot be written to is no reason not to look at a file.
  @Test func aFileNeedsNoWorkspace() throws {
    let sandbox = try Sandbox(examples: false)
    try sandbox.write("a\n1\n2\n", to: ".mlflowctl/store.lock/nobody.csv")
    try sandbox.write("a\n1\n2\n", to: "data.csv")
    let ending = try sandbox.run("profile", "data.csv")
    #expect(ending.code == 0, "\(ending.diagnostics)")
  }
}
