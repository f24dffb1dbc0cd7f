import Basics
import Foundation
import Testing

/// CSV files as they are found, through the built binary.
@Suite struct CSVSourceTests {
  private func run(_ sandbox: Sandbox, _ settings: String, gate: String = "r2 >= 0.5") throws -> Tool.Ending {
    try sandbox.write(
      """
      workflow: found
      seed: 3
      steps:
        data: { ingest: { \(settings) } }
        parts: { split: { test: 25% } }
        model: { train: { objective: linear, penalty: none } }
        scores: { evaluate: {} }
        bar: { gate: { require: ["\(gate)"] } }
      """, to: "workflows/found.yaml")
    return try sandbox.run("train", "workflows/found.yaml", "--format", "json")
  }

  private func report(_ run: Tool.Ending) throws -> JSON {
    try run.json()["steps"]?.arrayValue?.first?["report"] ?? [:]
  }

  private func types(_ run: Tool.Ending) throws -> [String] {
    try report(run)["columns"]?.arrayValue?.compactMap { $0["type"]?.stringValue } ?? []
  }

  @Test func dialectIsToldByTheText() throws {
    let sandbox = try Sandbox(examples: false)
    let rows = (0..<80).map { "\($0);\($0 / 7),\(10 + $0 % 50);\"A;\($0 % 3)\";\(3 * $0),5\n" }.joined()
    try sandbox.write("# exported\nid;x;kind;y\n" + rows, to: "datasets/found.csv")
    let run = try run(sandbox, "source: datasets/found.csv, target: y")
    #expect(run.code == 0, "\(run.diagnostics)")
    #expect(try types(run) == ["integer", "number", "category", "number"])
    #expect(run.diagnostics.contains("read with delimiter ';', comments '#', decimal ','"))
  }

  /// 300 MB in 300 KB: told within seconds, and never held whole.
  @Test(arguments: [
    ("bomb.csv", "a,b", "tr '\\0' ,", "bomb.csv.gz:2: error: the record that begins here has more than 64 MiB"),
    (
      "quoted.csv", "a,b\n1,\"", "tr '\\0' x",
      "quoted.csv.gz:2: error: the record that begins here has more than 64 MiB"
    ),
    ("header.csv", "", "tr '\\0' ,", "header.csv.gz:1: error: the record that begins here has more than 64 MiB"),
    ("blank.csv", "", "tr '\\0' '\\n'", "blank.csv.gz: error: the file begins with 64 MiB of blank lines"),
    (
      "bomb.jsonl", "{\"a\": 1}\n{\"a\": \"", "tr '\\0' x",
      "bomb.jsonl.gz:2: error: the line that begins here has more than 64 MiB"
    ),
  ])
  func bombsAreToldInBoundedTimeAndMemory(name: String, head: String, filter: String, message: String) throws {
    let sandbox = try Sandbox(examples: false)
    let make = Process()
    make.executableURL = URL(filePath: "/bin/sh")
    let start = head.isEmpty || head.contains("\"") ? head : head + "\n"
    make.arguments = [
      "-c", "{ printf '%s' \"$1\"; head -c 300000000 /dev/zero | \(filter); } | gzip -1 > \"$2\"", "sh", start,
      "\(sandbox.folder)/\(name).gz",
    ]
    try make.run()
    make.waitUntilExit()
    // Seconds of the processor, since others may have it; the address space is larger than what is ever touched.
    let ending = try Child(
      ["profile", name + ".gz"], in: sandbox.folder,
      through: ["sh", "-c", "ulimit -t 10; ulimit -v 1500000; exec \"$@\"", "sh"]
    ).wait()
    #expect(ending.code == 65, "\(ending.code) \(ending.diagnostics)")
    #expect(ending.diagnostics.contains(message), "\(ending.diagnostics)")
  }

  /// Finding the cell that made a column text takes as long as the cell, not its square.
  @Test func aLongCellIsReadInTheTimeOfItsLength() throws {
    let sandbox = try Sandbox(examples: false)
    try sandbox.write("a,b\n1,2\n2," + String(repeating: "x", count: 30 << 20) + "\n", to: "long.csv")
    let ending = try Child(
      ["profile", "long.csv"], in: sandbox.folder, through: ["sh", "-c", "ulimit -t 8; exec \"$@\"", "sh"]
    ).wait()
    #expect(ending.code == 0, "\(ending.code) \(ending.diagnostics)")
  }

  @Test func badRowsAreKeptApartCountedAndHeldByTheGate() throws {
    let sandbox = try Sandbox(examples: false)
    var rows = (0..<200).map { "\($0),\(2 * $0 + $0 % 3)\n" }
    rows[50] = "50,1,2\n"
    rows[120] = "oops,4\n"
    try sandbox.write("x,y\n" + rows.joined(), to: "datasets/found.csv")
    let settings = "source: datasets/found.csv, target: y, columns: { x: integer }"

    let failed = try run(sandbox, settings)
    #expect(failed.code == 3 || failed.code == 65)
    #expect(failed.diagnostics.contains("found.csv:52:1: error: row has 3 cells, expected 2 (1 row affected)"))
    #expect(failed.diagnostics.contains("found.csv:122:1: error: column 'x' holds text, expected an integer"))

    let tooMany = try run(sandbox, settings + ", bad_rows: quarantine")
    #expect(tooMany.code != 0)
    #expect(tooMany.diagnostics.contains("2 of 200 records cannot be rows, at most 0.1% may be left out"))

    let kept = try run(sandbox, settings + ", bad_rows: quarantine, max_bad: 2%", gate: "bad_rows <= 1%")
    #expect(kept.code == 0, "\(kept.diagnostics)")
    #expect(try report(kept)["rows"]?.intValue == 198)
    #expect(try report(kept)["bad_rows"]?.intValue == 2)
    let outputs = try kept.json()["steps"]?.arrayValue?.first?["outputs"]?.arrayValue ?? []
    let digest = try #require(outputs.first { $0["name"]?.stringValue == "bad_rows" }?["digest"]?.stringValue)
    let shown = try sandbox.read(".mlflowctl/objects/\(digest.prefix(2))/\(digest.dropFirst(2))")
    #expect(
      shown == """
        file,line,reason,column,record
        datasets/found.csv,52,3 cells where there should be 2,,"50,1,2"
        datasets/found.csv,122,text,x,"oops,4"

        """)

    let refused = try run(sandbox, settings + ", bad_rows: quarantine, max_bad: 2%", gate: "bad_rows <= 0.1%")
    #expect(refused.code == 1)
  }

  @Test func compressedAndRecodedFilesGiveTheSameTable() throws {
    let sandbox = try Sandbox(examples: false)
    let text = "name,y\n" + (0..<60).map { "Zoë \($0 % 4),\($0).5\n" }.joined()
    try sandbox.write(text, to: "datasets/plain.csv")
    try #require(text.data(using: .utf16LittleEndian)).withPrefix([0xFF, 0xFE]).write(
      to: URL(fileURLWithPath: sandbox.folder + "/datasets/utf16.csv"))
    try #require(text.data(using: .isoLatin1)).write(to: URL(fileURLWithPath: sandbox.folder + "/datasets/latin.csv"))
    let plain = try run(sandbox, "source: datasets/plain.csv, target: y", gate: "r2 >= -9")
    #expect(plain.code == 0, "\(plain.diagnostics)")
    let table = try plain.json()["steps"]?.arrayValue?.first?["outputs"]
    let recoded = try run(sandbox, "source: datasets/utf16.csv, target: y")
    #expect(try recoded.json()["steps"]?.arrayValue?.first?["outputs"] == table)
    let latin = try run(sandbox, "source: datasets/latin.csv, target: y, encoding: latin-1")
    #expect(try latin.json()["steps"]?.arrayValue?.first?["outputs"] == table)
    let unsaid = try run(sandbox, "source: datasets/latin.csv, target: y")
    #expect(unsaid.diagnostics.contains("latin.csv:2:3: error: the text is not UTF-8"))
  }
}

extension Data {
  fileprivate func withPrefix(_ bytes: [UInt8]) -> Data { Data(bytes) + self }
}
