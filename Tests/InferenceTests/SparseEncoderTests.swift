import Basics
import Tabular
import Testing

@testable import Inference

@Suite struct SparseEncoderTests {
  /// FNV-1a and the finaliser of MurmurHash3 in ten lines of Python: the values are part of the model format.
  @Test(arguments: [
    ("", 0xefd0_1f60_ba99_2926, 936, 245568, 1.0), ("a", 0x82a2_a958_a9be_ce5b, 510, 133770, -1),
    ("hello", 0xe9c5_62c0_fdb2_3244, 913, 239381, 1), ("hello world", 0x7c6d_8c01_9b6e_e5d5, 486, 127414, -1),
    ("größe", 0x2eb8_95f5_6869_eaa1, 182, 47842, -1), ("日本", 0x1230_c550_89fe_4e43, 71, 18627, -1),
  ])
  func hashesAreGolden(text: String, hash: UInt64, ofThousand: Int32, ofMany: Int32, sign: Double) {
    let value = TextHash.value(of: text.utf8)
    #expect(value == hash)
    #expect(TextHash.bucket(value, of: 1000) == ofThousand)
    #expect(TextHash.bucket(value, of: 1 << 18) == ofMany)
    #expect(TextHash.sign(value) == sign)
  }

  private func words(_ text: String, lowercase: Bool = true) -> [String] {
    var scanner = WordScanner(lowercase: lowercase)
    scanner.scan(text.utf8)
    return scanner.ends.indices.map {
      String(decoding: scanner.bytes[($0 == 0 ? 0 : scanner.ends[$0 - 1])..<scanner.ends[$0]], as: UTF8.self)
    }
  }

  @Test func textIsCutIntoWords() {
    #expect(words("  The cat's 2nd_hat, (really)!") == ["the", "cat", "s", "2nd_hat", "really"])
    #expect(words("ÄRGER Ώ ΣΟΦΟΣ ЖЁЛТЫЙ ×") == ["ärger", "Ώ", "σοφοσ", "жёлтый", "×"])
    #expect(words("Größe ÀÞß", lowercase: false) == ["Größe", "ÀÞß"])
    #expect(words("...").isEmpty && words("").isEmpty)
  }

  private func settings(_ json: JSON) throws -> EncoderSettings { try EncoderSettings(json: json) }

  /// Rows as dictionaries of name and value.
  private func rows(_ encoder: Encoder, _ table: Table, _ selection: RowSelection = .all) throws -> [[String: Double]] {
    var out = SparseEncoding()
    try encoder.bind(to: table).encodeSparse(selection, 0..<selection.count(of: table.rowCount), into: &out)
    return (0..<out.rowCount).map { row in
      var entries: [String: Double] = [:]
      for entry in out.starts[row]..<out.starts[row + 1] {
        entries[encoder.outputNames[Int(out.columns[entry])]] = out.values[entry]
      }
      return entries
    }
  }

  private let table = Table(columns: [
    ColumnData("n", .numbers([1, 3, nil, 5])), ColumnData("c", .categories(["u", "v", nil, "u"])),
    ColumnData("t", .texts(["hello hello world", "Hello", nil, "!"])),
  ])

  private func fitted(_ json: JSON) throws -> Encoder {
    try Encoder.fit(
      table, features: table.schema.names, rows: .all, settings: settings(json), dropsLevel: false
    ).encoder
  }

  @Test func bagsOfWordsHoldCountsOfUnitNorm() throws {
    let encoder = try fitted(["only": ["t"], "text": ["encode": "hash", "buckets": 1000, "ngrams": 2]])
    #expect(encoder.isSparse && encoder.columnCount == 1000)
    func name(_ text: String) -> String { "t#\(TextHash.bucket(TextHash.value(of: text.utf8), of: 1000))" }
    let root = 7.0.squareRoot()
    let found = try rows(encoder, table)
    // hello twice, world, and the runs `hello hello` and `hello world`.
    #expect(
      found[0] == [
        name("hello"): 2 / root, name("world"): 1 / root, name("hello hello"): 1 / root, name("hello world"): 1 / root,
      ])
    #expect(found[1] == [name("hello"): 1])
    #expect(found[2].isEmpty && found[3].isEmpty)
    let plain = try fitted([
      "only": ["t"],
      "text": ["encode": "hash", "buckets": 1000, "normalise": false, "signed": true, "lowercase": false],
    ])
    #expect(
      try rows(plain, table)[0] == [name("hello"): 2, name("world"): TextHash.sign(TextHash.value(of: "world".utf8))])
    #expect(try rows(plain, table)[1] == [name("Hello"): TextHash.sign(TextHash.value(of: "Hello".utf8))])
    let binary = try fitted(["only": ["t"], "text": ["encode": "hash", "buckets": 1000, "term": "binary"]])
    #expect(try rows(binary, table)[0] == [name("hello"): 1 / 2.0.squareRoot(), name("world"): 1 / 2.0.squareRoot()])
  }

  @Test func numbersBesideHashedColumnsAreScaledNotCentred() throws {
    let encoder = try fitted(["drop": ["t"], "categorical": ["encode": "hash", "buckets": 50], "indicators": true])
    #expect(encoder.isSparse)
    // Median 3 stands in: 1, 3, 3, 5 with deviation √2.
    let root = 2.0.squareRoot()
    func name(_ level: String) -> String { "c#\(TextHash.bucket(TextHash.value(of: level.utf8), of: 50))" }
    let found = try rows(encoder, table)
    #expect(found[0] == ["n": 1 / root, name("u"): 1])
    #expect(found[2] == ["n": 3 * (1 / root), "n.missing": 1])
    #expect(found[3][name("u")] == 1)
  }

  @Test func manyLevelsAreSparseByThemselves() throws {
    let levels = (0..<1500).map { "level \($0)" }
    let table = Table(columns: [
      ColumnData("c", .categories(levels)), ColumnData("n", .numbers((0..<1500).map { Double($0) })),
    ])
    let (encoder, _) = try Encoder.fit(
      table, features: ["c", "n"], rows: .all, settings: EncoderSettings(), dropsLevel: false)
    #expect(encoder.isSparse && encoder.columnCount == 1501)
    let found = try rows(encoder, table, .rows([3, 700]))
    #expect(found[0].count == 2 && found[0]["c=level 3"] == 1)
    #expect(found[1]["c=level 700"] == 1 && found[1]["n"] ?? 0 > 0)
    let few = try EncoderSettings(json: ["categorical": ["max_levels": 10]])
    #expect(
      !(try Encoder.fit(table, features: ["c", "n"], rows: .all, settings: few, dropsLevel: false).encoder.isSparse))
  }

  @Test func sparseColumnsHaveTheIndicesOfTraining() throws {
    typealias Entry = ColumnData.SparseEntry
    let table = Table(columns: [
      ColumnData("s", .sparse([[Entry(2, 1), Entry(9, 4)], [], [Entry(5, 0), Entry(2_000_000_000, 3)]]))
    ])
    let (encoder, _) = try Encoder.fit(
      table, features: ["s"], rows: .all, settings: EncoderSettings(), dropsLevel: false)
    #expect(encoder.outputNames == ["s:2", "s:9", "s:2000000000"])
    let other = Table(columns: [ColumnData("s", .sparse([[Entry(1, 7), Entry(2, 8), Entry(100, 9)]]))])
    #expect(try rows(encoder, other) == [["s:2": 8]])
    let near = try Encoder.fit(
      table, features: ["s"], rows: .rows([0, 1]), settings: EncoderSettings(), dropsLevel: false
    ).encoder
    #expect(try rows(near, table) == [["s:2": 1, "s:9": 4], [:], [:]])
    #expect(throws: InferenceError.self) {
      try encoder.bind(to: Table(columns: [ColumnData("s", .numbers([1]))]))
    }
  }

  @Test func oneRowIsTheSameRowInABatchAndAfterTheFile() throws {
    var generator = TestGenerator(seed: 9)
    let pieces = ["one", "two", "Three", "vier", "fünf", "…"]
    let count = 3000
    let table = Table(columns: [
      ColumnData(
        "t",
        .texts(
          (0..<count).map { _ in
            (0..<Int.random(in: 0...9, using: &generator)).map { _ in pieces.randomElement(using: &generator) ?? "" }
              .joined(separator: " ")
          })),
      ColumnData("n", .numbers((0..<count).map { $0 % 5 == 0 ? nil : Double.random(in: 0...9, using: &generator) })),
      ColumnData("c", .categories((0..<count).map { _ in pieces.randomElement(using: &generator) })),
      ColumnData("y", .booleans((0..<count).map { _ in Bool.random(using: &generator) })),
    ])
    let encoder = try Encoder.fit(
      table, features: ["t", "n", "c"], rows: .rows(Array(stride(from: 0, to: count, by: 3))),
      settings: settings(["text": ["encode": "hash", "buckets": 64], "categorical": ["encode": "hash", "buckets": 8]]),
      dropsLevel: false
    ).encoder
    let weights = (0..<encoder.columnCount).map { _ in Double.random(in: -1...1, using: &generator) }
    let model = Model(
      objective: .logistic, target: Target(name: "y", type: .boolean, classes: ["false", "true"], positive: 1),
      encoder: encoder, coefficients: weights, intercepts: [0.3], l2: 1,
      training: Model.Training(
        rows: count, objectiveValue: 0, gradientNorm: 0, iterations: 1, converged: true, solver: "none", seed: 0))
    let read = try Encoder(json: JSON(parsing: String(decoding: encoder.json.canonicalBytes, as: UTF8.self)), path: "m")
    #expect(read == encoder)
    let batch = try Scorer(model).score(table)
    for row in [0, 1, 1023, 1024, 2999] {
      let single = try Scorer(model).score(table, rows: row..<row + 1)
      #expect(single.probability(0, 1).bitPattern == batch.probability(row, 1).bitPattern)
    }
    let few = [5, 6, 900, 2500]
    let picked = try Scorer(model).score(table, rows: .rows(few))
    for (at, row) in few.enumerated() { #expect(picked.probability(at, 1) == batch.probability(row, 1)) }
  }

  @Test func badSettingsAreNamed() {
    #expect(throws: InferenceError.badSetting("features.text.buckets", expected: "an integer from 2 to 16777216")) {
      try settings(["text": ["encode": "hash", "buckets": 1]])
    }
    #expect(throws: InferenceError.badSetting("features.text.encode", expected: "one of none, hash")) {
      try settings(["text": ["encode": "tfidf"]])
    }
  }
}

/// SplitMix64, so that a failing case can be made again from its seed.
private struct TestGenerator: RandomNumberGenerator {
  var state: UInt64
  init(seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
